"""Files of the school: read into rows, previewed, applied whole or not at all."""
