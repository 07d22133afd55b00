"""What speaks first: the ticking clock, the sender of notices, and who pays what chats are owed. One process leads."""
