"""What reads mean: who may enter, and what is to be done about it. Pure."""
