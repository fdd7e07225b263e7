"""Changes that exist once per process, and are undone when the test leaves the last fake."""
