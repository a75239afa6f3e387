"""Watching over who gives and where it comes from, by topic."""
