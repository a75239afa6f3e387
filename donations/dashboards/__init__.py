"""The boards of donations on the back office's index: importing this module registers them all."""

from . import compliance, finance, operations, organisations

__all__ = ["compliance", "finance", "operations", "organisations"]
