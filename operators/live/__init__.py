"""Open pages kept true over sockets, and who is present in them."""
