"""Reads: the list, one of them, its pictures, corrections and evidence, the review, one vehicle's history."""
