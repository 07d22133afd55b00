"""The conversation as a page in the browser: its routes, its HTML, its cookies."""
