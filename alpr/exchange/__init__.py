"""What other systems send of what passed them: their payloads on one side, one inner type on the other. Pure."""
