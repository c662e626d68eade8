"""`alpr check`: faults of the configuration, and what would run."""
