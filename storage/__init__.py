"""What the school knows, and what it allows. Imports no other folder of the project."""
