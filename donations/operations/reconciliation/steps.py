"""Every step of a break leaves a row."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from donations.models import Discrepancy, DiscrepancyEvent, ReconciliationRun


def note(
    row: Discrepancy,
    status: Discrepancy.Status,
    *,
    now: datetime,
    actor: User | None = None,
    run: ReconciliationRun | None = None,
    text: str = "",
) -> None:
    """Set the status and write the step down; the caller saves the row."""
    before = "" if row._state.adding or not row.events.exists() else row.status
    row.status = status
    DiscrepancyEvent.objects.create(
        discrepancy=row,
        from_status=before,
        to_status=status,
        actor=actor,
        run=run,
        note=text[:500],
        happened_at=now,
    )


def note_many(
    breaks: Iterable[tuple[UUID, str]],
    status: Discrepancy.Status,
    *,
    run: ReconciliationRun,
    now: datetime,
) -> None:
    """Write the same step of a run down for many breaks, each with the state it comes from; the caller saves them."""
    steps = [
        DiscrepancyEvent(
            discrepancy_id=key, from_status=before, to_status=status, run_id=run.pk, happened_at=now
        )
        for key, before in breaks
    ]
    DiscrepancyEvent.objects.bulk_create(steps, batch_size=1000)
