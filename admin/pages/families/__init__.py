"""Families: list, changes, secrets, letters, the file that a parent may ask for."""
