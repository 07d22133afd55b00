"""The people who work at the desk: accounts, invitations, passwords, second factor, sessions."""
