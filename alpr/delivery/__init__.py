"""What leaves the box: the outbox and the targets it tells."""
