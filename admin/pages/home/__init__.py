"""The first page: the round of talks in steps; the search field; lists to take along."""
