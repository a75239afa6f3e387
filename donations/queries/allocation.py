"""What is known of requests and of who asks: the facts the formula weighs, and the lists people follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from accounts.models import Onlus, User
from accounts.models.onlus import IN_ORDER
from donations.models import AllocationLine, AllocationRequest, AllocationResult, Donation, PoolGrant
from donations.models.allocation import MOST_RETRIES
from donations.queries.allocation_score import (
    NO_ASSESSMENT,
    RESULTS_FOR_EFFICIENCY,
    RESULTS_FOR_PERFORMANCE,
    THRESHOLD,
    Facts,
)
from donations.queries.sums import euros_of, sum_kept
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import rome_day

YEAR = timedelta(days=365)
EMERGENCY_OVERDUE = timedelta(hours=2)
EXCELLENT = Decimal(90)
_ENDED = (
    AllocationResult.Status.COMPLETED,
    AllocationResult.Status.PARTIAL,
    AllocationResult.Status.FAILED,
)

Causes = Sequence[Sequence[str]]


def compliance_of(onlus: Onlus) -> Decimal:
    """Return the score of the current assessment, or what counts while there is none."""
    return NO_ASSESSMENT if onlus.compliance_score is None else onlus.compliance_score


def refusal(onlus: Onlus) -> str:
    """Return the constant that says why nothing can be allocated to an ONLUS now; empty when it can."""
    if onlus.status != Onlus.Status.ACTIVE or onlus.verified_at is None:
        return "ONLUS_NOT_ACTIVE"
    if onlus.compliance_status not in IN_ORDER:
        return "ONLUS_COMPLIANCE_SUSPENDED"
    if compliance_of(onlus) < THRESHOLD:
        return "ONLUS_COMPLIANCE_SCORE_TOO_LOW"
    return "" if onlus.bank_account_verified_at else "ONLUS_BANK_NOT_VERIFIED"


def due_requests(*, emergencies_only: bool) -> QuerySet[AllocationRequest]:
    """List what a run looks at: what waits, and what got nothing or a part and may be tried again."""
    again = Q(
        status__in=(AllocationRequest.Status.PARTIAL, AllocationRequest.Status.FAILED),
        result__retry_count__lt=MOST_RETRIES,
    )
    due = AllocationRequest.objects.filter(Q(status__in=AllocationRequest.WAITING) | again)
    return with_result(due.emergencies() if emergencies_only else due).order_by("created_at", "pk")


def with_result(requests: QuerySet[AllocationRequest]) -> QuerySet[AllocationRequest]:
    return requests.select_related("onlus", "onlus__category", "category", "result")


def facts_of(requests: Iterable[AllocationRequest], causes: Causes, now: datetime) -> Mapping[UUID, Facts]:
    """Gather what the formula weighs, for many requests in a fixed number of queries."""
    rows = list(requests)
    organisations = {row.onlus_id for row in rows}
    received, history = received_in_a_year(organisations, now), _history(organisations)
    return {
        row.pk: Facts(
            category=row.category_id,
            compliance=compliance_of(row.onlus),
            month=rome_day(now).month,
            text=f"{row.title} {row.description}",
            annual_budget=row.annual_budget,
            received=received.get(row.onlus_id, ZERO),
            urgency_level=row.urgency_level,
            days_left=(row.deadline - now).days if row.deadline else None,
            is_emergency=row.is_emergency,
            is_emergency_type=row.request_type == AllocationRequest.Type.EMERGENCY,
            outcomes=[each.given_amount > ZERO for each in history[row.onlus_id]],
            efficiencies=[
                each.given_amount / each.target_amount
                for each in history[row.onlus_id]
                if each.status != AllocationResult.Status.FAILED
            ],
            preferences=causes,
        )
        for row in rows
    }


def received_in_a_year(onlus_ids: Iterable[UUID], now: datetime) -> dict[UUID, Decimal]:
    """Sum what ONLUS received in the last twelve months, of donors and sponsors, less what was given back."""
    keys, since = list(onlus_ids), now - YEAR
    sums: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    given = Donation.objects.completed().filter(onlus__in=keys, completed_at__gte=since).order_by()
    for row in given.values("onlus_id").annotate(kept=sum_kept(), matched=Sum("matched_amount")):
        sums[row["onlus_id"]] += euros_of(row["kept"]) + euros_of(row["matched"])
    granted = PoolGrant.objects.filter(onlus__in=keys, created_at__gte=since).order_by()
    for grant in granted.values("onlus_id").annotate(total=Sum("amount")):
        sums[grant["onlus_id"]] += euros_of(grant["total"])
    return dict(sums)


def overdue_emergencies(now: datetime) -> QuerySet[AllocationRequest]:
    """List emergencies that wait too long and that nobody was told about."""
    waiting = AllocationRequest.objects.waiting().emergencies().filter(alerted_at=None)
    return waiting.filter(created_at__lte=now - EMERGENCY_OVERDUE).select_related("onlus")


def requests_of(onlus_id: UUID) -> QuerySet[AllocationRequest]:
    """List what an ONLUS asked for, the latest first."""
    own = AllocationRequest.objects.filter(onlus_id=onlus_id).select_related("category", "result")
    return own.order_by("-created_at", "-id")


def requests_seen_by(member: User) -> QuerySet[AllocationRequest]:
    """List the requests of all ONLUS a person has a seat in, the latest first."""
    own = AllocationRequest.objects.filter(onlus__memberships__user=member).select_related("result")
    return own.order_by("-created_at", "-id")


def results_seen_by(member: User) -> QuerySet[AllocationResult]:
    own = AllocationResult.objects.filter(request__onlus__memberships__user=member)
    return own.select_related("request").order_by("-created_at", "-id")


def recommendations(
    onlus: Onlus, *, min_amount: Decimal | None = None, max_amount: Decimal | None = None
) -> dict[str, Any]:
    """Say whether an ONLUS can be funded, and what its latest allocations mean for the next."""
    code = refusal(onlus)
    found = [*_of_compliance(onlus), *_of_success(onlus)]
    middle = None
    if min_amount is not None and max_amount is not None:
        middle = to_cents((min_amount + max_amount) / 2)
    return {
        "onlus_id": onlus.pk,
        "current_eligibility": not code,
        "eligibility_code": code,
        "compliance_score": compliance_of(onlus),
        "recommended_amount": middle,
        "recommendations": found,
    }


def _of_compliance(onlus: Onlus) -> list[dict[str, Any]]:
    """Say what the score of the last assessment means for the next request; nothing where there is none."""
    points = onlus.compliance_score
    if points is not None and points >= EXCELLENT:
        return [{"about": "compliance", "type": "positive", "priority": "high", "figure": points}]
    if points is not None and points < THRESHOLD:
        return [{"about": "compliance", "type": "warning", "priority": "critical", "figure": points}]
    return []


def _of_success(onlus: Onlus) -> list[dict[str, Any]]:
    latest = _history([onlus.pk]).get(onlus.pk, [])[:RESULTS_FOR_EFFICIENCY]
    if not latest:
        return []
    success = Decimal(sum(each.given_amount > ZERO for each in latest)) / len(latest)
    if success >= Decimal("0.9"):
        return [{"about": "success", "type": "positive", "priority": "medium", "figure": success}]
    if success < Decimal("0.7"):
        return [{"about": "success", "type": "improvement", "priority": "medium", "figure": success}]
    return []


def given_lines(result: AllocationResult) -> Mapping[str, object]:
    """Sum up who gave, without saying who: donors stay unknown to the ONLUS, sponsors are named."""
    lines = result.lines.filter(status=AllocationLine.Status.GIVEN)
    donors = lines.filter(donor__isnull=False)
    pools = lines.filter(pool__isnull=False).select_related("pool__sponsor").order_by("pk")
    return {
        "donors": donors.values("donor").distinct().count(),
        "from_donors": euros_of(donors.aggregate(total=Sum("given_amount"))["total"]),
        "pools": [(line.pool, line.given_amount) for line in pools],
    }


def _history(onlus_ids: Iterable[UUID]) -> Mapping[UUID, list[AllocationResult]]:
    """Return the latest ended allocations of each ONLUS, the latest first."""
    own = AllocationResult.objects.filter(status__in=_ENDED, request__onlus__in=list(onlus_ids))
    place = Window(
        RowNumber(),
        partition_by=F("request__onlus"),
        order_by=(F("created_at").desc(), F("pk").desc()),
    )
    latest = own.annotate(place=place).filter(place__lte=RESULTS_FOR_PERFORMANCE).select_related("request")
    found: dict[UUID, list[AllocationResult]] = defaultdict(list)
    for result in latest.order_by("place", "pk"):
        found[result.request.onlus_id].append(result)
    return found
