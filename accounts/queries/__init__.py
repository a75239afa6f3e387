"""Reads about people and organisations that feed an endpoint or a page."""
