"""Text as people type it or a sheet holds it, to one checked value. Knows no table."""
