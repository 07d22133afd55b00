"""A list of plannings: rows checked, laid beside what the school has, applied."""
