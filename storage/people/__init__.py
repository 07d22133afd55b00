"""Students, families, what lets them in, and the chats that speak for them."""
