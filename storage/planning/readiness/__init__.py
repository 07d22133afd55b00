"""Is a planning ready for parents? Facts gathered, rules over them, findings out."""
