"""Reads about money that feed an endpoint, a page or a proof."""
