"""Screening one of ours against all lists."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from donations.models import ScreenedSubject, ScreeningDecision, ScreeningRun
from donations.operations.screening import hits
from donations.operations.screening.reading import Loaded, current_lists
from donations.queries import screening as queries
from donations.queries.identity import Proven, proven_identities
from donations.screening.decisions import Band, Decision, Query
from donations.screening.entries import BirthDate, Kind
from donations.screening.stored import digest, is_readable
from donations.screening.version import CODE_VERSION
from donations.signals import name_screened
from goodplay.lib.alerts.operations import raise_alert, resolve_alert

State = ScreenedSubject.State
AT_ONCE = 500
FAILED = "screening-failed"

logger = structlog.get_logger("goodplay.screening")


# Who ------------------------------------------------------------------------------------------------------------


def due(*, now: datetime, **who: UUID) -> None:
    """Have somebody screened by the next job: `user_id`, `onlus_id` or `bank_account_id`, new or changed."""
    subject, created = ScreenedSubject.objects.get_or_create(**who, defaults={"due_at": now})
    if not created and subject.due_at is None:
        ScreenedSubject.objects.filter(pk=subject.pk, due_at=None).update(due_at=now)


def enrol_missing(*, now: datetime) -> int:
    """Enrol everybody no event told of, and have those screened anew whose facts are no longer what they were."""
    count = 0
    for rows, name in (
        (queries.not_enrolled_users(), "user_id"),
        (queries.not_enrolled_onlus(), "onlus_id"),
        (queries.not_enrolled_accounts(), "bank_account_id"),
    ):
        keys = list(rows.values_list("pk", flat=True))
        new = [ScreenedSubject(**{name: key}, due_at=now) for key in keys]
        ScreenedSubject.objects.bulk_create(new, batch_size=AT_ONCE, ignore_conflicts=True)
        count += len(keys)
    changed = _changed()
    for start in range(0, len(changed), AT_ONCE):
        part = changed[start : start + AT_ONCE]
        ScreenedSubject.objects.filter(pk__in=part, due_at=None).update(due_at=now)
    return count + len(changed)


def _changed() -> list[UUID]:
    """Return those who are not called, born or at home any more as they were when they were screened."""
    changed: list[UUID] = []
    rows = queries.touched_since_screened().order_by("pk")
    last: UUID | None = None
    while part := list((rows if last is None else rows.filter(pk__gt=last))[:AT_ONCE]):
        last, proven = part[-1].pk, proven_of(part)
        for row in part:
            if facts_digest(queries_of(row, proven)) != row.facts_digest:
                changed.append(row.pk)
    return changed


def proven_of(rows: Iterable[ScreenedSubject]) -> Mapping[UUID, Proven]:
    return proven_identities([row.user_id for row in rows if row.user_id is not None])


def queries_of(subject: ScreenedSubject, proven: Mapping[UUID, Proven]) -> list[Query]:
    """Return what is asked about somebody: every name there is, with what is known besides. Nobody without a name."""
    if subject.user is not None:
        return _of_person(subject.user, proven.get(subject.user.pk))
    if subject.onlus is not None:
        names = [subject.onlus.name, subject.onlus.legal_name]
        return [Query(name, Kind.ORGANISATION) for name in _distinct(names)]
    assert subject.bank_account is not None  # noqa: S101  (a subject is one of the three)
    return [Query(name) for name in _distinct([subject.bank_account.holder])]


def _of_person(user: User, proven: Proven | None) -> list[Query]:
    names = [user.get_full_name(), proven.full_name if proven else ""]
    birth = BirthDate.on(proven.born_on) if proven else None
    countries = (proven.nationality,) if proven else ()
    return [Query(name, Kind.PERSON, birth, countries) for name in _distinct(names)]


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, (" ".join(name.split()) for name in names))))


def facts_digest(asked: Sequence[Query]) -> str:
    return digest([query.as_data() for query in asked])


# Screening ------------------------------------------------------------------------------------------------------


def screen_due(*, now: datetime, limit: int = AT_ONCE) -> tuple[int, int]:
    """Screen those who wait, each in a transaction of its own; return how many, and how many could not be.

    Who could not be screened keeps waiting, and what waits holds money: a fault lets nobody through.
    """
    lists = current_lists()
    if lists is None:
        return 0, 0
    keys = list(ScreenedSubject.objects.due().order_by("due_at").values_list("pk", flat=True)[:limit])
    failed = 0
    for key in keys:
        try:
            screen_subject(subject_id=key, lists=lists, now=now)
        except Exception:
            logger.exception("left waiting", subject=str(key))
            failed += 1
    _tell_failures(failed, now)
    return len(keys) - failed, failed


@transaction.atomic
def screen_subject(*, subject_id: UUID, lists: Loaded, now: datetime) -> ScreenedSubject:
    """Screen one subject as it is now. Holds its row, so that two never answer at once."""
    subject = queries.subjects().select_for_update(of=("self",)).get(pk=subject_id)
    asked = queries_of(subject, proven_of([subject]))
    for query in asked:
        found = lists.screener.screen(query)
        store(subject, query, found, lists=lists, facts=facts_digest(asked), run=None, now=now)
    subject.facts_digest, subject.screened_at, subject.due_at = facts_digest(asked), now, None
    subject.state, subject.vintages = hits.state_of(subject, is_nameless=not asked), lists.vintages
    subject.save(update_fields=["facts_digest", "screened_at", "due_at", "state", "vintages"])
    name_screened.announce(subject=subject)
    return subject


def store(
    subject: ScreenedSubject,
    query: Query,
    found: Sequence[Decision],
    *,
    lists: Loaded,
    facts: str,
    run: ScreeningRun | None,
    now: datetime,
) -> int:
    """Keep an answer, and open its hits; return how many are new."""
    readable = is_readable(query)
    score = max((each.score for each in found), default=0.0)
    band = ScreeningDecision.Band(Band.of(score)) if readable else ScreeningDecision.Band.UNREADABLE
    decision = ScreeningDecision.objects.create(
        subject=subject,
        cause=_cause(run),
        run=run,
        name=query.name,
        query=query.as_data(),
        vintages=lists.vintages,
        code_version=CODE_VERSION,
        band=band,
        score=Decimal(str(score)),
        hits=[each.as_data() for each in found],
        facts_digest=facts,
        decided_at=now,
    )
    return hits.open_hits(subject=subject, decision=decision, found=found, lists=lists, now=now)


def _cause(run: ScreeningRun | None) -> ScreeningDecision.Cause:
    if run is None:
        return ScreeningDecision.Cause.SUBJECT
    return ScreeningDecision.Cause.EDITION if run.edition_id else ScreeningDecision.Cause.RULES


def _tell_failures(failed: int, now: datetime) -> None:
    if not failed:
        resolve_alert(dedupe_key=FAILED, now=now)
        return
    raise_alert(
        area="compliance",
        alert_type="screening_failed",
        severity="high",
        title=lambda: gettext("Names could not be screened"),
        message=lambda: gettext("They wait, and so does their money: %(count)s.") % {"count": failed},
        dedupe_key=FAILED,
        source="donations.screening",
        data={"failed": failed},
        now=now,
    )
