"""Who may see pictures that are not published: apps say so in their `pictures.py`, for the things pictures belong to."""

from collections.abc import Callable
from typing import Any

MaySee = Callable[[Any, str], bool]

VIEWERS: dict[str, MaySee] = {}


def seen_by(owner_type: str, may_see: MaySee) -> None:
    """Declare with `may_see(user, owner_id)` who sees pictures of an owner ("accounts.onlus") before they are public."""
    VIEWERS[owner_type] = may_see
