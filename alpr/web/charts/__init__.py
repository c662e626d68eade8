"""Charts as inline SVG, drawn on the server."""
