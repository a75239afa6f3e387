"""Who looked at sensitive data, when, and what for."""
