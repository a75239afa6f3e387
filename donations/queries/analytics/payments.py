"""How payments go: how many succeed, how long they take and what they cost. By the day they were begun on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from donations.models import PaymentDay, PaymentTimeDay
from donations.queries.analytics.core import share
from donations.queries.sums import euros_of
from goodplay.lib.admin.dashboards import Period

COUNTS = ("intents", "succeeded", "failed", "cancelled", "pending")
AMOUNTS = ("amount", "net_amount", "processing_fee", "platform_fee", "refunded_amount")
TIMES = (
    "average_processing_time_seconds",
    "median_processing_time_seconds",
    "fastest_payment_seconds",
    "slowest_payment_seconds",
)
TENTHS = Decimal(10)


def payment_analytics(period: Period, method: str = "") -> dict[str, Any]:
    """Show the payments of the period, or those by one means of payment."""
    sums = payment_sums(period, method)
    return {
        "success_metrics": {
            "total_payment_intents": sums["intents"],
            "successful_payments": sums["succeeded"],
            "failed_payments": sums["failed"],
            "cancelled_payments": sums["cancelled"],
            "pending_payments": sums["pending"],
            "success_rate": share(sums["succeeded"], sums["intents"]),
        },
        "performance_metrics": _times(period, method),
        "fee_analysis": {
            "total_fees": fees(sums),
            "average_fee_rate": share(fees(sums), sums["amount"]),
            "total_processed_amount": sums["amount"],
            "net_amount": sums["net_amount"],
        },
    }


def payment_sums(period: Period, method: str = "") -> dict[str, Any]:
    rows = PaymentDay.objects.filter(day__range=(period.first, period.last))
    rows = rows.filter(method=method) if method else rows
    found = rows.aggregate(**{f"sum_{name}": Sum(name) for name in (*COUNTS, *AMOUNTS)})
    return {name: found[f"sum_{name}"] or 0 for name in COUNTS} | {
        name: euros_of(found[f"sum_{name}"]) for name in AMOUNTS
    }


def fees(sums: dict[str, Any]) -> Decimal:
    total: Decimal = sums["processing_fee"] + sums["platform_fee"]
    return total


def by_provider(period: Period) -> list[dict[str, Any]]:
    """Sum the payments of each provider and means, the largest amount first."""
    sums: dict[str, Any] = {f"sum_{name}": Sum(name) for name in (*COUNTS, *AMOUNTS)}
    days = PaymentDay.objects.filter(day__range=(period.first, period.last))
    rows: Any = days.values("provider__name", "method").annotate(**sums)
    rows = rows.order_by("-sum_amount", "provider__name", "method")
    return [
        {"provider": row["provider__name"], "method": row["method"]}
        | {name: row[f"sum_{name}"] for name in COUNTS}
        | {name: euros_of(row[f"sum_{name}"]) for name in AMOUNTS}
        for row in rows
    ]


def _times(period: Period, method: str) -> dict[str, Decimal | None]:
    rows = PaymentTimeDay.objects.filter(day__range=(period.first, period.last))
    rows = rows.filter(method=method) if method else rows
    counted = list(
        rows.values("tenths")
        .annotate(payments=Sum("count"))
        .order_by("tenths")
        .values_list("tenths", "payments")
    )
    return dict(zip(TIMES, _figures(counted), strict=True)) if counted else dict.fromkeys(TIMES)


def _figures(counted: Sequence[tuple[int, int]]) -> tuple[Decimal, ...]:
    count = sum(payments for _tenths, payments in counted)
    average = Decimal(sum(tenths * payments for tenths, payments in counted)) / count
    median = Decimal(_at(counted, (count + 1) // 2) + _at(counted, count // 2 + 1)) / 2
    found = (average, median, Decimal(counted[0][0]), Decimal(counted[-1][0]))
    return tuple((tenths / TENTHS).quantize(Decimal("0.1")) for tenths in found)


def _at(counted: Sequence[tuple[int, int]], rank: int) -> int:
    seen = 0
    for tenths, payments in counted:
        seen += payments
        if seen >= rank:
            return tenths
    raise IndexError(rank)
