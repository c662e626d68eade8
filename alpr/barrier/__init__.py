"""What opens: relays and the inputs that must be free, one file a kind, and the barriers made of them."""
