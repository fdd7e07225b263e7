"""Time as a value: the clock, what is due, and the waits for it."""
