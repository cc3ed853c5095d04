"""Question in, reply out: what runs when someone asks."""
