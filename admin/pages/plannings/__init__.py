"""Conferences and plannings: made, imported, timed, published; talks; inviting parents."""
