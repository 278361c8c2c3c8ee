"""When things may happen: states and their moves, zones, recurrence, windows and conflicts."""
