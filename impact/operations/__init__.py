"""Writes about impact, by topic."""
