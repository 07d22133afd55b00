"""Plannings as the desk sees them: lists, one board, an evening side by side. Only reads."""
