"""What ONLUS report: taken in once, corrected in public, verified and doubted by staff, and what it adds up to."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import DomainError
from goodplay.lib.events.models import Event
from goodplay.lib.private_files.models import PrivateFile
from impact.models import (
    ImpactMetric,
    MetricCorrection,
    MetricEvidence,
    MetricPoint,
    MetricReview,
)
from impact.operations import metric_evidence, metric_reports, metric_reviews
from impact.operations.metric_reports import Reading, report
from impact.queries import metric_history
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.impact import NOW, ImpactMetricFactory
from tests.factories.private_files import PDF

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

LATER = NOW + timedelta(days=3)


@pytest.fixture
def onlus():
    return OnlusFactory()


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "private")


def meals(value="150", *, now=NOW, onlus, actor=None, **facts):
    reading = Reading("meals", "beneficiaries", "people", Decimal(value), **facts)
    return report(onlus_id=onlus.pk, reading=reading, actor=actor, source="onlus_report", now=now)


def points_of(metric):
    rows = MetricPoint.objects.filter(metric_id=metric.pk).order_by("recorded_at", "id")
    return [(row.value, row.recorded_at) for row in rows]


# Readings --------------------------------------------------------------------------------------------------------


def test_the_first_value_makes_a_metric_and_the_next_is_a_reading_of_it(onlus):
    metric, is_new = meals("150", onlus=onlus, methodology="We count plates.")
    again, is_new_again = meals("180", onlus=onlus, now=LATER)

    assert (is_new, is_new_again, again.pk) == (True, False, metric.pk)
    assert (again.current_value, again.previous_value) == (180, 150)
    assert (again.collection_date, again.methodology) == (LATER, "We count plates.")
    assert points_of(metric) == [(150, NOW), (180, LATER)]


def test_a_value_from_before_there_was_a_history_is_kept(onlus):
    metric = ImpactMetricFactory(
        onlus_id=onlus.pk, metric_name="meals", current_value=100, collection_date=NOW - timedelta(days=9)
    )

    meals("150", onlus=onlus)

    assert points_of(metric) == [(100, NOW - timedelta(days=9)), (150, NOW)]


def test_another_name_is_another_metric(onlus):
    meals(onlus=onlus)
    reading = Reading("beds", "beneficiaries", "people", Decimal(4))
    report(onlus_id=onlus.pk, reading=reading, actor=None, source="onlus_report", now=NOW)

    assert set(ImpactMetric.objects.of_onlus(onlus.pk).values_list("metric_name", flat=True)) == {
        "meals",
        "beds",
    }


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"period_type": "monthly"}, "METRIC_PERIOD_DATES_INVALID"),
        ({"period_start": NOW}, "METRIC_PERIOD_DATES_INVALID"),
        (
            {"period_type": "daily", "period_start": LATER, "period_end": NOW},
            "METRIC_PERIOD_DATES_INVALID",
        ),
        ({"collection_date": LATER}, "METRIC_COLLECTION_DATE_INVALID"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(onlus, facts, code):
    with pytest.raises(DomainError) as refusal:
        meals(onlus=onlus, **facts)

    assert refusal.value.code == code
    assert not ImpactMetric.objects.of_onlus(onlus.pk).exists()


def test_a_reading_older_than_the_last_or_in_another_unit_is_refused(onlus):
    metric, _ = meals(onlus=onlus)

    with pytest.raises(metric_reports.CollectedAtImpossible):
        meals("9", onlus=onlus, now=LATER, collection_date=NOW - timedelta(days=1))
    reading = Reading("meals", "beneficiaries", "liters", Decimal(9))
    with pytest.raises(metric_reports.UnitFixed):
        report(onlus_id=onlus.pk, reading=reading, actor=None, source="onlus_report", now=LATER)

    metric.refresh_from_db()
    assert (metric.current_value, len(points_of(metric))) == (150, 1)


def test_an_onlus_has_only_so_many_metrics(onlus, settings):
    settings.MAX_METRICS_PER_ONLUS = 1
    metric, _ = meals(onlus=onlus)

    reading = Reading("beds", "beneficiaries", "people", Decimal(4))
    with pytest.raises(metric_reports.TooManyMetrics):
        report(onlus_id=onlus.pk, reading=reading, actor=None, source="onlus_report", now=NOW)
    metric_reports.set_active(metric=metric, is_active=False, actor=UserFactory(), now=NOW)
    report(onlus_id=onlus.pk, reading=reading, actor=None, source="onlus_report", now=NOW)

    with pytest.raises(metric_reports.TooManyMetrics):
        meals("200", onlus=onlus, now=LATER)
    assert list(ImpactMetric.objects.active().of_onlus(onlus.pk).values_list("metric_name", flat=True)) == [
        "beds"
    ]


# Corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_stays_readable_and_asks_for_another_look(onlus, staff):
    member = UserFactory()
    metric, _ = meals("1500", onlus=onlus)
    metric_reviews.verify(metric=metric, seen_value=Decimal(1500), actor=staff, now=NOW)

    corrected = metric_reports.correct(
        metric=metric,
        new_value=Decimal(150),
        reason="A nought too many.",
        seen_value=Decimal(1500),
        actor=member,
        now=LATER,
    )

    assert (corrected.current_value, corrected.previous_value) == (150, 1500)
    assert (corrected.verification_status, corrected.verified_by_id) == ("pending", None)
    [row] = MetricCorrection.objects.all()
    assert (row.old_value, row.new_value, row.reason, row.corrected_at, row.by_staff) == (
        1500,
        150,
        "A nought too many.",
        LATER,
        False,
    )
    assert AuditEntry.objects.filter(action="metric_correct", actor=member, reason=row.reason).exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": "  "}, "METRIC_CORRECTION_REASON_REQUIRED"),
        ({"new_value": Decimal(150)}, "METRIC_CORRECTION_UNCHANGED"),
        ({"seen_value": Decimal(149)}, "METRIC_UPDATE_FAILED"),
    ],
)
def test_a_correction_that_says_nothing_is_refused(onlus, changes, code):
    metric, _ = meals(onlus=onlus)
    facts = {"new_value": Decimal(15), "reason": "Miscounted.", "seen_value": Decimal(150)} | changes

    with pytest.raises(DomainError) as refusal:
        metric_reports.correct(metric=metric, actor=UserFactory(), now=LATER, **facts)

    metric.refresh_from_db()
    assert (refusal.value.code, metric.current_value) == (code, 150)
    assert (MetricCorrection.objects.count(), len(points_of(metric))) == (0, 1)


# Verification ----------------------------------------------------------------------------------------------------


def test_staff_verify_doubt_and_settle(onlus, staff):
    metric, _ = meals(onlus=onlus)
    seen = {"seen_value": Decimal(150), "actor": staff}

    verified = metric_reviews.verify(metric=metric, now=NOW, **seen)
    assert (verified.verification_status, verified.verified_by_id, verified.last_verified) == (
        "verified",
        staff.pk,
        NOW,
    )
    disputed = metric_reviews.dispute(metric=metric, reason="The photo shows a hundred.", now=LATER, **seen)
    assert (disputed.verification_status, disputed.dispute_reason, disputed.disputed_at) == (
        "disputed",
        "The photo shows a hundred.",
        LATER,
    )
    settled = metric_reviews.resolve(
        metric=metric, reason="Both shifts.", corrected_value=Decimal(140), now=LATER, **seen
    )

    assert (settled.verification_status, settled.current_value, settled.dispute_reason) == (
        "verified",
        140,
        "",
    )
    decisions = MetricReview.objects.order_by("reviewed_at", "id").values_list("decision", "value")
    assert list(decisions) == [("verified", 150), ("disputed", 150), ("corrected", 140)]
    assert MetricCorrection.objects.get().by_staff is True
    events = Event.objects.filter(name__startswith="metric_").order_by("pk").values_list("name", flat=True)
    assert list(events) == ["metric_verified", "metric_disputed", "metric_verified"]
    assert Event.objects.get(name="metric_disputed").payload["reason"] == "The photo shows a hundred."


def test_a_dispute_whose_value_stands_is_settled_without_a_correction(onlus, staff):
    metric, _ = meals(onlus=onlus)
    seen = {"seen_value": Decimal(150), "actor": staff, "now": NOW}
    metric_reviews.dispute(metric=metric, reason="Too many.", **seen)

    settled = metric_reviews.resolve(metric=metric, reason="Counted with them.", **seen)

    assert (settled.verification_status, MetricCorrection.objects.count()) == ("verified", 0)


@pytest.mark.parametrize(
    ("action", "facts", "code"),
    [
        ("verify", {"seen_value": Decimal(149)}, "METRIC_UPDATE_FAILED"),
        ("dispute", {"reason": " "}, "METRIC_DISPUTE_REASON_REQUIRED"),
        ("resolve", {"reason": "Fine."}, "METRIC_NOT_DISPUTED"),
        ("resolve", {"reason": ""}, "METRIC_DISPUTE_REASON_REQUIRED"),
    ],
)
def test_what_cannot_be_decided_is_refused(onlus, staff, action, facts, code):
    metric, _ = meals(onlus=onlus)

    with pytest.raises(DomainError) as refusal:
        getattr(metric_reviews, action)(
            metric=metric, actor=staff, now=NOW, **{"seen_value": Decimal(150), **facts}
        )

    metric.refresh_from_db()
    assert (refusal.value.code, metric.verification_status) == (code, "pending")
    assert not Event.objects.filter(name__startswith="metric_").exists()


def test_the_second_verification_is_refused(onlus, staff):
    metric, _ = meals(onlus=onlus)
    metric_reviews.verify(metric=metric, seen_value=Decimal(150), actor=staff, now=NOW)

    with pytest.raises(metric_reviews.NotToVerify):
        metric_reviews.verify(metric=metric, seen_value=Decimal(150), actor=staff, now=LATER)

    assert MetricReview.objects.count() == 1


def test_new_words_do_not_undo_a_verification_but_a_new_value_does(onlus, staff):
    metric, _ = meals(onlus=onlus)
    metric_reviews.verify(metric=metric, seen_value=Decimal(150), actor=staff, now=NOW)

    described = metric_reports.describe(
        metric=metric, details={"methodology": "Plates."}, actor=UserFactory(), now=NOW
    )
    assert (described.verification_status, described.methodology) == ("verified", "Plates.")
    same, _ = meals("150", onlus=onlus, now=LATER)
    assert (same.verification_status, same.collection_date) == ("verified", LATER)
    moved, _ = meals("151", onlus=onlus, now=LATER)
    assert moved.verification_status == "pending"


# Evidence --------------------------------------------------------------------------------------------------------


def evidence(metric, actor, content=PDF, name="plates.pdf", **facts):
    told = {"shows": "The count of the evening.", "taken_on": date(2026, 3, 1), "place": "Trento"} | facts
    upload = SimpleUploadedFile(name, content)
    return metric_evidence.add(metric=metric, upload=upload, actor=actor, now=NOW, **told)


def test_evidence_is_kept_encrypted_with_a_rough_place_and_opened_with_a_purpose(onlus, staff):
    metric, _ = meals(onlus=onlus)

    row = evidence(metric, UserFactory(), latitude=Decimal("46.067891"), longitude=Decimal("11.121234"))

    row.refresh_from_db()
    assert (row.latitude, row.longitude, row.value) == (Decimal("46.07"), Decimal("11.12"), 150)
    assert (row.file.owner_type, row.file.owner_id) == ("impact.metricevidence", str(row.pk))
    opened = metric_evidence.open_evidence(evidence=row, actor=staff, purpose="Verifying meals", now=NOW)
    assert opened == PDF
    assert DataAccess.objects.get().purpose == "Verifying meals"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"shows": " "}, "EVIDENCE_DESCRIPTION_REQUIRED"),
        ({"taken_on": date(2026, 3, 5)}, "EVIDENCE_DATE_INVALID"),
        ({"latitude": Decimal(46)}, "EVIDENCE_PLACE_INVALID"),
        ({"latitude": Decimal(91), "longitude": Decimal(0)}, "EVIDENCE_PLACE_INVALID"),
        ({"content": b"<svg/>"}, "FILE_CONTENT_MISMATCH"),
        ({"content": b"#!/bin/sh", "name": "run.sh"}, "FILE_TYPE_NOT_ALLOWED"),
    ],
)
def test_evidence_that_proves_nothing_is_refused(onlus, facts, code):
    metric, _ = meals(onlus=onlus)

    with pytest.raises(DomainError) as refusal:
        evidence(metric, UserFactory(), **facts)

    assert refusal.value.code == code
    assert (MetricEvidence.objects.count(), PrivateFile.objects.count()) == (0, 0)


def test_the_same_file_is_evidence_once(onlus):
    metric, member = meals(onlus=onlus)[0], UserFactory()
    evidence(metric, member)

    with pytest.raises(metric_evidence.EvidenceKnown):
        evidence(metric, member)

    assert (MetricEvidence.objects.count(), PrivateFile.objects.count()) == (1, 1)


# Series, rankings, totals ----------------------------------------------------------------------------------------


def test_the_ratio_of_the_source_document(onlus):
    metric = ImpactMetric(
        metric_unit="people", current_value=Decimal(150), related_donations_amount=Decimal(2500)
    )

    assert metric.efficiency_ratio == Decimal("0.06")


@pytest.mark.parametrize(
    ("unit", "value", "amount", "ratio"),
    [
        ("people", "150", "0", None),
        ("eur", "7500", "2500", "3.00"),
        ("liters", "1", "3", "0.3333"),
    ],
)
def test_ratios_have_four_decimals_and_leverage_two(unit, value, amount, ratio):
    metric = ImpactMetric(
        metric_unit=unit, current_value=Decimal(value), related_donations_amount=Decimal(amount)
    )

    assert metric.efficiency_ratio == (ratio and Decimal(ratio))


def test_a_series_averages_each_day_of_rome(onlus):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    midnight = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # already the second of March in Rome
    for value, amount, at in (
        (100, 1000, midnight - timedelta(hours=5)),
        (120, 2000, midnight),
        (180, 2000, midnight + timedelta(hours=3)),
        (30, None, midnight - timedelta(days=80)),
    ):
        MetricPoint.objects.create(
            metric_id=metric.pk, value=value, donations_amount=amount, source="x", recorded_at=at
        )

    series = metric_history.series_of(metric, days=30, now=NOW)

    assert [(day.day, day.avg_value, day.avg_efficiency, day.readings) for day in series.days] == [
        (date(2026, 3, 1), Decimal("100.00"), Decimal("0.1000"), 1),
        (date(2026, 3, 2), Decimal("150.00"), Decimal("0.0750"), 2),
    ]
    assert series.statistics == {"avg": Decimal("133.33"), "min": 100, "max": 180, "count": 3}
    assert (series.label, series.period_days) == ("increasing", 30)


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ([], "no_data"),
        ([5], "insufficient_data"),
        ([5, 5], "stable"),
        ([5, 3], "decreasing"),
        ([3, 5], "increasing"),
    ],
)
def test_a_series_has_a_label(onlus, values, label):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    for number, value in enumerate(values):
        at = NOW - timedelta(days=9 - number)
        MetricPoint.objects.create(metric_id=metric.pk, value=value, source="x", recorded_at=at)

    assert metric_history.series_of(metric, days=30, now=NOW).label == label


def ranked(value, amount, **facts):
    told = {"verification_status": "verified", "related_donations_amount": Decimal(amount)} | facts
    return ImpactMetricFactory(current_value=Decimal(value), **told)


def test_rankings_hold_verified_metrics_with_donations_of_one_unit(api):
    best, tied, also = ranked(150, 1000), ranked(60, 1000), ranked(30, 500)
    ranked(900, 1, verification_status="disputed")
    ranked(900, 1, verification_status="pending")
    ranked(900, 0)
    ranked(900, 1, metric_unit="liters")
    ranked(900, 1, onlus_id=OnlusFactory(status="suspended").pk)

    answer = api.get("/api/impact/metrics/top").json()

    assert answer["message"] == "TOP_METRICS_SUCCESS"
    rows = answer["data"]["top_metrics"]
    assert [(row["rank"], row["metric_id"], row["efficiency_ratio"]) for row in rows] == [
        (1, str(best.pk), 0.15),
        (2, str(tied.pk), 0.06),
        (2, str(also.pk), 0.06),
    ]


def test_totals_are_told_unit_by_unit(api, onlus):
    ImpactMetricFactory(onlus_id=onlus.pk, current_value=10, verification_status="verified")
    ImpactMetricFactory(onlus_id=onlus.pk, current_value=20)
    ImpactMetricFactory(current_value=60)
    ImpactMetricFactory(current_value=5, metric_unit="liters", metric_type="environmental")

    units = api.get("/api/impact/metrics/totals").json()["data"]["units"]

    assert units == [
        {
            "metric_unit": "liters",
            "total": 5,
            "avg": 5,
            "min": 5,
            "max": 5,
            "metric_count": 1,
            "onlus_count": 1,
            "verified_count": 0,
            "verification_rate": 0,
        },
        {
            "metric_unit": "people",
            "total": 90,
            "avg": 30,
            "min": 10,
            "max": 60,
            "metric_count": 3,
            "onlus_count": 2,
            "verified_count": 1,
            "verification_rate": 33.3,
        },
    ]
    only = api.get("/api/impact/metrics/totals", {"metric_type": "environmental"}).json()["data"]["units"]
    assert [row["metric_unit"] for row in only] == ["liters"]


def test_one_metric_is_shown_with_its_corrections_and_what_proves_it(api, onlus, staff):
    metric, _ = meals(onlus=onlus)
    evidence(metric, UserFactory(), latitude=Decimal("46.067891"), longitude=Decimal("11.121234"))
    metric_reports.correct(
        metric=metric,
        new_value=Decimal(140),
        reason="Counted twice.",
        seen_value=Decimal(150),
        actor=UserFactory(),
        now=LATER,
    )

    answer = api.get(f"/api/impact/onlus/{onlus.pk}/metrics/{metric.pk}?days=365").json()

    assert answer["message"] == "METRIC_RETRIEVED_SUCCESS"
    data = answer["data"]
    assert data["metric"]["current_value"] == 140
    assert [(row["old_value"], row["new_value"], row["reason"]) for row in data["corrections"]] == [
        (150, 140, "Counted twice.")
    ]
    [proof] = data["evidence"]
    assert (proof["latitude"], proof["longitude"], proof["place"]) == (46.07, 11.12, "Trento")
    assert len(proof["sha256"]) == 64
    assert data["series"]["statistics"]["count"] == 2


def test_of_many_corrections_the_latest_hundred_are_told(api, onlus, staff):
    metric, _ = meals(onlus=onlus)
    MetricCorrection.objects.bulk_create(
        MetricCorrection(
            metric=metric,
            old_value=number,
            new_value=number + 1,
            reason="Counted anew.",
            corrected_by=staff,
            by_staff=True,
            corrected_at=NOW + timedelta(minutes=number),
        )
        for number in range(101)
    )

    data = api.get(f"/api/impact/onlus/{onlus.pk}/metrics/{metric.pk}").json()["data"]

    assert [row["old_value"] for row in data["corrections"]] == list(range(100, 0, -1))


def test_a_metric_of_another_onlus_or_one_no_longer_counted_is_not_there(api, onlus):
    theirs = ImpactMetricFactory()
    mine = ImpactMetricFactory(onlus_id=onlus.pk, is_active=False)

    for key in (theirs.pk, mine.pk, "nonsense"):
        answer = api.get(f"/api/impact/onlus/{onlus.pk}/metrics/{key}")
        assert (answer.status_code, answer.json()["message"]) == (404, "METRIC_NOT_FOUND")
