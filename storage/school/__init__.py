"""The school itself: who it is, who works there, and who is signed in at its desk."""
