"""What people take along: lists as Excel and CSV, pages of paper as PDF."""
