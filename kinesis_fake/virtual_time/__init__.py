"""Time as a value: the clock, what is due, and who waits for it."""
