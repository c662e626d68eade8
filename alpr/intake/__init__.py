"""What other systems send, reads and activity events, taken in as rows like our own."""
