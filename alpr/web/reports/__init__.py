"""Reports: what passed, as figures over time."""
