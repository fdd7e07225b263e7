"""The ways into a fake, and what entering and leaving one does."""
