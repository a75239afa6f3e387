"""What may be asked of the financial analytics."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import OnlusCategory
from donations.models import Donation, PaymentIntent
from donations.queries.analytics.daily import PERIODS
from donations.queries.analytics.report import METRICS
from donations.queries.analytics.users import SEGMENTS
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.alerts.models import Severity
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.time import day_start, rome_day

DEFAULT_DAYS, MOST_DAYS, MOST_HOURLY_DAYS = 30, 730, 31
EARLIEST_YEAR = 2000
SIMPLE_METRICS = ("volume", "count", "average")
ALERT_TYPES = ("anomaly", "threshold", "system")
EXPORT_TYPES = ("dashboard", "metrics", "transactions", "analytics")
NARROWED_EXPORTS = ("metrics", "transactions")

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?", re.ASCII)


@extend_schema_field(OpenApiTypes.STR)
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A day or a moment in ISO 8601. Without an offset it is UTC."""

    default_error_messages = {"invalid": _("Send a date, such as 2026-03-01 or 2026-03-01T12:00:00Z.")}

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not _DATED.fullmatch(data):
            self.fail("invalid")
        try:
            moment = datetime.fromisoformat(data)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
        if not EARLIEST_YEAR <= moment.year <= 9000:
            self.fail("invalid")
        return moment

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class _Filters(serializers.Serializer[Any]):
    onlus_id = KeyField(required=False)
    category = serializers.SlugRelatedField(
        slug_field="category", queryset=OnlusCategory.objects.all(), required=False
    )
    origin = serializers.ChoiceField(choices=Donation.Origin.choices, required=False)
    min_amount = EurosField(required=False)
    max_amount = EurosField(required=False)


class FiltersField(serializers.DictField):
    """Narrow to an organisation, a category of them, an origin of donations, or amounts. A filter is never ignored."""

    default_error_messages = {
        "unknown": _("There is no filter “%(name)s”: there are %(known)s."),
        "value": _("The filter “%(name)s” does not fit: %(why)s"),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the filters as JSON keeps them."""
        told = super().to_internal_value(data)
        checked = _Filters(data=told)
        for name in told:
            if name not in checked.fields:
                self.refuse("unknown", name=name, known=", ".join(checked.fields))
        if not checked.is_valid():
            name, why = next(iter(checked.errors.items()))
            self.refuse("value", name=name, why=why[0])
        return {name: str(getattr(value, "pk", value)) for name, value in checked.validated_data.items()}

    def refuse(self, key: str, **words: str) -> None:
        raise serializers.ValidationError(self.error_messages[key] % words, code=key)


class PeriodInput(InputSerializer):
    """The last days, or from one date to another: whole days of Rome, both included. `period` is what they make."""

    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "start_date": "INVALID_START_DATE_FORMAT",
        "end_date": "INVALID_END_DATE_FORMAT",
        "days": "INVALID_DATE_RANGE",
    }

    start_date = MomentField(required=False)
    end_date = MomentField(required=False)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DEFAULT_DAYS)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {**asked, "period": period_of(asked)}


class MetricsInput(PeriodInput):
    constants: ClassVar[dict[str, str]] = PeriodInput.constants | {
        "metric_type": "INVALID_METRIC_TYPES",
        "period": "INVALID_PERIOD",
    }

    metric_type = serializers.ListField(
        child=serializers.ChoiceField(choices=METRICS),
        required=False,
        help_text="Repeat it for several; all without it.",
    )
    period = serializers.ChoiceField(choices=PERIODS, default="daily")

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Name the grouping `by`: `period` is the days."""
        days, by = period_of(asked), asked["period"]
        refuse_long_hours(days, by, "period", "INVALID_PERIOD")
        return {**asked, "period": days, "by": by, "metric_type": asked.get("metric_type") or list(METRICS)}


class TrendInput(PeriodInput):
    constants: ClassVar[dict[str, str]] = PeriodInput.constants | {"metric": "INVALID_METRIC"}

    metric = serializers.ChoiceField(choices=SIMPLE_METRICS, default="volume")


class UsersInput(PeriodInput):
    constants: ClassVar[dict[str, str]] = PeriodInput.constants | {"segment": "INVALID_USER_SEGMENT"}

    segment = serializers.ChoiceField(choices=list(SEGMENTS), required=False, default="")


class PaymentsInput(PeriodInput):
    constants: ClassVar[dict[str, str]] = PeriodInput.constants | {"payment_method": "INVALID_PAYMENT_METHOD"}

    payment_method = serializers.ChoiceField(choices=PaymentIntent.Method.choices, required=False, default="")


class ForecastInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "forecast_days": "INVALID_FORECAST_PERIOD",
        "metric": "INVALID_FORECAST_METRIC",
    }

    forecast_days = serializers.IntegerField(min_value=1, max_value=90, default=7)
    metric = serializers.ChoiceField(choices=SIMPLE_METRICS, default="volume")


class PerformanceInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"hours": "INVALID_PERIOD"}

    hours = serializers.IntegerField(min_value=1, max_value=720, default=24)


class AlertsInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "alert_type": "INVALID_ALERT_TYPE",
        "severity": "INVALID_SEVERITY",
        "limit": "INVALID_LIMIT_VALUE",
    }

    alert_type = serializers.ChoiceField(choices=ALERT_TYPES, required=False)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=50, default=20)


class ReportInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "start_date.required": "DATE_RANGE_REQUIRED",
        "end_date.required": "DATE_RANGE_REQUIRED",
        "start_date": "INVALID_DATE_FORMAT",
        "end_date": "INVALID_DATE_FORMAT",
        "end_date.range": "INVALID_DATE_RANGE",
        "metrics": "INVALID_METRICS",
        "group_by": "INVALID_GROUP_BY",
        "filters": "INVALID_FILTERS",
        "report_name": "INVALID_REQUEST",
    }

    report_name = serializers.CharField(max_length=100, default="Custom Financial Report")
    start_date = MomentField()
    end_date = MomentField()
    metrics = serializers.ListField(
        child=serializers.ChoiceField(choices=METRICS), allow_empty=False, default=list(SIMPLE_METRICS)
    )
    filters = FiltersField(required=False)
    group_by = serializers.ChoiceField(choices=PERIODS, default="daily")

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = {**asked, "period": period_of(asked)}
        refuse_long_hours(found["period"], asked["group_by"], "group_by", "INVALID_GROUP_BY")
        return found


class DateRangeInput(PeriodInput):
    constants: ClassVar[dict[str, str]] = {
        "start_date": "INVALID_DATE_FORMAT",
        "end_date": "INVALID_DATE_FORMAT",
        "days": "INVALID_DATE_RANGE",
    }


class ExportInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "format": "INVALID_EXPORT_FORMAT",
        "export_type": "INVALID_EXPORT_TYPE",
        "date_range": "INVALID_DATE_RANGE",
        "filters": "INVALID_FILTERS",
    }

    format = serializers.ChoiceField(choices=("csv", "excel", "pdf"), default="csv")
    export_type = serializers.ChoiceField(choices=EXPORT_TYPES, default="dashboard")
    date_range = PeriodInput(required=False)
    filters = FiltersField(required=False)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked.get("filters") and asked["export_type"] not in NARROWED_EXPORTS:
            raise _refused("filters", "INVALID_FILTERS", _("Only transactions and metrics can be filtered."))
        days = asked.get("date_range") or {"period": period_of({"days": DEFAULT_DAYS})}
        return {**asked, "period": days["period"]}


def period_of(asked: Mapping[str, Any]) -> Period:
    """Make whole days of what was asked for: from the start's day to the end's; an end at midnight closes the day before.

    What lies after today is left out.
    """
    today = rome_day(timezone.now())
    end = asked.get("end_date")
    last = min(_last_day(end), today) if end else today
    start = asked.get("start_date")
    first = rome_day(start) if start else last - timedelta(days=asked["days"] - 1)
    if (start and end and start > end) or first > last or (last - first).days >= MOST_DAYS:
        raise _refused(
            "end_date", "INVALID_DATE_RANGE", _("Send a start before the end, at most two years apart.")
        )
    return Period(first, last)


def refuse_long_hours(period: Period, by: str, field: str, constant: str) -> None:
    if by == "hourly" and period.days > MOST_HOURLY_DAYS:
        raise _refused(field, constant, _("Ask for at most 31 days by the hour."))


def _last_day(end: datetime) -> Any:
    day = rome_day(end)
    return day - timedelta(days=1) if end == day_start(day) else day


def _refused(field: str, constant: str, sentence: Any) -> serializers.ValidationError:
    return serializers.ValidationError({field: [sentence]}, code=constant)
