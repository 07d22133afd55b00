"""Who may come in: chats, what links them to a family, what lets them sign in."""
