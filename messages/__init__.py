"""What is said, in which words, and how it gets there."""
