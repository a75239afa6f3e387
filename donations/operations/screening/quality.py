"""Keeping what the screener was measured to be worth."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from donations.models import ScreeningQuality


def store_quality(*, report: Mapping[str, Any], now: datetime) -> ScreeningQuality:
    """Keep a report of `manage.py screening_quality` as a fact of its day, without the pairs."""
    overall, clean = report["overall"], report["clean"]
    return ScreeningQuality.objects.create(
        code_version=report["code_version"],
        f1=_number(overall["f1"]),
        precision=_number(overall["precision"]),
        recall=_number(overall["recall"]),
        strong_recall=None if report["strong_recall"] is None else _number(report["strong_recall"]),
        clean_alert_rate=_number(clean["rate"]) if clean else None,
        milliseconds=_number(clean["mean_ms"]) if clean else None,
        report={name: value for name, value in report.items() if name != "errors"},
        measured_at=now,
    )


def _number(value: float) -> Decimal:
    return Decimal(str(value))
