"""Past posts from a team's own files: which column means what, and which rows can be trusted."""
