"""Going through a collection in batches: each batch is one transaction, each document stands or falls alone."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from goodplay.importing.context import Context
from goodplay.importing.models import ImportedDocument
from goodplay.importing.report import Report
from goodplay.importing.values import Document, Left, Reader, Refused, as_id, digest_of, hashed, key_for
from goodplay.lib.errors import DomainError

CHANGED_SINCE = "CHANGED_SINCE"
DUPLICATE = "DUPLICATE"


@dataclass(frozen=True)
class Step:
    """One collection. `bring` writes what the document became, through an operation, and returns its key."""

    collection: str
    bring: Callable[[Reader, str, Context], str]
    names: tuple[str, ...] = ()
    points_to: tuple[tuple[str, str], ...] = ()
    """The keys a document holds and the collections they are of: looked up once for a batch."""
    prepare: Callable[[list[Document], Context], None] | None = None
    """Reads at once what the documents of a batch need that were not brought over yet."""
    is_only_noted: bool = False
    """`bring` writes nothing: the documents of a batch are noted together."""
    found_changed: Callable[[Document, Context], None] | None = None
    """Hears of each document that changed since it was brought over."""
    proves: Callable[[Iterable[Document]], list[str]] | None = None
    """Names contradictions between documents that were brought over and the rows they became."""

    @property
    def found_as(self) -> tuple[str, ...]:
        return self.names or (self.collection,)


@dataclass(frozen=True, slots=True)
class Known:
    """What was noted of a document when it was brought over."""

    digest: str
    without: list[str]
    imported_at: datetime


class Batch:
    """Some documents of a collection, what is known of them, and what is to be noted."""

    def __init__(self, step: Step, documents: list[Document], context: Context) -> None:
        self.step, self.documents, self.context = step, documents, context
        keys = {key for document in documents if (key := as_id(document.get("_id")))}
        rows = ImportedDocument.objects.filter(collection=step.collection, old_id__in=keys)
        facts = rows.values_list("old_id", "digest", "without", "imported_at")
        self.known = {old_id: Known(*rest) for old_id, *rest in facts}
        self.notes: list[ImportedDocument] = []

    def prepare(self) -> None:
        """Look up at once what the new documents need."""
        self.context.begin()
        new = [each for each in self.documents if as_id(each.get("_id")) not in self.known]
        if not new:
            return
        for name, collection in self.step.points_to:
            self.context.look_up(collection, [each.get(name) for each in new])
        if self.step.prepare is not None:
            self.step.prepare(new, self.context)

    def note(self, old_id: str, new_key: str, digest: str, reader: Reader) -> None:
        """Note what a document became, and under which other keys it is pointed to."""
        self._note(old_id, new_key, digest, reader.altered, reader.natural_key)
        for alias in dict.fromkeys(reader.aliases):
            if alias != old_id and self.context.find(self.step.collection, alias) is None:
                self._note(alias, new_key, digest, [], "")

    def _note(self, old_id: str, new_key: str, digest: str, without: list[str], natural: str) -> None:
        row = ImportedDocument(
            collection=self.step.collection,
            old_id=old_id,
            new_key=new_key,
            digest=digest,
            without=without,
            natural_key=hashed(natural) if natural else None,
            imported_at=self.context.now,
        )
        if self.step.is_only_noted:
            self.notes.append(row)
        else:
            row.save(force_insert=True)


def carry(step: Step, documents: list[Document], context: Context, report: Report) -> None:
    """Bring over the documents of a batch that were not brought over yet. One transaction."""
    with transaction.atomic():
        batch = Batch(step, documents, context)
        batch.prepare()
        settled = [each for each in documents if _settle(batch, each, report)]
        ImportedDocument.objects.bulk_create(batch.notes)
        if step.proves is not None:
            report.contradictions.extend(step.proves(settled))


def _settle(batch: Batch, document: Document, report: Report) -> bool:
    """Deal with one document; say whether it stands here as it stands there."""
    collection, old_id = batch.step.collection, as_id(document.get("_id"))
    if old_id is None:
        report.tell(collection, "", "refused", "NO_KEY")
        return False
    digest = digest_of(document)
    if old_id in batch.known:
        return _compare(batch, document, old_id, digest, report)
    reader = Reader(document)
    refusal = _bring(batch, reader, old_id, digest)
    if refusal is not None:
        outcome = "left" if isinstance(refusal, Left) else "refused"
        report.tell(collection, old_id, outcome, refusal.reason, refusal.detail)
        return False
    batch.known[old_id] = Known(digest, reader.altered, batch.context.now)
    report.count(collection, "brought")
    if reader.altered:
        report.tell(collection, old_id, "altered", "WITHOUT", "; ".join(reader.altered))
    return True


def _compare(batch: Batch, document: Document, old_id: str, digest: str, report: Report) -> bool:
    """Deal with a document whose key was brought over: it is there, it changed since, or another had the same key.

    The old database tells a key from the same written as text; here they are one.
    """
    known, collection = batch.known[old_id], batch.step.collection
    if known.imported_at == batch.context.now:
        report.tell(collection, old_id, "refused", DUPLICATE)
        return False
    if known.digest == digest:
        report.note_there(collection, old_id, "; ".join(known.without))
        return True
    report.tell(collection, old_id, "changed", CHANGED_SINCE)
    if batch.step.found_changed is not None:
        batch.step.found_changed(document, batch.context)
    return False


def _bring(batch: Batch, reader: Reader, old_id: str, digest: str) -> Refused | None:
    """Bring one document over, or nothing of it; return why not."""
    step = batch.step
    try:
        with _alone(step):
            new_key = step.bring(reader, str(key_for(step.collection, old_id)), batch.context)
            batch.note(old_id, new_key, digest, reader)
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


@contextmanager
def _alone(step: Step) -> Iterator[None]:
    """Take back what a document wrote when it is refused; what writes nothing needs no savepoint."""
    if step.is_only_noted:
        yield
        return
    with transaction.atomic():
        yield


def _fields(error: ValidationError) -> Iterable[Any]:
    return error.message_dict if hasattr(error, "error_dict") else ["__all__"]
