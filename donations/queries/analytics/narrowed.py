"""The sums of a report that is narrowed to some donations. Rollups cannot tell these apart, so donations are added up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Round, TruncDate, TruncHour

from donations.models import Donation
from donations.queries.analytics.core import share
from donations.queries.analytics.daily import Bucket, Given
from donations.queries.analytics.values import Values
from donations.queries.sums import KEPT, euros_of, sum_kept
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.time import ROME


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which completed donations count; each amount is what was not given back. It answers what rollups answer."""

    onlus_id: UUID | None = None
    category: str = ""
    origin: str = ""
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Narrowing | None":
        """Read the filters as JSON keeps them; None where nothing is narrowed."""
        if not told:
            return None
        amounts = {name: Decimal(told[name]) for name in ("min_amount", "max_amount") if name in told}
        onlus_id = UUID(told["onlus_id"]) if "onlus_id" in told else None
        return cls(onlus_id, told.get("category", ""), told.get("origin", ""), **amounts)

    def narrow(self, donations: QuerySet[Donation]) -> QuerySet[Donation]:
        wanted = {"onlus": self.onlus_id, "onlus__category": self.category, "origin": self.origin}
        found = donations.filter(**{name: value for name, value in wanted.items() if value})
        if self.min_amount is None and self.max_amount is None:
            return found
        found = found.alias(left=KEPT)
        if self.min_amount is not None:
            found = found.filter(left__gte=self.min_amount)
        return found if self.max_amount is None else found.filter(left__lte=self.max_amount)

    def donations(self, period: Period) -> Any:
        start, end = period.bounds
        completed = Donation.objects.completed().filter(completed_at__gte=start, completed_at__lt=end)
        return self.narrow(completed).order_by()

    def by_day(self, period: Period) -> dict[date, Given]:
        rows = self.donations(period).values(on=TruncDate("completed_at", tzinfo=ROME))
        found = {row["on"]: _given(row) for row in rows.annotate(total=sum_kept(), count=Count("pk"))}
        return {day: found.get(day, Given()) for day in period.dates}

    def by_hour(self, period: Period) -> dict[Bucket, Given]:
        rows = self.donations(period).values(hour=TruncHour("completed_at"))
        found = rows.annotate(total=sum_kept(), count=Count("pk")).order_by("hour")
        return {row["hour"]: _given(row) for row in found}

    def donors_of(self, *periods: Period) -> list[int]:
        return [
            self.donations(each).aggregate(people=Count("donor", distinct=True))["people"] for each in periods
        ]

    def values(self, period: Period) -> Values:
        rows = self.donations(period).values(kept=Round(KEPT, precision=2)).annotate(times=Count("pk"))
        return Values(tuple((euros_of(row["kept"]), row["times"]) for row in rows.order_by("kept")))

    def donor_sums(self, period: Period) -> Any:
        return (
            self.donations(period)
            .values("donor")
            .annotate(times=Count("pk"), total=Round(Sum(KEPT), precision=2))
        )

    def retention(self, period: Period) -> Decimal | None:
        again = self.donations(period).values("donor")
        found = self.donations(period.before).aggregate(
            everybody=Count("donor", distinct=True),
            back=Count("donor", distinct=True, filter=Q(donor__in=again)),
        )
        return share(found["back"], found["everybody"])


def _given(row: Mapping[str, Any]) -> Given:
    return Given(euros_of(row["total"]), row["count"])
