"""Views of what a fake holds, by resource."""
