"""The box and its cameras: what they do and how they are."""
