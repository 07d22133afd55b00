"""How long things are kept, and how they are erased, given out and backed up."""
