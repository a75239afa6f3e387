"""Turning MONGODB_URL into Django's database settings."""

from typing import Any
from urllib.parse import urlsplit

SCHEMES = ("mongodb", "mongodb+srv")


def database(url: str) -> dict[str, Any]:
    """Return the DATABASES entry. The database's name is the URL's path; goodplay.lib.documents.checks wants one."""
    return {
        "ENGINE": "goodplay.lib.documents.engine",
        "HOST": url,
        "NAME": name_in(url),
        # The driver's own half minute would hold a request open while the server is away.
        "OPTIONS": {"serverSelectionTimeoutMS": 3000},
    }


def name_in(url: str) -> str:
    return urlsplit(url).path.strip("/")
