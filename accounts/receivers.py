"""What accounts does when facts are announced."""
