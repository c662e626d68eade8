"""Bytes in, frames out: sources by URL scheme, each isolated and self-healing."""
