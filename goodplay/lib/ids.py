"""Keys of every own row: UUIDv7, so they sort by the time they were made."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id(at: datetime | None = None) -> UUID:
    """Make a key of this moment, or of the past moment `at` (imports and demo data)."""
    if at is None:
        return uuid7()
    seconds, nanoseconds = divmod(int(at.timestamp() * 1_000_000) * 1_000, 1_000_000_000)
    return uuid7(seconds, nanoseconds)


def parse_id(text: object) -> UUID | None:
    """Read a key from a URL or a body; None when it is no key, which then simply matches no row."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
