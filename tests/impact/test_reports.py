"""Community reports: their figures are those of the ledger when the period ended, and each is made, told and kept once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from donations.models import LedgerAccount, Transfer
from donations.operations import rollups
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from goodplay.lib.time import day_start
from impact.measures import report_generation_time
from impact.models import CommunityMilestone, CommunityReport, ReportPublication
from impact.operations import reports
from impact.queries.given import FiguresNotReady, given_in
from impact.report_periods import ReportPeriod, period_named, period_of
from impact.report_values import read, stored
from impact.report_words import summary_of, title_of
from impact.tasks import ReportsFailed, archive_old_reports, make_due_reports, warm_dashboards
from tests.factories.accounts import PASSWORD, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import let_pass, make_donation, take_back
from tests.factories.impact import (
    CommunityReportFactory,
    ImpactMetricFactory,
    ImpactStoryFactory,
    ImpactUpdateFactory,
)

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

Status = CommunityReport.Status
MARCH = ReportPeriod("monthly", date(2026, 3, 1), date(2026, 3, 31))
SOON_AFTER_MARCH = datetime(2026, 4, 1, 0, 20, tzinfo=UTC)


def at(day, hour=12, minute=0):
    """A moment by the clock of Rome."""
    return day_start(day) + timedelta(hours=hour, minutes=minute)


def make(period, now, **options):
    rollups.roll_up(now=now)
    report = reports._of(period, **options)
    return reports.make(report=report, now=now)


def ledger_says(period):
    """What transfers moved to organisations as gifts in the period, less what went back of those before its end."""
    given = Transfer.objects.moving().filter(
        kind="donation", credit_account__kind=LedgerAccount.Kind.ONLUS_PAYABLE, reverses=None
    )
    ours = given.filter(created_at__gte=period.start, created_at__lt=period.end)
    total = ours.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    back = Transfer.objects.moving().filter(reverses__in=ours, created_at__lt=period.end)
    returned = back.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return Decimal(total - returned).quantize(Decimal("0.01"))


@pytest.fixture
def spring(settled):
    """A March with both edges of the month, the night the clocks change, refunds before and after its end."""
    alice, bob, carla = UserFactory(), UserFactory(), UserFactory(display_name="Carla")
    park = OnlusFactory(name="Amici del Parco", region="Lazio")
    house = OnlusFactory(name="Casa Aperta", region="Lombardia")
    february = make_donation(alice, park, "50.00", now=at(date(2026, 2, 28), 23, 59))
    first = make_donation(alice, park, "10.00", now=day_start(date(2026, 3, 1)))
    make_donation(bob, house, "4.00", now=at(date(2026, 3, 29), 1, 30))
    make_donation(bob, park, "6.00", now=at(date(2026, 3, 29), 2, 30))  # 03:30 by the clock: it has moved on
    last = make_donation(carla, house, "20.00", now=at(date(2026, 3, 31), 23, 59))
    gone = make_donation(carla, park, "3.00", now=at(date(2026, 3, 10)))
    make_donation(bob, park, "99.00", now=day_start(date(2026, 4, 1)))  # midnight in Rome: April
    take_back(gone, now=at(date(2026, 3, 11)))
    take_back(first, "2.50", now=at(date(2026, 3, 30)))
    return {
        "alice": alice,
        "carla": carla,
        "park": park,
        "house": house,
        "first": first,
        "last": last,
        "february": february,
    }


# Figures ---------------------------------------------------------------------------------------------------------


def test_a_month_says_what_the_ledger_said_when_it_ended(spring):
    report = make(MARCH, SOON_AFTER_MARCH)

    total = ledger_says(MARCH)
    assert report.status == Status.COMPLETED, report.generation_metadata
    assert (
        report_generation_time(SOON_AFTER_MARCH) == report.generation_metadata["generation_time_seconds"] > 0
    )
    assert total == Decimal("37.50")
    assert (report.total_donations_amount, report.total_donations_count) == (total, 4)
    assert (report.unique_donors_count, report.onlus_supported_count) == (3, 2)
    # The month is 31 days long though an hour is missing.
    assert report.period_end - report.period_start == timedelta(days=30, hours=23)


@pytest.mark.parametrize("late", ["whole", "part", "none left in any of it"])
def test_what_is_given_back_later_still_counted_when_the_month_ended(spring, late):
    later = at(date(2026, 4, 5))
    if late == "whole":
        take_back(spring["last"], now=later)
    elif late == "part":
        take_back(spring["last"], "12.34", now=later)
        take_back(spring["first"], now=later)
    else:
        for donation in (spring["last"], spring["first"]):
            take_back(donation, now=later)

    report = make(MARCH, later + timedelta(hours=1))

    total = ledger_says(MARCH)
    assert (report.total_donations_amount, total) == (Decimal("37.50"), Decimal("37.50"))
    assert (report.total_donations_count, report.unique_donors_count) == (4, 3)
    breakdown = read(report.donation_breakdown)
    assert sum(each["count"] for each in breakdown["by_amount_range"].values()) == 4
    assert sum(each["amount"] for each in breakdown["by_amount_range"].values()) == total
    assert {name: each["donors"] for name, each in breakdown["by_frequency"].items()} == {
        "once": 2,
        "2_to_4": 1,
        "5_to_9": 0,
        "10_or_more": 0,
    }
    assert sum(row["total_received"] for row in read(report.onlus_rankings)) == total
    assert breakdown["by_source"] == {"earned_credits": total, "own_money": Decimal("0.00")}


@pytest.mark.parametrize("kind", ["daily", "weekly", "quarterly", "annual"])
def test_every_kind_of_period_equals_the_ledger(spring, kind):
    period = period_of(kind, date(2026, 3, 29))
    report = make(period, period.end + timedelta(minutes=20))

    assert report.total_donations_amount == ledger_says(period)
    assert report.total_donations_count > 0


def test_places_and_fields_and_who_gave_are_told(spring):
    ImpactMetricFactory(onlus_id=spring["park"].pk, verification_status="verified")

    report = make(MARCH, SOON_AFTER_MARCH)

    regions = read(report.geographic_distribution)["by_region"]
    assert {name: (row["amount"], row["count"]) for name, row in regions.items()} == {
        "Lombardia": (Decimal("24.00"), 2),
        "Lazio": (Decimal("13.50"), 2),
    }
    assert read(report.fee_transparency) == {
        "platform_fee_percentage": Decimal("0.00"),
        "total_fees_collected": Decimal("0.00"),
        "fees_to_onlus": Decimal("37.50"),
        "operational_costs": None,
        "transparency_score": Decimal("50.00"),
    }
    assert report.user_engagement_stats["returning_donors"] == 1
    assert next(row["user_id"] for row in report.top_contributors) == str(spring["carla"].pk)
    assert read(report.top_contributors)[0]["total_donated"] == Decimal("20.00")
    assert "Carla" not in str(report.top_contributors)  # names are asked for when they are shown
    assert read(report.growth_metrics)["donations_growth"] == Decimal("-25.00")
    comparison = read(report.comparative_data)
    assert comparison["previous_period"]["overall"] == "overall_growth"
    assert comparison["year_over_year"]["donations_amount"]["direction"] == "up"
    assert comparison["all_time_comparison"]["donations_amount"] == Decimal("87.50")
    assert comparison["twelve_month_trend"] == {"months": 1, "trend": "insufficient_data"}


def test_the_trend_compares_the_first_with_the_last_month(spring):
    CommunityReportFactory(
        total_donations_amount=Decimal("50.00"),
        total_donations_count=1,
        unique_donors_count=1,
        onlus_supported_count=2,
    )

    trend = read(make(MARCH, SOON_AFTER_MARCH).comparative_data)["twelve_month_trend"]

    assert trend["months"] == 2
    assert trend["donations_amount"] == {
        "first_value": Decimal("50.00"),
        "last_value": Decimal("37.50"),
        "growth_percentage": Decimal("-25.00"),
        "trend": "decreasing",
    }
    assert (trend["donations_count"]["trend"], trend["onlus"]["trend"]) == ("increasing", "stable")


def test_figures_wait_for_the_rollups():
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00", now=at(date(2026, 3, 3)))
    rollups.roll_up(now=SOON_AFTER_MARCH)
    take_back(donation, "1.00", now=SOON_AFTER_MARCH)  # not rolled up yet

    with pytest.raises(FiguresNotReady):
        given_in(MARCH)


def test_words_are_made_from_the_figures_in_the_language_of_the_reader(spring):
    report = make(MARCH, SOON_AFTER_MARCH)

    assert report.title == "Impact report: March 2026"
    assert report.executive_summary.startswith(
        "3 donors gave €37.50 in 4 donations to 2 organisations. That is 25.00 %"
    )
    assert "Most was given to Casa Aperta: €24.00." in report.highlights
    with override("it"):
        assert "2026" in title_of(report)
        assert "37,50" in summary_of(report)


# Periods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "first", "last"),
    [
        ("daily", "2026-03-29", date(2026, 3, 29), date(2026, 3, 29)),
        ("weekly", "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("monthly", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("quarterly", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("annual", "2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_known_by_its_name(kind, name, first, last):
    period = period_named(kind, name)

    assert (period.first, period.last, period.name) == (first, last, name)
    assert period.before.last == first - timedelta(days=1)
    assert period.year_before.days in (period.days, period.days + 1, period.days - 1)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("daily", "2026-02-30"),
        ("weekly", "2025-W53"),
        ("monthly", "2026-13"),
        ("quarterly", "2026-Q5"),
        ("annual", "26"),
        ("annual", "0000"),
        ("real_time", "2026"),
        ("nothing", "2026"),
        ("monthly", "2026-03\n"),
        ("annual", "9999"),
        ("annual", "0001"),
        ("daily", "9999-12-31"),
        ("daily", "0001-01-01"),
        ("weekly", "9999-W52"),
        ("quarterly", "2101-Q1"),
        ("monthly", "1999-12"),
    ],
)
def test_what_is_no_period_has_none(kind, name):
    assert period_named(kind, name) is None


def test_figures_survive_a_document_exactly():
    figures = {"amount": Decimal("0.10"), "rows": [{"share": Decimal("33.33"), "count": 3}], "none": None}

    assert read(stored(figures)) == figures
    assert stored(figures)["amount"] == "0.10"


# Making, once ----------------------------------------------------------------------------------------------------


def test_what_is_due_is_made_published_and_told_once(settled):
    for month in (1, 2, 3):
        make_donation(UserFactory(), OnlusFactory(), "5.00", now=at(date(2026, month, 3)))
    with settled():
        made = reports.make_due(now=SOON_AFTER_MARCH)
    before = list(CommunityReport.objects.order_by("pk").values())

    with settled():
        again = reports.make_due(now=SOON_AFTER_MARCH)

    counts = {kind: sum(report.report_type == kind for report in made) for kind in reports.LOOKED_BACK}
    assert counts == {"daily": 7, "weekly": 5, "monthly": 3, "quarterly": 1, "annual": 0}
    assert {report.status for report in made} == {Status.PUBLISHED}
    assert again == []
    assert list(CommunityReport.objects.order_by("pk").values()) == before
    assert (
        Event.objects.filter(name="report_published").count()
        == ReportPublication.objects.count()
        == len(made)
    )


def test_a_period_that_ended_a_moment_ago_waits_until_all_is_committed():
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=at(date(2026, 3, 31)))

    assert [
        r for r in reports.make_due(now=MARCH.end + timedelta(minutes=9)) if r.report_type == "monthly"
    ] == []


def test_what_a_crash_left_is_taken_up_again(spring, settings):
    rollups.roll_up(now=SOON_AFTER_MARCH)
    half = reports._of(MARCH, publishes_itself=True)
    assert reports._take(half, SOON_AFTER_MARCH)  # and there the process dies
    settings.REPORT_GENERATION_TIMEOUT = 300

    soon = reports.make_due(now=SOON_AFTER_MARCH + timedelta(minutes=4))
    late = reports.make_due(now=SOON_AFTER_MARCH + timedelta(minutes=6))

    assert half.pk not in {report.pk for report in soon}
    taken_up = next(report for report in late if report.pk == half.pk)
    assert (taken_up.status, taken_up.attempts) == (Status.PUBLISHED, 2)
    assert taken_up.total_donations_amount == Decimal("37.50")
    assert CommunityReport.objects.filter(report_type="monthly", period_start=MARCH.start).count() == 1


def test_a_report_made_before_a_crash_is_published_by_the_next_run(spring):
    made = make(MARCH, SOON_AFTER_MARCH, publishes_itself=True)
    assert made.status == Status.COMPLETED

    touched = reports.make_due(now=SOON_AFTER_MARCH)

    made.refresh_from_db()
    assert made.status == Status.PUBLISHED
    assert made.pk in {report.pk for report in touched}


def test_a_slower_maker_does_not_overwrite_who_took_over(spring):
    rollups.roll_up(now=SOON_AFTER_MARCH)
    report = reports._of(MARCH)
    assert reports._take(report, SOON_AFTER_MARCH)
    slow = CommunityReport.objects.get(pk=report.pk)
    later = SOON_AFTER_MARCH + timedelta(hours=1)
    done = reports.make(report=CommunityReport.objects.get(pk=report.pk), now=later)

    with pytest.raises(reports.ReportUnderWay):
        reports._finish(slow, Status.ERROR, {"generation_metadata": {"error_message": "late"}}, later)

    done.refresh_from_db()
    assert (done.status, done.attempts) == (Status.COMPLETED, 2)


def test_a_report_that_fails_says_why_keeps_no_other_from_being_made_and_is_tried_again(spring, settings):
    settings.REPORT_GENERATION_TIMEOUT = 0  # nothing is that quick
    with pytest.raises(ReportsFailed):
        make_due_reports()
    failed = list(CommunityReport.objects.all())
    assert failed
    assert {report.status for report in failed} == {Status.ERROR}
    assert {report.generation_metadata["error_message"] for report in failed} == {"ReportTookTooLong: "}

    settings.REPORT_GENERATION_TIMEOUT = 300
    make_due_reports()

    assert set(CommunityReport.objects.values_list("status", "attempts")) == {(Status.PUBLISHED, 2)}


def test_a_report_is_not_tried_for_ever(spring, settings):
    settings.REPORT_GENERATION_TIMEOUT = 0
    for _run in range(reports.MOST_ATTEMPTS + 1):
        reports.make_due(now=SOON_AFTER_MARCH)

    assert set(CommunityReport.objects.values_list("attempts", flat=True)) == {reports.MOST_ATTEMPTS}


def test_days_and_quarters_are_put_away_after_a_year_months_and_years_are_not():
    old = {"period_start": datetime(2024, 1, 1, tzinfo=UTC), "period_end": datetime(2024, 4, 1, tzinfo=UTC)}
    for kind in ("daily", "weekly", "monthly", "quarterly", "annual"):
        CommunityReportFactory(report_type=kind, **old)
    CommunityReportFactory(
        report_type="daily",
        period_start=timezone.now() - timedelta(days=9),
        period_end=timezone.now() - timedelta(days=8),
    )

    assert archive_old_reports() == 3
    assert archive_old_reports() == 0

    published = CommunityReport.objects.published().values_list("report_type", flat=True)
    assert sorted(published) == ["annual", "daily", "monthly"]


def test_a_published_report_that_was_not_told_is_told_by_the_next_run(settled):
    report = CommunityReportFactory(attempts=1)
    CommunityReportFactory(report_type="annual")  # brought over from elsewhere: nobody waits for it

    with settled():
        assert [reports.announce_published(now=SOON_AFTER_MARCH) for _run in range(2)] == [1, 0]

    assert ReportPublication.objects.get().pk == report.pk
    assert Event.objects.filter(name="report_published").count() == 1


# The API ---------------------------------------------------------------------------------------------------------


def test_the_report_of_a_month_is_public_and_whole_when_asked(api, spring):
    reports.publish(report=make(MARCH, SOON_AFTER_MARCH), now=SOON_AFTER_MARCH)

    short = api.get("/api/impact/reports/monthly/2026/3").json()
    whole = api.get("/api/impact/reports/monthly/2026/03/?detailed=true").json()["data"]

    assert short["message"] == "MONTHLY_REPORT_SUCCESS"
    data = short["data"]
    assert data["period"] == {
        "start": "2026-02-28T23:00:00+00:00",
        "end": "2026-03-31T21:59:59+00:00",
        "duration_days": 31,
    }
    assert data["summary"]["donations"] == {
        "total_amount": 37.5,
        "total_count": 4,
        "average_amount": 9.38,
        "per_day_count": 0.13,
        "per_day_amount": 1.21,
    }
    assert data["summary"]["transparency"] == {
        "platform_fee_amount": 0.0,
        "fee_percentage": 0,
        "transparency_score": 0,
    }
    assert data["growth_metrics"]["donation_growth_percentage"] == -25.0
    assert not {"donation_breakdown", "top_contributors", "generation_metadata"} & data.keys()
    assert whole["geographic_distribution"]["by_region"]["Lazio"]["amount"] == 13.5
    assert next(row["user_name"] for row in whole["top_contributors"]) == "Carla"
    assert "comparative_data" in whole


def test_who_withdraws_consent_leaves_the_reports_at_once(api, spring):
    reports.publish(report=make(MARCH, SOON_AFTER_MARCH), now=SOON_AFTER_MARCH)
    preferences = spring["carla"].preferences
    preferences.privacy["leaderboard_participation"] = False
    preferences.save()

    text = api.get("/api/impact/reports/monthly/2026/3?detailed=true").content.decode()

    assert "Carla" not in text
    assert str(spring["carla"].pk) not in text


@pytest.mark.parametrize(
    ("path", "status", "constant"),
    [
        ("monthly/2026/13", 422, "INVALID_MONTH"),
        ("monthly/1999/0", 422, "INVALID_MONTH"),
        ("monthly/2019/1", 422, "INVALID_YEAR"),
        ("monthly/2031/1", 422, "INVALID_YEAR"),
        ("monthly/2026/x", 422, "INVALID_MONTH"),
        ("annual/²026", 422, "INVALID_YEAR"),
        ("annual/9999", 422, "INVALID_YEAR"),
        ("annual/0001", 422, "INVALID_YEAR"),
        ("monthly/9999/12", 422, "INVALID_YEAR"),
        ("monthly/0001/01", 422, "INVALID_YEAR"),
        ("annual/2020", 404, "REPORT_NOT_FOUND"),
        ("monthly/2026/2", 404, "REPORT_NOT_FOUND"),  # there, and not published
    ],
)
def test_what_is_no_published_report_is_refused(api, path, status, constant):
    CommunityReportFactory(status=Status.COMPLETED, published_at=None)

    response = api.get(f"/api/impact/reports/{path}")

    assert (response.status_code, response.json()["message"]) == (status, constant)


def test_a_year_is_public_too(api):
    CommunityReportFactory(
        report_type="annual",
        period_start=day_start(date(2025, 1, 1)),
        period_end=day_start(date(2026, 1, 1)),
        title="2025",
    )

    body = api.get("/api/impact/reports/annual/2025").json()

    assert (body["message"], body["data"]["title"], body["data"]["period"]["duration_days"]) == (
        "ANNUAL_REPORT_SUCCESS",
        "2025",
        365,
    )


GENERATE = "/api/impact/admin/reports/generate"


def test_staff_make_the_picture_of_today_and_it_is_not_kept(api):
    api.force_authenticate(StaffFactory())

    answers = [api.post(GENERATE, {"report_type": name}) for name in ("real_time", "real_time_snapshot")]

    assert [(each.status_code, each.json()["message"]) for each in answers] == [
        (200, "REAL_TIME_REPORT_GENERATED")
    ] * 2
    assert not CommunityReport.objects.exists()


def test_staff_make_a_report_once_and_publish_it_later(api, spring):
    api.force_authenticate(StaffFactory())

    made = [
        api.post(GENERATE, {"report_type": "monthly", "date": "2026-03-15"}).json() for _twice in range(2)
    ]

    assert [each["message"] for each in made] == ["COMMUNITY_REPORT_GENERATED"] * 2
    assert made[0]["data"]["id"] == made[1]["data"]["id"]
    assert (made[0]["data"]["status"], CommunityReport.objects.count()) == ("completed", 1)
    assert AuditEntry.objects.filter(target_type="impact.communityreport", action="generate").count() == 1
    assert api.get("/api/impact/reports/monthly/2026/3").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"date": "2026-03-01"}, 422, "REPORT_TYPE_REQUIRED"),
        ({"report_type": "special_event"}, 422, "UNSUPPORTED_REPORT_TYPE"),
        ({"report_type": ["monthly"]}, 422, "UNSUPPORTED_REPORT_TYPE"),
        ({"report_type": "monthly", "date": "2999-01-01"}, 422, "REPORT_PERIOD_INVALID"),
        ({"report_type": "monthly", "date": "no day"}, 422, "REPORT_PERIOD_INVALID"),
        ({"report_type": "daily", "date": "9999-12-31"}, 422, "REPORT_PERIOD_INVALID"),
        ({"report_type": "annual", "date": "0001-01-01"}, 422, "REPORT_PERIOD_INVALID"),
    ],
)
def test_a_report_that_cannot_be_made_is_refused(api, body, status, constant):
    api.force_authenticate(StaffFactory())

    response = api.post(GENERATE, body)

    assert (response.status_code, response.json()["message"]) == (status, constant)
    assert not CommunityReport.objects.exists()


def test_only_staff_make_reports(api):
    api.force_authenticate(UserFactory())

    response = api.post(GENERATE, {"report_type": "real_time"})

    assert (response.status_code, response.json()["message"]) == (403, "ADMIN_ACCESS_REQUIRED")


# The back office -------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


def press(staff, name, report=None, **data):
    arguments = [name] if report is None else [report.pk, name]
    address = reverse(
        f"admin:impact_communityreport_do{'_on_list' if report is None else ''}", args=arguments
    )
    return staff.post(address, {"reason": "Asked for by the board.", **data}, follow=True).content.decode()


def test_staff_make_publish_and_put_away_a_report_with_a_reason(staff, spring, settled):
    press(
        staff,
        "generate",
        report_type="special_event",
        first="2026-03-01",
        last="2026-03-15",
        title="Spring week",
    )
    report = CommunityReport.objects.get()
    assert (report.status, report.title, report.total_donations_amount) == (
        Status.COMPLETED,
        "Spring week",
        Decimal("10.00"),  # what was given back of it came later
    )

    with settled():
        press(staff, "publish", report)
    press(staff, "archive", report)

    report.refresh_from_db()
    assert report.status == Status.ARCHIVED
    noted = AuditEntry.objects.filter(target_id=str(report.pk)).order_by("sequence")
    assert [(each.action, each.reason) for each in noted] == [
        (action, "Asked for by the board.") for action in ("generate", "publish", "archive")
    ]
    assert noted.last().before == {"status": "published"}


def test_a_report_that_failed_is_shown_with_its_problem_and_made_again(staff, spring):
    report = make(MARCH, SOON_AFTER_MARCH)
    CommunityReport.objects.update(status=Status.ERROR, generation_metadata={"error_message": "Out of ink"})

    assert "Out of ink" in staff.get(reverse("admin:impact_communityreport_changelist")).content.decode()
    press(staff, "retry", report)

    report.refresh_from_db()
    assert (report.status, report.attempts) == (Status.COMPLETED, 2)


def test_a_special_event_wants_a_title_and_days_in_order(staff):
    page = press(staff, "generate", report_type="special_event", first="2026-03-01", last="2026-03-15")
    other = press(
        staff, "generate", report_type="special_event", first="2026-03-15", last="2026-03-01", title="X"
    )

    assert "Give the report of a special event a title." in page
    assert "must not be before the first" in other
    assert not CommunityReport.objects.exists()


@pytest.mark.parametrize("days", [{"first": "0001-01-01"}, {"first": "2026-03-01", "last": "9999-12-31"}])
def test_no_report_is_made_of_days_at_the_edge_of_the_calendar(staff, days):
    page = press(staff, "generate", report_type="special_event", title="X", **days)

    assert "Ensure this value is" in page
    assert not CommunityReport.objects.exists()


@pytest.mark.parametrize("name", ["publish", "retry"])
def test_what_is_put_away_stays_as_it_is(staff, name):
    report = CommunityReportFactory(status=Status.ARCHIVED, attempts=1)

    press(staff, name, report)

    report.refresh_from_db()
    assert (report.status, report.attempts) == (Status.ARCHIVED, 1)


def test_the_board_of_the_back_office_tells_how_reports_do(staff):
    CommunityReportFactory(
        published_at=timezone.now(), generation_metadata={"generation_time_seconds": 1.25}, attempts=1
    )
    CommunityReportFactory(report_type="daily", status=Status.ERROR, published_at=None)

    page = staff.get("/admin/", {"board": "community"}).content.decode()

    assert "Reports that failed" in page
    assert "The slowest took 1.25 seconds" in page


# Dashboard -------------------------------------------------------------------------------------------------------

DASHBOARD = "/api/impact/dashboard"


def sign_in(api, user):
    answer = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD}).json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer['data']['tokens']['access_token']}")


def test_the_dashboard_is_for_everybody_and_own_blocks_want_a_token(api, settled):
    donor, other = UserFactory(), UserFactory()
    with settled():
        let_pass(make_donation(donor, OnlusFactory(), "30.00", now=timezone.now()))
    CommunityMilestone.objects.create(kind="stories", threshold=1000, value=1001, reached_at=timezone.now())

    anonymous = api.get(DASHBOARD, {"user_id": str(donor.pk)}).json()
    api.force_authenticate(donor)
    own = api.get(DASHBOARD).json()["data"]
    api.force_authenticate(other)
    nosy = api.get(DASHBOARD, {"user_id": str(donor.pk)}).json()["data"]
    boss = StaffFactory()
    api.force_authenticate(None)
    sign_in(api, boss)
    staff = api.get(DASHBOARD, {"user_id": str(donor.pk)}).json()["data"]

    assert anonymous["message"] == "DASHBOARD_DATA_SUCCESS"
    assert (anonymous["data"]["user_summary"], anonymous["data"]["next_milestones"]) == (None, None)
    assert anonymous["data"]["community_highlights"]["total_platform_donated"] == 30.0
    assert (
        anonymous["data"]["community_highlights"]["recent_milestones"][0]["title"]
        == "Together we opened 1,000 stories"
    )
    assert own["user_summary"]["total_donated"] == staff["user_summary"]["total_donated"] == 30.0
    assert own["user_summary"]["current_level"] == 2
    assert [each["level"] for each in own["next_milestones"]] == [3, 4, 5]
    assert nosy["user_summary"]["total_donated"] == 0.0


@pytest.mark.parametrize("count", [1, 3])
def test_the_dashboard_costs_the_same_for_many_news(api, count, django_assert_max_num_queries):
    for number in range(count):
        ImpactUpdateFactory(published_at=timezone.now(), trending_score=number + 1, title=f"Number {number}")
        ImpactStoryFactory(featured_until=timezone.now() + timedelta(days=1))
    cache.clear()

    with django_assert_max_num_queries(25):
        data = api.get(DASHBOARD).json()["data"]
    with django_assert_max_num_queries(0):
        api.get(DASHBOARD)

    assert len(data["trending_updates"]) == len(data["featured_stories"]) == count
    assert [each["title"] for each in data["trending_updates"]] == [
        f"Number {n}" for n in reversed(range(count))
    ]
    assert len(data["recent_updates"]) == count
    assert "content" not in data["featured_stories"][0]


def test_the_dashboard_leaves_out_organisations_nobody_may_see(api):
    hidden = OnlusFactory(status="suspended")
    ImpactUpdateFactory(onlus_id=hidden.pk, published_at=timezone.now(), trending_score=9)
    ImpactStoryFactory(onlus_id=hidden.pk, featured_until=timezone.now() + timedelta(days=1))
    cache.clear()

    data = api.get(DASHBOARD).json()["data"]

    names = ("featured_updates", "trending_updates", "recent_updates", "featured_stories")
    assert {name: data[name] for name in names} == {name: [] for name in names}


def test_a_job_keeps_the_dashboard_warm(api, django_assert_num_queries):
    cache.clear()
    warm_dashboards()

    with django_assert_num_queries(0):
        assert api.get(DASHBOARD).status_code == 200
