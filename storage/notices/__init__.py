"""What each notice says at the moment it is sent, and which become due by the clock."""
