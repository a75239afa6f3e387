"""What keeps metrics true without anybody asking: the first ones, reminders, and their totals beside the donations."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext, override

from accounts.models import Onlus, OnlusMembership
from goodplay.lib import mail
from goodplay.lib.alerts.models import Area, Severity
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.db import claim, in_parts
from goodplay.lib.money import ZERO
from impact.models import DonationImpact, ImpactMetric, ImpactReversal, MetricReminder, MetricTally
from impact.models.metric_records import REMINDED_AGAIN_AFTER
from impact.models.metrics import NAMES_GIVEN
from impact.operations import metrics
from impact.operations.metric_reports import Reading, report
from impact.signals import metrics_stale

DIFFERENCE = "metric totals"
FIRST_METRICS = (
    (NAMES_GIVEN[0], ImpactMetric.Type.FINANCIAL, ImpactMetric.Unit.EUR),
    (NAMES_GIVEN[1], ImpactMetric.Type.BENEFICIARIES, ImpactMetric.Unit.PEOPLE),
)


def add_first_metrics(*, onlus_id: UUID, now: datetime) -> list[ImpactMetric]:
    """Give an approved organisation the metrics everybody has; those it has already stay as they are."""
    added = []
    for name, kind, unit in FIRST_METRICS:
        if not ImpactMetric.objects.of_onlus(onlus_id).filter(metric_type=kind, metric_name=name).exists():
            reading = Reading(name, kind, unit, Decimal(0))
            metric, _is_new = report(
                onlus_id=onlus_id, reading=reading, actor=None, source="goodplay", now=now
            )
            added.append(metric)
    return added


def remind_of_stale(*, now: datetime) -> int:
    """Announce once a month, for each ONLUS that is active, which of its metrics nobody renewed for thirty days."""
    by_onlus: defaultdict[UUID, list[ImpactMetric]] = defaultdict(list)
    for metric in ImpactMetric.objects.stale(now).order_by("onlus_id", "id"):
        by_onlus[metric.onlus_id].append(metric)
    active = set(Onlus.objects.public().filter(pk__in=list(by_onlus)).values_list("pk", flat=True))
    return sum(_remind(key, rows, now) for key, rows in by_onlus.items() if key in active)


@transaction.atomic
def _remind(onlus_id: UUID, rows: list[ImpactMetric], now: datetime) -> bool:
    due = [row for row in rows if _claim_reminder(row, now)]
    if due:
        metrics_stale.announce(onlus_id=onlus_id, metrics=due)
    return bool(due)


def _claim_reminder(metric: ImpactMetric, now: datetime) -> bool:
    """Say whether it is this run's turn to ask for the metric: twins and runs on the next day are not."""
    start = MetricReminder(metric_id=metric.pk, reminded_at=metric.collection_date)
    MetricReminder.objects.bulk_create([start], ignore_conflicts=True)
    last = Q(reminded_at__lte=now - REMINDED_AGAIN_AFTER) | Q(reminded_at__lte=metric.collection_date)
    return claim(MetricReminder.objects.filter(last, pk=metric.pk), reminded_at=now)


def mail_reminders(*, onlus_id: UUID, names: Iterable[str]) -> int:
    """Write to those who may report; returns to how many."""
    onlus = Onlus.objects.get(pk=onlus_id)
    writers = (OnlusMembership.Role.OWNER, OnlusMembership.Role.EDITOR)
    seats = OnlusMembership.objects.filter(onlus=onlus, role__in=writers, user__deleted_at=None)
    people = [seat.user for seat in seats.select_related("user").order_by("pk")]
    for person in people:
        with override(person.preferred_language):
            subject = gettext("Are the figures of %(onlus)s still right?") % {"onlus": onlus.name}
        mail.send(
            to=person.email,
            language=person.preferred_language,
            subject=subject,
            template="metrics_stale",
            facts={"name": person.display_name, "onlus": onlus, "names": list(names)},
        )
    return len(people)


def reconcile_totals(*, now: datetime) -> str:
    """Lay what each metric counted beside the donations themselves; a difference raises an alert that stays until it is gone.

    What lags behind because a process died is brought up to date first: that is no difference.
    """
    followed = _follow_all(now)
    wrong = sorted(_differing())
    with transaction.atomic():
        if wrong:
            raise_alert(
                area=Area.FINANCIAL,
                alert_type="metric_totals",
                severity=Severity.HIGH,
                title=gettext("Metrics count other donations than there were"),
                message=gettext("%(count)s metrics differ.") % {"count": len(wrong)},
                data={"metrics": [str(key) for key in wrong[:50]]},
                dedupe_key=DIFFERENCE,
                source="impact",
                now=now,
            )
        else:
            resolve_alert(dedupe_key=DIFFERENCE, now=now)
    return f"{followed} brought up to date, {len(wrong)} differ"


def _follow_all(now: datetime) -> int:
    keys = MetricTally.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_follow(part, now) for part in in_parts(list(keys), 500))


def _follow(keys: list[UUID], now: datetime) -> int:
    behind = [tally.pk for tally in MetricTally.objects.filter(pk__in=keys) if not _shows(tally)]
    return sum(metrics.follow_tally(metric_id=key, now=now) for key in behind)


def _shows(tally: MetricTally) -> bool:
    shown = ImpactMetric.objects.filter(
        pk=tally.pk,
        related_donations_count=tally.donations_count,
        related_donations_amount=tally.donations_amount,
    )
    return shown.exists()


def _differing() -> Iterable[UUID]:
    """Yield the metrics whose tally is not what the donations that name them add up to."""
    back = dict(ImpactReversal.objects.values_list("impact_id").annotate(total=Sum("amount")))
    counted: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    noted = DonationImpact.objects.filter(metric_ids__isnull=False)
    for key, amount, names in noted.values_list("pk", "amount", "metric_ids").iterator(chunk_size=5000):
        for name in names or ():
            counted[name] += amount - back.get(key, ZERO)
    unnoted = set(
        DonationImpact.objects.filter(metric_ids__isnull=True).values_list("onlus_id", flat=True).distinct()
    )
    for tally in MetricTally.objects.order_by("pk").iterator(chunk_size=2000):
        if tally.donations_amount - tally.first_amount != counted[str(tally.pk)]:
            metric = ImpactMetric.objects.filter(pk=tally.pk).values_list("onlus_id", flat=True).first()
            # Where nobody noted what a donation counted towards, nothing can be said.
            if metric not in unnoted:
                yield tally.pk
