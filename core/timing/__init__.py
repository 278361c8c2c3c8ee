"""When to post: what a team's own outcomes say about the hours of its week, and how surely."""
