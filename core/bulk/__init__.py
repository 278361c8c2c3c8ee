"""PURE: bulk jobs decided in values: legal moves, the queue, how fast they go and how many rows at once."""
