"""One function for each screen of the conversation: who taps or types what → what they see next."""
