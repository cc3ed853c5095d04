"""Articles in, index out: what runs when articles change."""
