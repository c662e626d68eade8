"""Pixels and numbers, no I/O: detection, reading, fusion, tracking, quality."""
