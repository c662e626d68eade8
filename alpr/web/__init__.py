"""The pages: one file per page or resource; a handler fetches, then renders."""
