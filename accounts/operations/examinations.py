"""Every two years our staff look at an organisation's papers and people again; who waits for it too long leaves the search."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusApplication, User
from accounts.models.onlus import EXAMINED_EVERY
from accounts.operations import standing
from accounts.operations.documents import all_approved
from accounts.signals import organization_examination_due
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict

ASKED_BEFORE = timedelta(days=60)


class PapersNotInOrder(Conflict):
    code = "DOCUMENTS_NOT_APPROVED"
    message = _("Not every required document holds and is approved. Ask for those first.")


@transaction.atomic
def note(*, onlus: Onlus, actor: User, reason: str, now: datetime, address: str = "") -> Onlus:
    """Note that staff looked at everything again: it holds for two years. Raises PapersNotInOrder."""
    row = standing.deciding(onlus, actor)
    dossier = OnlusApplication.objects.filter(onlus=row).first()
    if dossier is not None and not all_approved(dossier):
        raise PapersNotInOrder
    standing.change(row, "onlus_examine", actor, reason, now, address, last_examined_at=now)
    resolve_alert(dedupe_key=_key(row), now=now)
    return row


def watch(*, now: datetime) -> int:
    """Ask owners for their papers sixty days before an examination is due, once, and alert staff when it is."""
    _adopt(now)
    soon = Onlus.objects.public().filter(last_examined_at__lte=now - EXAMINED_EVERY + ASKED_BEFORE)
    for onlus in list(soon.order_by("last_examined_at", "pk")):
        _ask(onlus, now)
    late = list(soon.filter(last_examined_at__lte=now - EXAMINED_EVERY).order_by("last_examined_at", "pk"))
    for onlus in late:
        _alert(onlus, now)
    return len(late)


def _adopt(now: datetime) -> None:
    """Date those that came before there were examinations: by their verification, with time to be asked."""
    first = now - EXAMINED_EVERY + ASKED_BEFORE
    for row in Onlus.objects.filter(verified_at__isnull=False, last_examined_at=None):
        assert row.verified_at is not None  # noqa: S101  (the query says so)
        Onlus.objects.filter(pk=row.pk, last_examined_at=None).update(
            last_examined_at=max(row.verified_at, first)
        )


@transaction.atomic
def _ask(onlus: Onlus, now: datetime) -> None:
    unasked = Q(examination_asked_at=None) | Q(examination_asked_at__lt=F("last_examined_at"))
    if claim(Onlus.objects.filter(unasked, pk=onlus.pk), examination_asked_at=now):
        organization_examination_due.announce(onlus=onlus)


def _alert(onlus: Onlus, now: datetime) -> None:
    raise_alert(
        area="compliance",
        alert_type="examination_overdue",
        severity="high",
        title=gettext("An organisation is due to be examined again"),
        message=onlus.name,
        dedupe_key=_key(onlus),
        source="accounts.examinations",
        data={"onlus_id": str(onlus.pk)},
        now=now,
    )


def _key(onlus: Onlus) -> str:
    return f"examination-{onlus.pk}"
