"""The outbox: what is to be said, to whom, when; claimed once, and tried again until it is settled."""
