"""Signals that cannot be lost: an outbox, handlers that run once, and a history that can be replayed."""
