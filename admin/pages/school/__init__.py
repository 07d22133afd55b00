"""The school itself: staff, audit trail, privacy, calendar feeds."""
