"""The factory floor: figures of workers and stations, the timeline, and what the models do."""
