"""Students: list, import, leavers, erasure, the new school year."""
