"""What donations does when facts are announced."""
