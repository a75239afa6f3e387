"""What can be exported in the background. Apps declare it in their `exportables.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodplay.lib.exports.tables import Table

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    prefix: str
    permission: str | Callable[[Parameters], str]
    build: Callable[[Parameters, datetime], Table]
    is_personal: bool

    def right(self, parameters: Parameters) -> str:
        return self.permission(parameters) if callable(self.permission) else self.permission


KINDS: dict[str, Kind] = {}


def exportable(
    kind: str,
    *,
    permission: str | Callable[[Parameters], str],
    build: Callable[[Parameters, datetime], Table],
    prefix: str = "EXP",
    is_personal: bool = False,
) -> None:
    """Declare an export: `build` makes its table from the parameters it was asked for with (plain JSON).

    It is asked for and fetched by whoever holds the right; what is personal only by the one who asked. The rows may be
    a generator: they are read once, in one snapshot, in the language of the one who asked.
    """
    if kind in KINDS:
        raise ValueError(f"exportable {kind} is declared twice")
    KINDS[kind] = Kind(kind, prefix, permission, build, is_personal)
