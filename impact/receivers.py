"""What impact does when facts are announced."""
