"""What is measured: requests of every process, the machine, hours and days; and who may read it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from goodplay.lib.metrics import machine, operations, queries, registry, tally
from goodplay.lib.metrics.durations import Durations
from goodplay.lib.metrics.models import RequestTally, RouteTotal, SystemMetric
from tests.factories.accounts import StaffFactory, UserFactory

NOW = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_counted(db):
    tally.flush()
    RequestTally.objects.all().delete()


def counted(routes, *, ended_at=NOW, process="a", **counts):
    """Leave what a process would: (milliseconds, status) for each request of a route."""
    rows = {}
    for route, requests in routes.items():
        durations = Durations()
        for milliseconds, status in requests:
            durations.add(milliseconds, status)
        rows[route] = durations.as_row()
    return RequestTally.objects.create(process=process, ended_at=ended_at, routes=rows, counts=counts)


def minute(back=0, **data):
    """Leave the row of one minute."""
    return SystemMetric.objects.create(
        metric_type="performance", timestamp=NOW.replace(second=0) - MINUTE * back, data=data
    )


# Requests -------------------------------------------------------------------------------------------------------


def test_requests_are_counted_by_route_and_not_by_address(client, api):
    api.get("/api/health")
    api.get("/api/health/")
    api.get("/api/wallet")
    client.get("/nowhere/at/all")

    assert tally.flush() is True
    routes = {key: Durations.from_row(row) for key, row in RequestTally.objects.get().routes.items()}

    assert sum(each.count for each in routes.values()) == 3
    assert routes["GET ^api/health/?$"].count == 2
    assert [each.refusals for key, each in routes.items() if "wallet" in key] == [1]
    assert tally.flush() is False


def test_methods_nobody_knows_share_one_name(client):
    client.generic("BREW", "/api/health")
    client.generic("WHEN", "/api/health")

    tally.flush()

    assert list(RequestTally.objects.get().routes) == ["OTHER ^api/health/?$"]


def test_a_failed_sign_in_is_counted(api):
    player = UserFactory()

    api.post("/api/auth/login", {"email": player.email, "password": "wrong"})
    tally.flush()

    assert RequestTally.objects.get().counts == {"failed_logins": 1}


def test_a_minute_holds_what_all_processes_counted():
    counted({"GET api/^wallet/?$": [(10, 200), (30, 500)], "GET admin/": [(400, 200)]}, failed_logins=2)
    counted({"GET ^api/wallet$": [(20, 200)]}, process="b", failed_logins=1, board_cache_hit=3)
    counted({"GET ^api/wallet$": [(20, 200)]}, ended_at=NOW + MINUTE)  # the next minute's

    operations.collect(now=NOW)

    performance = SystemMetric.objects.get(metric_type="performance").data
    assert (performance["requests"], performance["request_errors"]) == (4, 1)
    assert (performance["response_time_avg"], performance["response_time_max"]) == (115.0, 400)
    assert (performance["error_rate"], performance["api_error_rate"]) == (25.0, 33.333)
    assert performance["dashboard_load_time"] == pytest.approx(400, abs=5)
    assert SystemMetric.objects.get(metric_type="security").data["failed_logins"] == 3
    assert SystemMetric.objects.get(metric_type="infrastructure").data["cache_hit_rate"] == 100
    assert RequestTally.objects.count() == 1


def test_a_minute_without_requests_has_no_average():
    operations.collect(now=NOW)

    data = SystemMetric.objects.get(metric_type="performance").data
    unknown = ("response_time_avg", "response_time_p95", "response_time_max", "error_rate", "cpu_usage")
    assert {name: data[name] for name in unknown} == dict.fromkeys(unknown)
    assert data["requests"] == 0


def test_a_minute_is_taken_once():
    counted({"GET ^api/wallet$": [(10, 200)]})

    assert operations.collect(now=NOW) > 5
    counted({"GET ^api/wallet$": [(10, 200)]})
    assert operations.collect(now=NOW + timedelta(seconds=20)) == 0

    assert SystemMetric.objects.get(metric_type="performance").data["requests"] == 1
    assert RequestTally.objects.count() == 1


def test_what_was_counted_while_nobody_collected_is_no_peak_of_now():
    counted({"GET ^api/wallet$": [(9000, 200)] * 5}, ended_at=NOW - timedelta(minutes=30))

    operations.collect(now=NOW)

    assert SystemMetric.objects.get(metric_type="performance").data["requests"] == 0
    assert RouteTotal.objects.get().requests == 5


def test_totals_only_grow():
    for number in (0, 1):
        counted({"GET ^api/wallet$": [(10, 200), (10, 500), (10, 404)]}, ended_at=NOW + MINUTE * number)
        operations.collect(now=NOW + MINUTE * number)

    total = RouteTotal.objects.get()
    assert (total.route, total.requests, total.errors, total.refusals) == ("GET ^api/wallet$", 6, 2, 2)
    assert (total.total_ms, sum(total.buckets)) == (60, 6)


def test_a_figure_that_cannot_be_read_is_unknown_and_costs_no_other(monkeypatch):
    broken = registry.Measure("broken", "business", "Broken", "", "last", lambda now: 1 // 0)
    monkeypatch.setitem(registry.MEASURES, "broken", broken)

    operations.collect(now=NOW)

    assert SystemMetric.objects.get(metric_type="business").data["broken"] is None
    assert SystemMetric.objects.get(metric_type="infrastructure").data["parked_deliveries"] == 0


def test_two_readings_of_one_machine_make_an_average():
    before = {"host": "a", "booted_at": 0, "read_at": 100, "cpu_seconds": 50, "idle_seconds": 40}
    before["network_bytes"] = 1000
    later = {**before, "read_at": 160, "cpu_seconds": 170, "idle_seconds": 130, "network_bytes": 7000}

    figures = machine.figures(later, before)
    elsewhere = machine.figures(later, {**before, "host": "b"})
    restarted = machine.figures({**later, "booted_at": 90}, before)

    assert (figures["cpu_usage"], figures["network_io"]) == (25.0, 100)
    assert (elsewhere["cpu_usage"], restarted["network_io"]) == (None, None)
    assert figures["memory_usage"] > 0


# Hours, days, windows -------------------------------------------------------------------------------------------


def test_an_hour_weighs_requests_and_keeps_peaks():
    busy = {"requests": 90, "request_errors": 9, "response_time_total": 900.0, "response_time_avg": 10.0}
    quiet = {"requests": 10, "request_errors": 0, "response_time_total": 9100.0, "response_time_avg": 910.0}
    minute(61, cpu_usage=20, response_time_max=40, **busy)
    minute(62, cpu_usage=80, response_time_max=2000, **quiet)

    assert operations.roll_up(now=NOW) == "1 hours, 0 days"
    assert operations.roll_up(now=NOW) == "0 hours, 0 days"

    data = SystemMetric.objects.get(period="1h").data
    assert (data["requests"], data["response_time_avg"], data["error_rate"]) == (100, 100.0, 9.0)
    assert (data["cpu_usage"], data["cpu_usage_max"], data["response_time_max"]) == (50, 80, 2000)
    assert data["minutes"] == 2


def test_a_day_is_rome_s_and_gathers_hours():
    for back in (24, 26):
        minute(60 * back + 5, cpu_usage=10 * back, requests=1)

    operations.roll_up(now=NOW)

    day = SystemMetric.objects.get(period="1d")
    assert day.timestamp == datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert (day.data["requests"], day.data["cpu_usage"], day.data["minutes"]) == (2, 250, 2)


def test_a_window_tells_averages_and_peaks_and_how_much_was_measured():
    for back in range(1, 11):
        if back != 5:
            minute(back, requests=2, request_errors=0, response_time_total=100.0, response_time_max=60 + back)

    window = queries.performance(NOW - 10 * MINUTE - timedelta(seconds=30), NOW.replace(second=0))

    assert (window.requests, window.average_response_ms, window.peak_response_ms) == (18, 50.0, 70)
    assert (window.throughput_per_minute, window.minutes_measured, window.uptime_percent) == (2.0, 9, 90.0)
    assert (window.error_rate_percent, window.cpu_average, window.memory_peak) == (0, None, None)


def test_a_long_window_reads_hours_and_the_minutes_not_gathered_yet():
    for back in range(1, 121):
        minute(back, requests=1, response_time_total=5.0)
    operations.roll_up(now=NOW)

    window = queries.performance(NOW - timedelta(days=10), NOW.replace(second=0))

    assert SystemMetric.objects.filter(period="1h").count() == 2
    assert (window.requests, window.minutes_measured, window.uptime_percent) == (120, 120, 100.0)


def test_nothing_measured_in_a_window_is_unknown():
    window = queries.performance(NOW - HOUR, NOW)

    assert (window.average_response_ms, window.uptime_percent, window.throughput_per_minute) == (
        None,
        None,
        None,
    )
    assert queries.performance_score(window) is None


@pytest.mark.parametrize(
    ("figures", "state"),
    [
        ({}, ("unknown", 0)),
        ({"cpu_usage": None, "memory_usage": None}, ("unknown", 0)),
        ({"cpu_usage": 80, "memory_usage": 85, "response_time_avg": 1000}, ("healthy", 100)),
        ({"cpu_usage": 80.1}, ("warning", 75)),
        ({"memory_usage": 86, "cpu_usage": 3}, ("warning", 75)),
        ({"cpu_usage": 90.1}, ("critical", 25)),
        ({"response_time_avg": 2001, "cpu_usage": 81}, ("critical", 25)),
    ],
)
def test_health(figures, state):
    minute(**figures)

    assert queries.health(NOW) == state


def test_figures_of_long_ago_say_nothing_of_now():
    minute(6, cpu_usage=99)

    assert (queries.latest(NOW), queries.health(NOW)) == ({}, ("unknown", 0))


@pytest.mark.parametrize(
    ("averages", "score"),
    [((60, 70, 500), 100), ((61, 70, 500), 90), ((81, 86, 1001), 30), ((81, None, 501), 65)],
)
def test_the_performance_score(averages, score):
    cpu, memory, response = averages
    data = {"cpu_usage": cpu, "memory_usage": memory, "requests": 1, "response_time_total": response}
    minute(1, **data)

    assert queries.performance_score(queries.performance(NOW - HOUR, NOW)) == score


# Prometheus -----------------------------------------------------------------------------------------------------


def read(client, **headers):
    return client.get("/metrics", headers=headers)


def test_prometheus_reads_with_the_token(client, settings):
    settings.METRICS_TOKEN = "a token of the test's own"
    counted({"GET ^api/wallet$": [(30, 200), (700, 500)]})
    operations.collect(now=datetime.now(UTC).replace(second=59))

    RequestTally.objects.update(ended_at=datetime.now(UTC))
    page = read(client, authorization="Bearer a token of the test's own").text

    assert 'goodplay_request_errors_total{method="GET",route="^api/wallet$"} 1.0' in page
    assert (
        'goodplay_request_duration_seconds_bucket{le="0.035",method="GET",route="^api/wallet$"} 1.0' in page
    )
    assert 'goodplay_request_duration_seconds_count{method="GET",route="^api/wallet$"} 2.0' in page
    assert "\nmemory_usage " in page
    assert 'goodplay_alerts_unresolved{area="system"} 0.0' in page


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic abc"])
def test_whoever_lacks_the_token_finds_nothing(client, settings, authorization):
    settings.METRICS_TOKEN = "a token of the test's own"

    assert read(client, authorization=authorization).status_code == 404


def test_without_a_token_only_this_machine_reads_and_only_if_it_may(client, settings):
    assert read(client, authorization="Bearer ").status_code == 404

    settings.METRICS_ON_LOOPBACK = True

    assert read(client).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_the_screen_shows_the_figures(client):
    minute(cpu_usage=12.5)
    client.force_login(StaffFactory())

    page = client.get(reverse("admin:metrics_systemmetric_changelist"))

    assert "&quot;cpu_usage&quot;: 12.5" in page.text
