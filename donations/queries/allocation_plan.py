"""Who would give what to which request now. Reads, decides, writes nothing: a dry run and a run ask the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from donations.models import AllocationRequest, AllocationResult, FundingPool
from donations.queries.allocation import facts_of, refusal
from donations.queries.allocation_score import Score, score
from donations.queries.automatic import causes_of, consenting_wallets, limit_of
from goodplay.lib.money import ZERO, in_cents, split, to_cents

Method = AllocationResult.Method
Verdict = Literal["allocate", "reject", "wait"]

NO_FUNDS = "NO_SUITABLE_FUNDING_POOLS"
BELOW_THRESHOLD = "ALLOCATION_SCORE_BELOW_THRESHOLD"
DEADLINE_PASSED = "ALLOCATION_DEADLINE_PASSED"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What one donor or one pool would give. `reserved` is what a pool lends should donors give less in the end."""

    donor_id: UUID | None
    pool_id: UUID | None
    amount: Decimal
    reserved: Decimal
    explanation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of one request. `code` says why it is rejected or waits on."""

    request: AllocationRequest
    score: Score
    verdict: Verdict
    code: str = ""
    method: AllocationResult.Method = Method.SMART
    target: Decimal = ZERO
    lines: tuple[PlannedLine, ...] = ()

    @property
    def planned(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(slots=True)
class _Purse:
    """What donors and pools have left while the plan goes from request to request."""

    limits: dict[str, Decimal]
    pools: list[FundingPool]
    left: dict[UUID, Decimal] = field(default_factory=dict)

    def available(self, pool: FundingPool) -> Decimal:
        return self.left.setdefault(pool.pk, pool.available)


def plan(
    requests: Iterable[AllocationRequest], *, at_most: int, largest: Decimal, now: datetime
) -> list[Decision]:
    """Decide on requests, emergencies first, then by score, priority and age; at most so many get money.

    `largest` is what one donor may give at once.
    """
    wallets = list(consenting_wallets().select_related("player__preferences").order_by("pk"))
    limits = {str(wallet.player_id): min(limit_of(wallet), largest) for wallet in wallets}
    giving = [wallet for wallet in wallets if limits[str(wallet.player_id)] > ZERO]
    purse = _Purse({key: limit for key, limit in limits.items() if limit > ZERO}, _open_pools(now))
    rows = list(requests)
    facts = facts_of(rows, causes_of(giving), now)
    scored = sorted(((row, score(facts[row.pk])) for row in rows), key=_order)
    decisions: list[Decision] = []
    for row, points in scored:
        full = sum(each.verdict == "allocate" for each in decisions) >= at_most
        decisions.append(_decide(row, points, purse, now, full=full))
    return decisions


def shares(amount: Decimal, limits: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Share an amount among donors by what each may give, in whole cents; nobody gives more than that, or nothing."""
    if sum(limits.values(), ZERO) <= amount:
        return dict(limits)
    parts = split(amount, {key: in_cents(limit) for key, limit in limits.items()})
    return {key: part for key, part in parts.items() if part > ZERO}


def suits(
    pool: FundingPool, request: AllocationRequest, amount: Decimal, available: Decimal, now: datetime
) -> bool:
    """Say whether a pool may give this amount for the request: every condition its sponsor named holds."""
    named = {category.pk for category in pool.categories.all()}
    return (
        pool.status == FundingPool.Status.ACTIVE
        and pool.auto_allocation
        and (pool.valid_until is None or pool.valid_until > now)
        and available >= amount
        and amount >= pool.minimum_allocation
        and (pool.maximum_allocation is None or amount <= pool.maximum_allocation)
        and (not named or request.category_id in named)
        and (not pool.region or pool.region.casefold() == request.onlus.region.casefold())
        and (pool.kind != FundingPool.Kind.EMERGENCY or request.is_emergency)
    )


def merit(pool: FundingPool, request: AllocationRequest, available: Decimal) -> Decimal:
    """Weigh a pool that suits a request against the others that do."""
    points = pool.priority_weight * 40 + available / pool.total * 30 + 20
    if pool.kind == FundingPool.Kind.EMERGENCY and request.is_emergency:
        points += 10
    elif pool.kind == FundingPool.Kind.GENERAL:
        points += 5
    return to_cents(points)


def _open_pools(now: datetime) -> list[FundingPool]:
    pools = FundingPool.objects.filter(status=FundingPool.Status.ACTIVE, auto_allocation=True)
    return list(pools.select_related("sponsor").prefetch_related("categories").order_by("pk"))


def _order(row: tuple[AllocationRequest, Score]) -> tuple[Any, ...]:
    request, points = row
    return (not request.is_emergency, -points.total, -request.priority, request.created_at, request.pk)


def _decide(
    request: AllocationRequest,
    points: Score,
    purse: _Purse,
    now: datetime,
    *,
    full: bool,
) -> Decision:
    method, target = _method(request), _target(request)
    if code := refusal(request.onlus):
        return Decision(request, points, "wait", code, method, target)
    if request.status == AllocationRequest.Status.PENDING:
        if request.deadline is not None and request.deadline <= now:
            return Decision(request, points, "reject", DEADLINE_PASSED, method, target)
        if method == Method.SMART and not points.passes:
            return Decision(request, points, "reject", BELOW_THRESHOLD, method, target)
    if full:
        return Decision(request, points, "wait", "BATCH_FULL", method, target)
    lines = _lines(request, target, purse, now)
    if not lines:
        return Decision(request, points, "wait", NO_FUNDS, method, target)
    return Decision(request, points, "allocate", "", method, target, tuple(lines))


def _method(request: AllocationRequest) -> AllocationResult.Method:
    if request.is_forced:
        return Method.FORCED
    return Method.EMERGENCY if request.is_emergency else Method.SMART


def _target(request: AllocationRequest) -> Decimal:
    result: AllocationResult | None = getattr(request, "result", None)
    return result.missing if result else request.target


def _lines(request: AllocationRequest, target: Decimal, purse: _Purse, now: datetime) -> list[PlannedLine]:
    """Ask the donors first, each for a share; one pool adds what they lack, and vouches for them."""
    before = dict(purse.limits)
    parts = shares(target, before)
    lines = [_of_donor(key, part, before, target) for key, part in parts.items()]
    for key, part in parts.items():
        purse.limits[key] -= part
    purse.limits = {key: limit for key, limit in purse.limits.items() if limit > ZERO}
    missing = target - sum(parts.values(), ZERO)
    if missing > ZERO and (pool := _best(request, missing, purse, now)):
        lines.append(_of_pool(pool, request, missing, target, purse))
    return lines


def _of_donor(key: str, part: Decimal, limits: Mapping[str, Decimal], target: Decimal) -> PlannedLine:
    together = sum(limits.values(), ZERO)
    explanation = {
        "why": "all" if part == limits[key] else "share",
        "available": str(limits[key]),
        "donors": len(limits),
        "together": str(together),
        "share": str(to_cents(limits[key] / together * 100)),
        "target": str(target),
    }
    return PlannedLine(UUID(key), None, part, ZERO, explanation)


def _best(request: AllocationRequest, missing: Decimal, purse: _Purse, now: datetime) -> FundingPool | None:
    fitting = [pool for pool in purse.pools if suits(pool, request, missing, purse.available(pool), now)]
    return max(fitting, key=lambda pool: merit(pool, request, purse.available(pool)), default=None)


def _of_pool(
    pool: FundingPool, request: AllocationRequest, missing: Decimal, target: Decimal, purse: _Purse
) -> PlannedLine:
    available = purse.available(pool)
    reserved = min(target, available, pool.maximum_allocation or available)
    explanation = {
        "why": "adds",
        "available": str(available),
        "from_donors": str(target - missing),
        "merit": str(merit(pool, request, available)),
        "target": str(target),
    }
    # As the run leaves it on a quiet database: donors give what they are asked for, and the rest is free again.
    purse.left[pool.pk] = available - missing
    return PlannedLine(None, pool.pk, missing, reserved, explanation)
