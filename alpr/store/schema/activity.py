"""Workers, stations, and the events of the factory floor."""
