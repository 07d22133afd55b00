"""The end of a school year: groups go up, children leave and come back."""
