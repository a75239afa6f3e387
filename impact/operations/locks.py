"""One at a time."""

from uuid import UUID

from goodplay.lib.db import transaction_lock


def lock_player(user_id: UUID) -> None:
    """Let one transaction at a time decide what a player has reached."""
    transaction_lock(f"impact of {user_id}")
