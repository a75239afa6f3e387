"""Reads about impact, by topic."""
