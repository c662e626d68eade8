"""Drawn vehicles, plates and gates, with known truth: for the demo, for tests and for training. Needs no camera."""
