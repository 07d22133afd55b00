"""Students and the families they belong to: made, changed, merged, listed, looked up."""
