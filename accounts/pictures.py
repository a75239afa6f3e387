"""Who sees an organisation's pictures before they are public: its people."""

from typing import Any

from accounts.queries.seats import seats_of
from goodplay.lib.ids import parse_id
from goodplay.lib.pictures.registry import seen_by


def _has_a_seat(user: Any, onlus_id: str) -> bool:
    return seats_of(user).filter(onlus=parse_id(onlus_id)).exists()


seen_by("accounts.onlus", _has_a_seat)
