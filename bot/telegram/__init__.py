"""Telegram in and the answers to it, through aiogram. Importing this package alone loads none of it."""
