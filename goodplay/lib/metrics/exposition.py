"""The same figures for Prometheus: whichever process is asked, the answer is that of all of them."""

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from goodplay.lib.alerts.models import Alert, Area
from goodplay.lib.jobs.models import JobRun
from goodplay.lib.metrics import queries
from goodplay.lib.metrics.durations import BOUNDS
from goodplay.lib.metrics.models import RouteTotal
from goodplay.lib.metrics.registry import MEASURES


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        figures = queries.latest(now)
        for measure in MEASURES.values():
            value = figures.get(measure.name)
            if value is not None:
                unit = f" ({measure.unit})" if measure.unit else ""
                yield GaugeMetricFamily(measure.name, f"{measure.label}{unit}", value=value)
        yield from _requests()
        yield _jobs()
        yield _alerts()


def _requests() -> Iterator[Metric]:
    labels = ["method", "route"]
    durations = HistogramMetricFamily(
        "goodplay_request_duration_seconds", "How long requests took", labels=labels
    )
    errors = CounterMetricFamily("goodplay_request_errors", "Requests that failed", labels=labels)
    refusals = CounterMetricFamily("goodplay_request_refusals", "Requests that were refused", labels=labels)
    for row in RouteTotal.objects.order_by("route"):
        named = row.route.split(" ", 1)
        durations.add_metric(named, _cumulative(row.buckets), sum_value=row.total_ms / 1000)
        errors.add_metric(named, row.errors)
        refusals.add_metric(named, row.refusals)
    yield from (durations, errors, refusals)


def _cumulative(buckets: list[int]) -> list[tuple[str, float]]:
    bounds, passed, found = [*(str(bound / 1000) for bound in BOUNDS), "+Inf"], 0, []
    for bound, inside in zip(bounds, buckets, strict=True):
        passed += inside
        found.append((bound, float(passed)))
    return found


def _jobs() -> Metric:
    jobs = GaugeMetricFamily(
        "goodplay_job_last_success_timestamp_seconds", "When a job last ran well", labels=["job"]
    )
    for run in JobRun.objects.exclude(succeeded_at=None).order_by("name"):
        assert run.succeeded_at is not None  # noqa: S101  (the query says so)
        jobs.add_metric([run.name], run.succeeded_at.timestamp())
    return jobs


def _alerts() -> Metric:
    alerts = GaugeMetricFamily("goodplay_alerts_unresolved", "Alerts not resolved", labels=["area"])
    areas = list(Alert.objects.unresolved().values_list("area", flat=True))
    for area in Area.values:
        alerts.add_metric([area], areas.count(area))
    return alerts


def exposition() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return generate_latest(registry)
