"""Which rules decided. It stands on every decision, so that an old one can be told from a new one."""

CODE_VERSION = "2026.11.1"
"""Raised whenever the same query and entry may score differently: rules, words, thresholds, libraries."""
