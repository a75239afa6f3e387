"""What donations adds to the operations dashboard: batches under way, and the inbox of notifications."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from donations.models import BatchOperation, WebhookEvent
from goodplay.lib.admin.dashboards import Content, Figure, Period, Progress, Table, add_part, rows_of

SHOWN = 10


def build(period: Period, now: datetime) -> Content:
    return Content(made_at=now, figures=_inbox(), tables=[_batches()])


def _inbox() -> list[Figure]:
    unprocessed = WebhookEvent.objects.filter(processed_at=None)
    waiting = unprocessed.filter(next_attempt_at__isnull=False).count()
    parked = unprocessed.filter(next_attempt_at=None).count()
    return [
        Figure(
            _("Notifications of providers waiting"),
            waiting,
            rows_of(WebhookEvent, processed_at__isnull=True, next_attempt_at__isnull=False),
            _("Processed within a minute, or tried again"),
        ),
        Figure(
            _("Notifications given up"),
            parked,
            rows_of(WebhookEvent, processed_at__isnull=True, next_attempt_at__isnull=True),
            _("They wait for a person") if parked else _("Nothing waits for a person"),
            tone="bad" if parked else "good",
        ),
    ]


def _batches() -> Table:
    going = BatchOperation.objects.filter(status__in=BatchOperation.CANCELLABLE).order_by(
        "-priority", "created_at", "pk"
    )
    rows = [
        (
            BatchOperation.Type(batch.operation_type).label,
            BatchOperation.Status(batch.status).label,
            Progress(batch.processed_items, batch.total_items),
            batch.failed_items,
            batch.created_at,
        )
        for batch in going[:SHOWN]
    ]
    columns = [_("Batch"), _("State"), _("Done"), _("Failed"), _("Handed in")]
    url = rows_of(BatchOperation, status__in=",".join(BatchOperation.CANCELLABLE))
    return Table(_("Batches under way"), columns, rows, url, _("No batch is waiting or running."))


add_part("operations", build)
