"""The rules of a batch: what they are, what they do with a row at a moment, and where they contradict each other."""
