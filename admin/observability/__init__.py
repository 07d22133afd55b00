"""What the operator sees of it: logs without personal data, health, metrics."""
