"""A list of students: rows checked, matched with the school's own, compared, applied."""
