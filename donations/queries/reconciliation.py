"""Reconciliations and their breaks, as pages and the API show them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from donations.models import Discrepancy, ReconciliationRun
from donations.queries.sums import euros_of
from goodplay.lib.ids import parse_id

RULES = {
    "reference": gettext_lazy("Both sides name the same reference."),
    "related": gettext_lazy("Both sides name the payment it belongs to."),
    "text": gettext_lazy("The statement's text names our reference."),
    "group": gettext_lazy("One line stands for all parts of an order."),
    "amount_and_date": gettext_lazy("The same amount at nearly the same time."),
    "sum": gettext_lazy("The only few lines that make up the amount."),
    "likeness": gettext_lazy("The names or texts are alike, and the amounts are near."),
    "adjustment": gettext_lazy("An adjustment entry by two people explains the line."),
}


@dataclass(frozen=True, slots=True)
class OpenBreaks:
    """What the finance dashboard shows: how many, how grave, over how much, since when."""

    count: int
    high: int
    amount: Decimal
    oldest_on: date | None


def open_breaks() -> OpenBreaks:
    rows = Discrepancy.objects.open().aggregate(
        count=Count("pk"),
        high=Count("pk", filter=Q(severity=Discrepancy.Severity.HIGH)),
        total=Sum("amount"),
        oldest=Min("happened_on"),
    )
    return OpenBreaks(rows["count"], rows["high"], euros_of(rows["total"]), rows["oldest"])


def history(*, type: str = "", status: str = "") -> QuerySet[ReconciliationRun]:
    rows = ReconciliationRun.objects.select_related("started_by").order_by("-started_at", "-pk")
    if type:
        rows = rows.filter(type=type)
    return rows.filter(status=status) if status else rows


def find_run(name: str) -> ReconciliationRun | None:
    """Find a run by its key or by its number."""
    rows = ReconciliationRun.objects.select_related("started_by")
    return rows.filter(Q(pk=parse_id(name)) | Q(reconciliation_id=name)).first()


def breaks_of(run: ReconciliationRun) -> QuerySet[Discrepancy]:
    """List the breaks of the run's days, whichever run found them first, the gravest and oldest first."""
    rows = Discrepancy.objects.of_days(run.start_date, run.end_date).select_related("assignee", "resolved_by")
    return rows.order_by("happened_on", "pk")


def find_break(name: str) -> Discrepancy | None:
    key: UUID = parse_id(name)
    return Discrepancy.objects.filter(pk=key).first()


def explain(row: Discrepancy) -> str:
    """Say in one sentence what is wrong."""
    words = {
        "ours": _side(row.internal_amount),
        "theirs": _side(row.external_amount),
        "difference": f"{row.difference:+} EUR",
        "fee": f"{abs(row.difference)} EUR",
        "days": row.facts.get("days", ""),
        "state": row.facts.get("state", ""),
        "count_ours": len(row.ours),
        "count_theirs": len(row.theirs),
    }
    return str(_EXPLANATIONS[row.break_class]) % words


_EXPLANATIONS = {
    "missing": gettext_lazy("The books have %(ours)s that no statement shows."),
    "extra": gettext_lazy("The statement has %(theirs)s that nobody booked."),
    "amount": gettext_lazy("The books say %(ours)s, the statement %(theirs)s: %(difference)s."),
    "currency": gettext_lazy("The books and the statement are in different currencies."),
    "duplicate": gettext_lazy("The same movement is told a second time."),
    "date_shift": gettext_lazy("The two sides are %(days)s days apart."),
    "fee": gettext_lazy("A fee of %(fee)s was kept that is not booked."),
    "split": gettext_lazy("One movement of ours is told as %(count_theirs)s."),
    "merged": gettext_lazy("%(count_ours)s movements of ours are told as one."),
    "status": gettext_lazy("The other side counts it as done, the books have it as “%(state)s”."),
}


def _side(amount: Decimal | None) -> str:
    return _("nothing") if amount is None else f"{amount} EUR"
