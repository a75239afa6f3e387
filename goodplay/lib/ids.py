"""Keys of every own row: UUIDv7, so they sort by the time they were made."""

from uuid import UUID

from uuid_utils.compat import uuid7

NO_ID = UUID(int=0)


def new_id() -> UUID:
    return uuid7()


def parse_id(text: object) -> UUID:
    """Read a key from a URL; what is no key becomes NO_ID, which matches no row."""
    try:
        return UUID(str(text))
    except ValueError:
        return NO_ID
