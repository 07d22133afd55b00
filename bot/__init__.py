"""The conversation: screens as plain functions, Telegram and the browser as two ways in. Decides no booking."""
