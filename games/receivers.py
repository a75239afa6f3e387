"""What games does when facts are announced."""
