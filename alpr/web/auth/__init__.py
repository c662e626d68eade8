"""Who is there and what they may do: logins, tokens, sessions, limits."""
