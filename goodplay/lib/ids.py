"""Keys of every own row: UUIDv7, so they sort by the time they were made."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id(at: datetime | None = None) -> UUID:
    """Make a key of this moment, or of the past moment `at` (imports and demo data)."""
    if at is None:
        return uuid7()
    seconds, nanoseconds = divmod(int(at.timestamp() * 1_000_000) * 1_000, 1_000_000_000)
    return uuid7(seconds, nanoseconds)  # type: ignore[call-arg]  # the stubs forget both arguments


NO_ID = UUID(int=0)


def parse_id(text: object) -> UUID:
    """Read a key from a URL; what is no key becomes NO_ID, which matches no row."""
    try:
        return UUID(str(text))
    except ValueError:
        return NO_ID
