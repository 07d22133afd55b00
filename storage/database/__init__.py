"""The way to the database: the engine, its one writer, sessions, statements compiled once, rows in bulk."""
