"""`alpr bench`, and the measurements of `make bench-…`: accuracy, speed, memory."""
