"""What a step of the import knows: the moment, the old database, and what was brought over before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models, router

from accounts.models import Onlus, User
from games.models import Game
from goodplay.importing.models import ImportedDocument
from goodplay.importing.values import Document, Refused, as_id

ROWS: Mapping[str, type[models.Model]] = {"users": User, "games": Game, "onlus_organizations": Onlus}
"""What others point to. A row that was deleted here since is not pointed to any more."""


class People(Protocol):
    """What a step may ask the old database for beside its own collection."""

    def of_people(self, name: str, user_ids: Iterable[object]) -> Iterable[Document]: ...


@dataclass
class Context:
    now: datetime
    source: People
    is_dry: bool = False
    trusts_wallets: bool = False
    changed_wallets: set[str] = field(default_factory=set)
    """Of whom: what came to these since is not part of what was brought over."""
    sums: dict[str, Any] = field(default_factory=dict)
    paid: dict[str, Decimal] = field(default_factory=dict)
    openings: dict[UUID, tuple[UUID, datetime]] = field(default_factory=dict)
    """These three are of the people in the batch."""
    _keys: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def begin(self) -> None:
        """Forget what was looked up for the batch before."""
        self._keys.clear()

    def look_up(self, collection: str, olds: Iterable[object]) -> None:
        """Find what all of these became, in one query for the keys and one for the rows."""
        wanted = {written for old in olds if (written := as_id(old))}
        rows = ImportedDocument.objects.filter(collection=collection, old_id__in=wanted)
        found = dict(rows.values_list("old_id", "new_key"))
        if collection in ROWS and found:
            rows_here = ROWS[collection]._default_manager.filter(pk__in=set(found.values()))
            there = {str(key) for key in rows_here.values_list("pk", flat=True)}
            found = {old: key for old, key in found.items() if key in there}
        self._keys |= {(collection, written): found.get(written) for written in wanted}

    def find(self, collection: str, old: object) -> str | None:
        """Return the key here of what has this key there; None while it was not brought over."""
        written = as_id(old)
        if written is None:
            return None
        if (collection, written) not in self._keys:
            self.look_up(collection, [written])
            if self._keys[collection, written] is None:
                del self._keys[collection, written]  # it may come with the next document
                return None
        return self._keys[collection, written]

    def needed(self, collection: str, old: object, reason: str) -> str:
        found = self.find(collection, old)
        if found is None:
            raise Refused(reason, as_id(old) or "")
        return found

    def may_write(self, model: type[models.Model]) -> bool:
        """Say whether rows may be written: a dry run takes them back, but not from a database of documents."""
        return not self.is_dry or router.db_for_write(model) == DEFAULT_DB_ALIAS
