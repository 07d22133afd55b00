"""The school's desk on the web, and the operator's commands."""
