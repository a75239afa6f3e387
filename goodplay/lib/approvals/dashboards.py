"""The dashboard of what waits for a second person."""

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.dashboards import Content, Dashboard, Figure, Period, Table, register, rows_of
from goodplay.lib.approvals.models import ApprovalRequest

SHOWN = 20
OLD = timedelta(days=2)

State = ApprovalRequest.State


def build(period: Period, now: datetime) -> Content:
    return Content(made_at=now, figures=[_waiting(now), *_decided(period)], tables=[_queue()])


def _waiting(now: datetime) -> Figure:
    waiting = ApprovalRequest.objects.pending()
    old = waiting.filter(requested_at__lte=now - OLD).count()
    rows = rows_of(ApprovalRequest, state__exact=State.PENDING.value)
    note = _("%(old)s for longer than two days")
    return Figure(
        _("Waiting for a second person"), waiting.count(), rows, note, {"old": old}, "warn" if old else ""
    )


def _decided(period: Period) -> list[Figure]:
    start, end = period.bounds
    within = ApprovalRequest.objects.filter(decided_at__gte=start, decided_at__lt=end)
    states = (State.APPROVED, State.REJECTED, State.CANCELLED, State.EXPIRED)
    counts = within.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in states})
    return [
        Figure(state.label, counts[state.value], rows_of(ApprovalRequest, state__exact=state.value))
        for state in states
    ]


def _queue() -> Table:
    waiting = ApprovalRequest.objects.pending().select_related("requested_by").order_by("expires_at", "pk")
    rows = [
        (asked.requested_at, asked.summary, asked.requested_by.display_name, asked.reason, asked.expires_at)
        for asked in waiting[:SHOWN]
    ]
    columns = [_("Asked"), _("What"), _("By"), _("Why"), _("Expires")]
    return Table(
        _("Waiting for a second person"), columns, rows, rows_of(ApprovalRequest), _("Nothing waits.")
    )


register(Dashboard("approvals", _("Approvals"), "approvals.view_approvalrequest", build, order=15))
