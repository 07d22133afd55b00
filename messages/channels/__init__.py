"""How a notice gets there: one drawer for each channel. A channel knows no database and no notice."""
