"""What in a day of the back office looks wrong: found in the audit trail and in the staff's browsers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import ExtractHour

from accounts.models import StaffSession
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.time import ROME

DAY = timedelta(hours=24)
FAILED = "failed_login_attempt"
REFUSED = "permission_refused"
FAILURES_FROM_ONE_ADDRESS, MANY_FAILURES_FROM_ONE_ADDRESS = 5, 10
IDENTICAL_ACTIONS = 20
MOST_ADDRESSES = 3
WORK_BEGINS, WORK_ENDS = 6, 22  # hours of Rome's clock

# What is taken from a score of 100, by how many failures and how many patterns there are.
FAILURE_COSTS = ((50, 40), (20, 20), (10, 10))
PATTERN_COSTS = ((10, 30), (5, 15), (0, 5))


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing that looks wrong. `subject` is whom or what it is about, `count` how often it was seen."""

    kind: str
    severity: str
    subject: str
    subject_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Watch:
    failures: int
    patterns: list[Pattern]

    @property
    def score(self) -> int:
        return 100 - _cost(self.failures, FAILURE_COSTS) - _cost(len(self.patterns), PATTERN_COSTS)

    @property
    def threat(self) -> str:
        if self.failures > 50 or len(self.patterns) > 10:
            return "high"
        return "medium" if self.failures > 20 or len(self.patterns) > 5 else "low"


def watch(*, now: datetime) -> Watch:
    """Look at the last day: seven queries, however much happened."""
    entries = AuditEntry.objects.filter(recorded_at__gt=now - DAY, recorded_at__lte=now)
    sessions = StaffSession.objects.filter(seen_at__gt=now - DAY, seen_at__lte=now)
    patterns = [
        *_failures(entries),
        *_refusals(entries),
        *_moving_sessions(sessions),
        *_identical_actions(entries),
        *_many_addresses(entries),
        *_at_night(entries),
    ]
    return Watch(entries.filter(action=FAILED).count(), patterns)


def _failures(entries: Any) -> Iterator[Pattern]:
    rows = (
        entries.filter(action=FAILED)
        .exclude(address="")
        .values("address")
        .annotate(times=Count("pk"))
        .filter(times__gte=FAILURES_FROM_ONE_ADDRESS)
        .order_by("-times", "address")
    )
    for row in rows:
        severity = "high" if row["times"] >= MANY_FAILURES_FROM_ONE_ADDRESS else "medium"
        yield Pattern("failed_sign_ins", severity, row["address"], row["address"], row["times"])


def _refusals(entries: Any) -> Iterator[Pattern]:
    """Somebody tried what they may not do: once is enough to look at it."""
    rows = (
        entries.filter(action=REFUSED)
        .exclude(actor=None)
        .values("actor", "actor__email")
        .annotate(times=Count("pk"))
        .order_by("-times", "actor")
    )
    for row in rows:
        yield Pattern("permission_refused", "high", row["actor__email"], str(row["actor"]), row["times"])


def _identical_actions(entries: Any) -> Iterator[Pattern]:
    rows = (
        entries.exclude(actor=None)
        .values("actor", "actor__email", "action")
        .annotate(times=Count("pk"))
        .filter(times__gte=IDENTICAL_ACTIONS)
        .order_by("-times", "actor", "action")
    )
    for row in rows:
        subject = f"{row['actor__email']}: {row['action']}"
        yield Pattern("identical_actions", "medium", subject, f"{row['actor']}:{row['action']}", row["times"])


def _many_addresses(entries: Any) -> Iterator[Pattern]:
    rows = (
        entries.exclude(Q(actor=None) | Q(address=""))
        .values("actor", "actor__email")
        .annotate(addresses=Count("address", distinct=True))
        .filter(addresses__gt=MOST_ADDRESSES)
        .order_by("-addresses", "actor")
    )
    for row in rows:
        yield Pattern("many_addresses", "medium", row["actor__email"], str(row["actor"]), row["addresses"])


def _at_night(entries: Any) -> Iterator[Pattern]:
    rows = (
        entries.exclude(actor=None)
        .annotate(hour=ExtractHour("recorded_at", tzinfo=ROME))
        .filter(Q(hour__lt=WORK_BEGINS) | Q(hour__gte=WORK_ENDS))
        .values("actor", "actor__email")
        .annotate(times=Count("pk"))
        .order_by("-times", "actor")
    )
    for row in rows:
        yield Pattern("unusual_hours", "low", row["actor__email"], str(row["actor"]), row["times"])


def _moving_sessions(sessions: Any) -> Iterator[Pattern]:
    rows = (
        sessions.exclude(Q(address="") | Q(last_address="") | Q(last_address=F("address")))
        .values("user", "user__email")
        .annotate(times=Count("pk"))
        .order_by("-times", "user")
    )
    for row in rows:
        yield Pattern("session_moved", "high", row["user__email"], str(row["user"]), row["times"])


def _cost(count: int, costs: tuple[tuple[int, int], ...]) -> int:
    return next((cost for above, cost in costs if count > above), 0)
