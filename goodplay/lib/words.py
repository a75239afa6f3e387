"""Words as they are searched: without case, accents and odd spaces, alike on every engine."""

from anyascii import anyascii


def folded(text: str) -> str:
    """Bring a text into the form it is kept in for searching."""
    return " ".join(anyascii(text).lower().split())


def searched(asked: str, *, most: int = 8) -> list[str]:
    """Split what somebody typed into the words to look for; more than `most` are not looked for."""
    return folded(asked).split()[:most]
