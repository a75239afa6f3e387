"""Filters for every template of the house."""
