"""Measurements that anyone can repeat: ours beside the bare bots of the field, on the same local server."""
