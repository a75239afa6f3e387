"""Warnings somebody has to look at: raised once, counted, acknowledged, resolved."""
