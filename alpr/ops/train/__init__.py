"""`alpr train`: one command a model."""
