"""From the bytes of an uploaded file to a sheet of text, apart from the server and within limits."""
