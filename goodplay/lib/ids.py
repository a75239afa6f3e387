"""Keys of every own row: UUIDv7, so they sort by the time they were made."""

import re
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

NO_ID = UUID(int=0)
_USUAL_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def new_id() -> UUID:
    return uuid7()


def parse_id(text: object) -> UUID:
    """Read a key from a URL; what is no key in its usual form becomes NO_ID, which matches no row."""
    written = str(text)
    return UUID(written) if _USUAL_FORM.fullmatch(written) else NO_ID


def first_id_of(moment: datetime) -> UUID:
    """Return the lowest key a row made at the moment can have: keys from it on are of rows made since."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))
