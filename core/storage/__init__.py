"""Tables, the two doors to them, named queries and migrations."""
