"""The guard's screen: the vehicle that is there, what can be done about it, and the barriers."""
