"""What social does when facts are announced."""
