"""Where to put items: the problem of placing posts into slots, and planners that solve it."""
