"""When organisations last told what they do with what they were given, and when they owe it again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Min

from accounts.models import Onlus
from donations.models import OnlusDay
from goodplay.lib.time import day_start
from impact.models import ImpactMetric, ImpactUpdate, MetricPoint

EVERY = timedelta(days=91)
"""Three months after its latest report, or after the first gift, an organisation owes the next."""
NO_REPORTS = ("goodplay", "correction")
"""Where readings come from that the organisation did not report: the first ones we made, and old ones put right."""


def reports_due(onlus_ids: Iterable[UUID] | None = None) -> dict[UUID, datetime | None]:
    """Say of each organisation the public sees when its next report is due; of those nobody gave to, nothing."""
    public = Onlus.objects.public().order_by()
    public = public if onlus_ids is None else public.filter(pk__in=list(onlus_ids))
    keys = list(public.values_list("pk", flat=True))
    given = OnlusDay.objects.filter(onlus__in=keys, amount__gt=0).order_by()
    since = dict(given.values_list("onlus_id").annotate(first=Min("day")))
    told = last_reports(list(since))
    return {
        key: max(day_start(since[key]), told.get(key, day_start(since[key]))) + EVERY
        if key in since
        else None
        for key in keys
    }


def last_reports(onlus_ids: list[UUID]) -> dict[UUID, datetime]:
    """Return when each last published news or reported a figure. Three queries, on either store."""
    news = ImpactUpdate.objects.public().filter(onlus_id__in=onlus_ids).order_by()
    found: dict[UUID, datetime] = dict(news.values_list("onlus_id").annotate(last=Max("published_at")))
    owners = dict(ImpactMetric.objects.filter(onlus_id__in=onlus_ids).values_list("pk", "onlus_id"))
    readings = MetricPoint.objects.filter(metric_id__in=list(owners), donation=None, refund=None)
    reported = readings.exclude(source__in=NO_REPORTS).order_by().values_list("metric_id")
    for metric_id, last in reported.annotate(last=Max("recorded_at")):
        key = owners[metric_id]
        found[key] = max(last, found.get(key, last))
    return found
