"""Bringing in a list: believed or refused, never half of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from donations.models import ScreeningEdition, ScreeningFile, ScreeningRun
from donations.operations.screening.reading import list_of
from donations.screening.editions import Changes, succeed
from donations.screening.entries import SanctionsList
from donations.screening.files import checksum
from donations.screening.refusals import ListRefused
from donations.screening.stored import SOURCES, Files, read_list
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import Conflict, DomainError

Status = ScreeningEdition.Status


class SourceUnknown(DomainError):
    code = "SCREENING_LIST_UNKNOWN"
    message = _("There is no such list. Choose OFAC, UN, EU or PEP.")


class ListNotBelieved(DomainError):
    """The files were refused and the list of before stays; `data` says why, and the refusal is on record."""

    code = "SCREENING_LIST_REFUSED"

    def __init__(self, edition: ScreeningEdition) -> None:
        self.edition = edition
        super().__init__(data={"code": edition.refusal_code, "detail": edition.refusal_detail})

    def __str__(self) -> str:
        words = {"code": self.edition.refusal_code, "detail": self.edition.refusal_detail}
        return gettext("The list was refused and the one before stays in force: %(code)s %(detail)s") % words


class ListAlreadyInForce(Conflict):
    code = "SCREENING_LIST_ALREADY_IN_FORCE"
    message = _("This edition is in force already.")


def import_list(
    *,
    source: str,
    files: Files,
    now: datetime,
    published_on: date | None = None,
    imported_by: Any = None,
    address: str = "",
) -> ScreeningEdition:
    """Put a new edition of a list in force; the job then screens everybody against what is new in it.

    Raises ListNotBelieved when it is broken, older or has shrunk: then the refusal is stored, an alert raised, and
    the list of before stays. So the caller must not undo this with a transaction of its own.
    """
    if source not in SOURCES:
        raise SourceUnknown
    try:
        read = read_list(
            source, files, published_on=published_on, at_least=settings.SCREENING_FEWEST_ENTRIES.get(source)
        )
        return _put_in_force(read, files, imported_by, address, now)
    except ListRefused as refusal:
        raise ListNotBelieved(_refuse(source, files, refusal, imported_by, address, now)) from refusal


@transaction.atomic
def _put_in_force(
    read: SanctionsList, files: Files, imported_by: Any, address: str, now: datetime
) -> ScreeningEdition:
    transaction_lock(f"screening list {read.source}")
    before = ScreeningEdition.objects.current().filter(source=read.source).first()
    if before is not None and (before.sha256, before.published_on) == (read.sha256, read.published_on):
        raise ListAlreadyInForce
    changes = succeed(list_of(before), read) if before is not None else Changes(read.entries, (), ())
    if before is not None:
        ScreeningEdition.objects.filter(pk=before.pk).update(status=Status.SUPERSEDED, superseded_at=now)
    edition = ScreeningEdition.objects.create(
        source=read.source,
        published_on=read.published_on,
        sha256=read.sha256,
        vintage=read.vintage,
        entry_count=len(read.entries),
        added_count=len(changes.added),
        changed_count=len(changes.changed),
        removed_count=len(changes.removed),
        previous=before,
        status=Status.CURRENT,
        imported_by=imported_by,
        imported_at=now,
    )
    _keep_files(edition, files)
    ScreeningRun.objects.create(edition=edition, started_at=now)
    _note("screening_list_import", edition, imported_by, address, now)
    resolve_alert(dedupe_key=_key(read.source), now=now)
    return edition


def _keep_files(edition: ScreeningEdition, files: Files) -> None:
    for position, (name, content) in enumerate(files):
        ScreeningFile.objects.create(
            edition=edition, position=position, name=name[-200:], size=len(content), content=content
        )


@transaction.atomic
def _refuse(
    source: str, files: Files, refusal: ListRefused, imported_by: Any, address: str, now: datetime
) -> ScreeningEdition:
    edition = ScreeningEdition.objects.create(
        source=source,
        sha256=checksum(*(content for _name, content in files)) if files else "",
        status=Status.REFUSED,
        refusal_code=str(refusal.code),
        refusal_detail=refusal.detail[:300],
        imported_by=imported_by,
        imported_at=now,
    )
    _note("screening_list_refuse", edition, imported_by, address, now)
    raise_alert(
        area="compliance",
        alert_type="screening_list_refused",
        severity="high",
        title=lambda: gettext("The screening list %(list)s was refused") % {"list": source},
        message=lambda: gettext("The edition before stays in force: %(why)s") % {"why": str(refusal)},
        dedupe_key=_key(source),
        source="donations.screening",
        data={"edition_id": str(edition.pk), "code": str(refusal.code), "detail": refusal.detail[:300]},
        now=now,
    )
    return edition


def _key(source: str) -> str:
    return f"screening-list-{source}"


def _note(action: str, edition: ScreeningEdition, actor: Any, address: str, now: datetime) -> None:
    after = {
        "source": edition.source,
        "vintage": edition.vintage,
        "entries": edition.entry_count,
        "sha256": edition.sha256,
        "refused": edition.refusal_code,
    }
    trail.record(actor=actor, action=action, target=edition, after=after, address=address, now=now)


def overdue_lists(*, now: datetime) -> Sequence[str]:
    """Raise an alert for each list in force that nobody renewed for too long, and settle those that were."""
    late = []
    for edition in ScreeningEdition.objects.current():
        key = f"screening-list-old-{edition.source}"
        if (now - edition.imported_at).days < settings.SCREENING_LIST_MAX_AGE_DAYS:
            resolve_alert(dedupe_key=key, now=now)
            continue
        late.append(edition.source)
        raise_alert(
            area="compliance",
            alert_type="screening_list_old",
            severity="medium",
            title=partial(_filled, _("The screening list %(list)s is old"), {"list": edition.source}),
            message=partial(
                _filled,
                _("Import the newest edition: the one in force is %(vintage)s."),
                {"vintage": edition.vintage},
            ),
            dedupe_key=key,
            source="donations.screening",
            data={"edition_id": str(edition.pk)},
            now=now,
        )
    return late


def _filled(sentence: Promise, words: Mapping[str, object]) -> str:
    return str(sentence) % words
