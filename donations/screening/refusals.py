"""How a list says no. Whoever catches it keeps the list of before."""

from enum import StrEnum


class ListFault(StrEnum):
    EMPTY = "LIST_EMPTY"
    TOO_LARGE = "LIST_TOO_LARGE"
    TOO_SMALL = "LIST_TOO_SMALL"
    SHRUNK = "LIST_SHRUNK"
    OLDER = "LIST_OLDER"
    ENTITIES = "LIST_WITH_ENTITIES"
    MALFORMED = "LIST_MALFORMED"
    TRUNCATED = "LIST_TRUNCATED"
    UNKNOWN_FORMAT = "LIST_FORMAT_UNKNOWN"
    REPEATED = "LIST_ENTRY_REPEATED"
    DANGLING = "LIST_ENTRY_UNKNOWN"
    VALUE_INVALID = "LIST_VALUE_INVALID"


class ListRefused(Exception):
    """A file that is not to be believed. Nothing of it may be used, and the list of before stays."""

    def __init__(self, code: ListFault, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        """The fact behind the code, untranslated: a line, a number, a value."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else str(self.code)
