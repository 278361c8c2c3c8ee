"""Named queries that several services ask, or that need the database's own speed."""
