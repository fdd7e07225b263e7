"""What exists once per process, and is undone when the last fake is left."""
