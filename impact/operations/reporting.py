"""The duty to report: every three months each funded organisation tells what it does, or leaves the search."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Onlus
from accounts.models.onlus import WARNED_BEFORE
from accounts.operations.onlus import note_reports_due
from goodplay.lib.db import claim
from impact.queries.reporting import reports_due
from impact.signals import onlus_report_owed


def bring_in_line(*, onlus_id: UUID) -> None:
    """Note a report of this organisation at once: it is found again."""
    note_reports_due(due=reports_due([onlus_id]))


def watch(*, now: datetime) -> int:
    """Note when reports are due, and ask for those that are, each organisation once in each stage; return how many."""
    note_reports_due(due=reports_due())
    owing = (
        Onlus.objects.public().filter(report_due_at__lte=now + WARNED_BEFORE).order_by("report_due_at", "pk")
    )
    return sum(_ask(onlus, now) for onlus in list(owing))


@transaction.atomic
def _ask(onlus: Onlus, now: datetime) -> bool:
    """Say whether it is this run's turn to ask: twins, and runs of the next hour, are not."""
    stage = onlus.report_stage(now)
    if stage == onlus.report_warning:
        return False
    seen = Onlus.objects.filter(
        pk=onlus.pk, report_due_at=onlus.report_due_at, report_warning=onlus.report_warning
    )
    if not claim(seen, report_warning=stage):
        return False
    onlus_report_owed.announce(onlus=onlus, stage=stage)
    return True
