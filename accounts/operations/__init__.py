"""Every write about people and organisations, by topic."""
