"""What every page stands on: requests and answers, sessions, forms, errors, uploads, work in the background."""
