"""Booking, moving and cancelling, and what a family may choose from."""
