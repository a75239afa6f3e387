"""Purging what has been kept long enough, and holding what must stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from goodplay.lib.approvals.operations import ReasonRequired
from goodplay.lib.audit import trail
from goodplay.lib.db import purging, try_transaction_lock
from goodplay.lib.errors import AccessDenied, Conflict
from goodplay.lib.retention.models import LegalHold, RetentionPolicy
from goodplay.lib.retention.policies import learn_policies
from goodplay.lib.retention.proofs import prove
from goodplay.lib.retention.registry import HOLDERS, KEPT, Act, Kept, holds

logger = structlog.get_logger("goodplay.retention")

SLICE = 1000
MOST_SLICES = 200  # of one kind in one night; the rest waits for the next
NIGHTLY = "goodplay.lib.retention.tasks.purge_due"
HOLD = "retention.place_hold"


class MoneyIsKept(Conflict):
    code = "RETENTION_KEPT"
    message = _("Nothing takes this data away: the books must be provable.")


class HeldAlready(Conflict):
    code = "LEGAL_HOLD_STANDS"
    message = _("A hold stands for this person already.")


class HoldReleased(Conflict):
    code = "LEGAL_HOLD_RELEASED"
    message = _("This hold was released already.")


def purge_all(*, now: datetime, job: str = NIGHTLY) -> dict[str, int]:
    """Purge every active kind, slice by slice; one that fails is logged and stops no other. Returns rows by kind."""
    learn_policies()
    purged: dict[str, int] = {}
    failed: list[str] = []
    for policy in RetentionPolicy.objects.filter(is_active=True).order_by("kind"):
        kept = KEPT.get(policy.kind)
        if kept is None or kept.act is Act.KEEP:
            continue
        try:
            purged[policy.kind] = purge(kind=policy.kind, now=now, job=job)
        except Exception:
            logger.exception("purging failed", kind=policy.kind)
            failed.append(policy.kind)
    if failed:
        raise PurgingFailed(failed)
    return purged


class PurgingFailed(Exception):
    """Some kinds could not be purged; the others were. The job shows it and raises an alert."""


def purge(*, kind: str, now: datetime, job: str = NIGHTLY) -> int:
    """Purge one kind, each slice with its proof in a transaction of its own, so that a crash loses neither."""
    kept = KEPT[kind]
    if kept.act is Act.KEEP:
        raise MoneyIsKept
    policy, total = RetentionPolicy.objects.get(pk=kind), 0
    days = max(policy.days, kept.least_days)
    for _number in range(MOST_SLICES):
        taken = _purge_slice(kept, days, now, job)
        total += taken
        if taken < SLICE:
            break
    RetentionPolicy.objects.filter(pk=kind).update(last_run_at=now)
    return total


@transaction.atomic
def _purge_slice(kept: Kept, days: int, now: datetime, job: str) -> int:
    if not try_transaction_lock(f"retention {kept.kind}"):
        return 0
    before = now - timedelta(days=days)
    rows = list(_due(kept, before).order_by("pk")[:SLICE])
    if rows:
        prove(kept, rows, days=days, now=now, before=before, job=job)
        _take_away(kept, rows, now)
    return len(rows)


def _take_away(kept: Kept, rows: Sequence[models.Model], now: datetime) -> None:
    if kept.purge is not None:
        kept.purge(rows, now)
        return
    model = type(rows[0])
    keys = [row.pk for row in rows]
    if getattr(model, "append_only", False):
        with purging(model):
            model._default_manager.filter(pk__in=keys).delete()
    else:
        model._default_manager.filter(pk__in=keys).delete()


def _due(kept: Kept, before: datetime) -> QuerySet[Any]:
    rows = kept.rows(before)
    if not kept.subject:
        return rows
    return rows.exclude(**{f"{kept.subject}__in": held_people()})


def held_people() -> list[Any]:
    """Return the keys of everybody whose data must stay, whoever says so."""
    return sorted({person for holder in HOLDERS for person in holder()}, key=str)


def counts_due(policy: RetentionPolicy, *, now: datetime) -> tuple[int, int]:
    """Say how many rows would be purged now, and how many are over their period but held."""
    kept = KEPT[policy.kind]
    before = now - timedelta(days=max(policy.days, kept.least_days))
    every, due = kept.rows(before).count(), _due(kept, before).count()
    return due, every - due


# Holds ----------------------------------------------------------------------------------------------------------


@holds
def people_under_a_hold() -> list[Any]:
    return list(LegalHold.objects.standing().values_list("person_id", flat=True))


@transaction.atomic
def place_hold(*, person: Any, reason: str, by: Any, now: datetime, address: str = "") -> LegalHold:
    """Keep everything of this person until the hold is released."""
    if not by.has_perm(HOLD):
        raise AccessDenied
    if not reason.strip():
        raise ReasonRequired
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(person=person, reason=reason.strip(), placed_by=by, placed_at=now)
    except IntegrityError as error:
        raise HeldAlready from error
    trail.record(
        actor=by, action="legal_hold_place", target=hold, reason=hold.reason, address=address, now=now
    )
    return hold


@transaction.atomic
def release_hold(*, hold: LegalHold, reason: str, by: Any, now: datetime, address: str = "") -> LegalHold:
    if not by.has_perm(HOLD):
        raise AccessDenied
    if not reason.strip():
        raise ReasonRequired
    row = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if row.released_at is not None:
        raise HoldReleased
    row.released_at, row.released_by = now, by
    row.save(update_fields=["released_at", "released_by"])
    trail.record(
        actor=by, action="legal_hold_release", target=row, reason=reason.strip(), address=address, now=now
    )
    return row
