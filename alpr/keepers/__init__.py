"""What a stored read or event means, kept in its own transaction: verdicts, visits, passes, productivity."""
