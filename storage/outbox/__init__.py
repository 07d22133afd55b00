"""The outbox: what is to be said and to whom; claimed once, tried again until it is settled."""
