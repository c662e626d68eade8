"""alpr: a gate log that guards trust, from the cameras of a small site."""

__version__ = "0.1.0"
