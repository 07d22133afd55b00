"""What tests stand on: real databases, the cast, a phone, a browser, a mail server, the whole house at work."""
