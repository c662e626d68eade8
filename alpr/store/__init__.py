"""What is kept: one file per noun over SQLite, `schema` the single schema, `images` the picture folder."""
