"""The parts of an installation, which one process serves together or several beside each other. Imports nothing."""

PARTS = ("web", "bot", "messages")
