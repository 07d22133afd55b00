"""In and out of the desk, and what belongs to oneself there."""
