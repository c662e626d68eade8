"""`alpr demo`: a made-up site that it draws and scores itself."""
