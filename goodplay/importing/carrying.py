"""Going through a collection in batches: each batch is one transaction, each document stands or falls alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, models, router, transaction

from goodplay.importing.models import ImportedDocument
from goodplay.importing.report import Report
from goodplay.importing.values import Document, Left, Reader, Refused, as_id, digest_of, hashed, key_for
from goodplay.lib.errors import DomainError

MOST_REMEMBERED = 10_000
CHANGED_SINCE = "CHANGED_SINCE"


class People(Protocol):
    """What a step may ask the old database for beside its own collection."""

    def of_person(self, name: str, user_id: object) -> Iterable[Document]: ...


@dataclass
class Context:
    """What a step knows: the moment, the old database, and what was brought over before."""

    now: datetime
    source: People
    is_dry: bool = False
    trusts_wallets: bool = False
    changed_wallets: set[str] = field(default_factory=set)
    """Of whom: what came to these since is not part of what was brought over."""
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def find(self, collection: str, old: object) -> str | None:
        """Return the key here of what has this key there; None while it was not brought over."""
        written = as_id(old)
        if written is None:
            return None
        if (collection, written) not in self._keys:
            rows = ImportedDocument.objects.filter(collection=collection, old_id=written)
            found = rows.values_list("new_key", flat=True).first()
            if found is None:
                return None
            if len(self._keys) >= MOST_REMEMBERED:
                self._keys.clear()
            self._keys[collection, written] = found
        return self._keys[collection, written]

    def needed(self, collection: str, old: object, reason: str) -> str:
        found = self.find(collection, old)
        if found is None:
            raise Refused(reason, as_id(old) or "")
        return found

    def may_write(self, model: type[models.Model]) -> bool:
        """Say whether rows may be written: a dry run takes them back, but not from a database of documents."""
        return not self.is_dry or router.db_for_write(model) == DEFAULT_DB_ALIAS


@dataclass(frozen=True)
class Step:
    """One collection. `bring` writes what the document became, through an operation, and returns its key."""

    collection: str
    bring: Callable[[Reader, str, Context], str]
    names: tuple[str, ...] = ()
    found_changed: Callable[[Document, Context], None] | None = None
    """Hears of each document that changed since it was brought over."""
    proves: Callable[[Iterable[Document]], list[str]] | None = None
    """Names contradictions between documents that were brought over and the rows they became."""

    @property
    def found_as(self) -> tuple[str, ...]:
        return self.names or (self.collection,)


def carry(step: Step, batch: list[Document], context: Context, report: Report) -> None:
    """Bring over the documents of a batch that were not brought over yet. One transaction."""
    with transaction.atomic():
        keys = [key for document in batch if (key := as_id(document.get("_id")))]
        rows = ImportedDocument.objects.filter(collection=step.collection, old_id__in=keys)
        known = {old_id: tuple(facts) for old_id, *facts in rows.values_list("old_id", "digest", "without")}
        settled = [each for each in batch if _settle(step, each, known, context, report)]
        if step.proves is not None:
            report.contradictions.extend(step.proves(settled))


def _settle(step: Step, document: Document, known: dict[str, Any], context: Context, report: Report) -> bool:
    """Deal with one document; say whether it stands here as it stands there."""
    old_id = as_id(document.get("_id"))
    if old_id is None:
        report.tell(step.collection, "", "refused", "NO_KEY")
        return False
    digest = digest_of(document)
    if old_id in known:
        brought, without = known[old_id]
        if brought == digest:
            report.note_there(step.collection, old_id, "; ".join(without))
            return True
        report.tell(step.collection, old_id, "changed", CHANGED_SINCE)
        if step.found_changed is not None:
            step.found_changed(document, context)
        return False
    reader = Reader(document)
    refusal = _bring(step, reader, old_id, digest, context)
    if refusal is not None:
        outcome = "left" if isinstance(refusal, Left) else "refused"
        report.tell(step.collection, old_id, outcome, refusal.reason, refusal.detail)
        return False
    report.count(step.collection, "brought")
    if reader.altered:
        report.tell(step.collection, old_id, "altered", "WITHOUT", "; ".join(reader.altered))
    return True


def _bring(step: Step, reader: Reader, old_id: str, digest: str, context: Context) -> Refused | None:
    """Bring one document over, or nothing of it; return why not."""
    try:
        with transaction.atomic():
            new_key = step.bring(reader, str(key_for(step.collection, old_id)), context)
            for alias in (old_id, *dict.fromkeys(reader.aliases)):
                if alias == old_id or context.find(step.collection, alias) is None:
                    _note(step, alias, new_key, digest, reader if alias == old_id else None, context.now)
    except Refused as refusal:
        return refusal
    except DomainError as error:
        return Refused(error.code)
    except ValidationError as error:
        return Refused("INVALID", ", ".join(sorted(_fields(error))))
    except IntegrityError:
        return Refused("CONFLICT")
    except DataError:
        return Refused("INVALID")
    return None


def _note(step: Step, old_id: str, new_key: str, digest: str, reader: Reader | None, now: datetime) -> None:
    natural = reader.natural_key if reader else ""
    ImportedDocument.objects.create(
        collection=step.collection,
        old_id=old_id,
        new_key=new_key,
        digest=digest,
        without=reader.altered if reader else [],
        natural_key=hashed(natural) if natural else None,
        imported_at=now,
    )


def _fields(error: ValidationError) -> Iterable[Any]:
    return error.message_dict if hasattr(error, "error_dict") else ["__all__"]
