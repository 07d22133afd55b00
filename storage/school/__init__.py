"""The school as a whole: its round of talks at a glance, its calendar feeds."""
