"""Corrections, notes and feedback."""
