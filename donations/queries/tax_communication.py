"""What an ONLUS tells the tax office about a year: gifts of own money, by donors who let their codice fiscale be told.

D.M. 1 March 2024: traceable gifts of individuals whose codice fiscale is known, less what was given back. Gifts made
anonymously stay out: their donors asked not to be named to the organisation.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from donations.models import Donation, DonationRefund, DonorTaxProfile
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO
from goodplay.lib.time import year_bounds


@dataclass(frozen=True, slots=True)
class Line:
    """One donor. Two accounts of one person, by the codice fiscale, are one."""

    tax_code: str
    name: str
    gifts: int
    given: Decimal
    given_back: Decimal

    @property
    def net(self) -> Decimal:
        return self.given - self.given_back


@dataclass(frozen=True, slots=True)
class Communication:
    year: int
    lines: list[Line]
    gifts_left_out: int
    net_left_out: Decimal

    @property
    def gifts(self) -> int:
        return sum(line.gifts for line in self.lines)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)


def tax_communication(onlus_id: UUID, year: int) -> Communication:
    start, end = year_bounds(year)
    gifts = Donation.objects.on_record().filter(
        onlus_id=onlus_id, paid_amount__gt=0, completed_at__gte=start, completed_at__lt=end
    )
    named = gifts.filter(is_anonymous=False)
    profiles = _profiles(named)
    told = _by_donor(named.filter(donor_id__in=list(profiles)))
    lines = [line for line in _lines(told, profiles) if line.net > ZERO]
    all_gifts = _sums(gifts)
    return Communication(
        year,
        lines,
        all_gifts.gifts - sum(sums.gifts for sums in told.values()),
        all_gifts.net - sum((sums.net for sums in told.values()), ZERO),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    gifts: int
    given: Decimal
    given_back: Decimal

    @property
    def net(self) -> Decimal:
        return self.given - self.given_back


def _profiles(gifts: "QuerySet[Donation]") -> dict[UUID, DonorTaxProfile]:
    """Return the tax data of the donors who are persons, gave their codice fiscale and let it be told."""
    willing = DonorTaxProfile.objects.filter(
        is_current=True, is_individual=True, shares_with_onlus=True, donor_id__in=gifts.values("donor_id")
    )
    return {profile.donor_id: profile for profile in willing}


def _by_donor(gifts: "QuerySet[Donation]") -> dict[UUID, _Sums]:
    given = gifts.order_by().values("donor_id").annotate(count=Count("pk"), total=Sum("paid_amount"))
    back: dict[UUID, Decimal] = dict(
        _refunds(gifts).values_list("donation__donor_id").annotate(total=Sum("paid_amount"))
    )
    return {
        row["donor_id"]: _Sums(row["count"], euros_of(row["total"]), euros_of(back.get(row["donor_id"])))
        for row in given
    }


def _sums(gifts: "QuerySet[Donation]") -> _Sums:
    given = gifts.aggregate(count=Count("pk"), total=Sum("paid_amount"))
    back = _refunds(gifts).aggregate(total=Sum("paid_amount"))
    return _Sums(given["count"], euros_of(given["total"]), euros_of(back["total"]))


def _refunds(gifts: "QuerySet[Donation]") -> Any:
    return DonationRefund.objects.filter(donation__in=gifts.order_by().values("pk")).order_by()


def _lines(told: dict[UUID, _Sums], profiles: dict[UUID, DonorTaxProfile]) -> list[Line]:
    people: dict[str, list[UUID]] = defaultdict(list)
    for donor_id in told:
        people[profiles[donor_id].tax_code].append(donor_id)
    return [_line(code, people[code], told, profiles) for code in sorted(people)]


def _line(
    code: str, donors: list[UUID], told: dict[UUID, _Sums], profiles: dict[UUID, DonorTaxProfile]
) -> Line:
    sums = [told[donor] for donor in donors]
    return Line(
        code,
        next(filter(None, (profiles[donor].legal_name for donor in donors)), ""),
        sum(each.gifts for each in sums),
        sum((each.given for each in sums), ZERO),
        sum((each.given_back for each in sums), ZERO),
    )
