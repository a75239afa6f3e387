"""Proving who players are: asked for by them, decided by people, over after a while."""
