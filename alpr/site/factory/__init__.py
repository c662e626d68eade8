"""The factory floor: events become states, sums and figures."""
