"""The audit trail: written in the transaction of the act, read back with names, sealed by triggers."""
