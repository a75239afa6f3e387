"""Metrics in the portal: owners and editors report, everybody of the organisation reads."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import OnlusMembership
from impact.models import ImpactMetric, MetricCorrection, MetricEvidence, MetricPoint
from impact.operations import metric_reviews
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory
from tests.factories.impact import ImpactMetricFactory
from tests.factories.private_files import PDF
from tests.portal.conftest import NOON

ANSWERS = {
    "metric_name": "Meals served",
    "metric_type": "beneficiaries",
    "metric_unit": "people",
    "current_value": "150",
    "collected_on": "",
    "target_value": "1000",
    "description": "",
    "methodology": "We count plates.",
    "shows": "",
    "taken_on": "",
    "place": "",
    "latitude": "",
    "longitude": "",
}
PROOF = {"shows": "The register of March.", "taken_on": "2026-03-13", "place": "Trento"}


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "private")


@pytest.fixture
def metric(onlus):
    return ImpactMetricFactory(
        onlus_id=onlus.pk, metric_name="Meals served", collection_date=NOON - timedelta(days=2)
    )


def address(onlus, rest=""):
    return f"/portal/{onlus.pk}/metrics/{rest}"


def proof():
    return SimpleUploadedFile("register.pdf", PDF)


def test_nothing_is_counted_yet(portal, onlus):
    page = portal.get(address(onlus)).content.decode()

    assert "Nothing is counted yet" in page
    assert 'aria-current="page">Metrics' in page


def test_a_member_counts_something_new_with_evidence(portal, onlus, member):
    response = portal.post(address(onlus, "new/"), ANSWERS | PROOF | {"file": proof()})

    metric = ImpactMetric.objects.of_onlus(onlus.pk).get()
    assert response.headers["Location"] == address(onlus, f"{metric.pk}/")
    assert (metric.metric_name, metric.current_value, metric.target_value, metric.methodology) == (
        "Meals served",
        150,
        1000,
        "We count plates.",
    )
    assert (metric.verification_status, metric.source, metric.collection_date) == (
        "pending",
        "onlus_report",
        NOON,
    )
    row = MetricEvidence.objects.get()
    assert (row.shows, row.taken_on, row.submitted_by) == (
        "The register of March.",
        date(2026, 3, 13),
        member,
    )
    page = portal.get(response.headers["Location"]).content.decode()
    assert row.file.sha256[:12] in page
    assert "15 %" in page


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"metric_name": " "}, "This field is required."),
        ({"current_value": "-1"}, "greater than or equal to 0"),
        ({"current_value": "many"}, "Enter a number."),
        ({"metric_unit": "count"}, "not one of the available choices"),
        ({"collected_on": "2026-03-15"}, "not in the future"),
        ({"collected_on": "0001-01-01"}, "greater than or equal to"),
        ({"file": "pdf", "shows": "x", "taken_on": "2026-03-15"}, "lies in the future"),
        ({"file": "pdf"}, "Evidence needs this."),
        ({"file": "pdf", "shows": "x", "taken_on": "2026-03-01", "latitude": "4"}, "needs its latitude"),
        ({"file": "svg", "shows": "x", "taken_on": "2026-03-01"}, "Files of this type are not taken."),
    ],
)
def test_what_cannot_be_is_told_on_the_form_and_nothing_is_kept(portal, onlus, answers, told):
    files = {"pdf": proof(), "svg": SimpleUploadedFile("x.svg", b"<svg/>")}
    sent = {name: files.get(value, value) for name, value in (ANSWERS | answers).items()}

    response = portal.post(address(onlus, "new/"), sent)

    assert (response.status_code, told in response.content.decode()) == (422, True)
    assert (ImpactMetric.objects.count(), MetricEvidence.objects.count()) == (0, 0)


def test_a_new_value_is_a_reading_and_the_chart_shows_it(portal, onlus, metric):
    portal.post(address(onlus, f"{metric.pk}/report/"), {"current_value": "180"})

    metric.refresh_from_db()
    assert (metric.current_value, metric.previous_value, metric.collection_date) == (180, 150, NOON)
    page = portal.get(address(onlus, f"{metric.pk}/")).content.decode()
    assert page.count("<rect") == 2
    assert "from 150 to 180, 165 on average" in page


def test_a_correction_says_why_and_a_value_that_moved_meanwhile_is_not_overwritten(portal, onlus, metric):
    answers = {"new_value": "15", "reason": "A nought too many.", "seen_value": "150"}
    stale = portal.post(
        address(onlus, f"{metric.pk}/correct/"), answers | {"seen_value": "149", "new_value": "14"}
    )
    done = portal.post(address(onlus, f"{metric.pk}/correct/"), answers)

    assert (stale.status_code, done.status_code) == (422, 302)
    metric.refresh_from_db()
    assert (metric.current_value, MetricCorrection.objects.count()) == (15, 1)
    assert "A nought too many." in portal.get(address(onlus, f"{metric.pk}/")).content.decode()


def test_words_evidence_and_the_end_of_counting(portal, onlus, metric):
    portal.post(address(onlus, f"{metric.pk}/words/"), {"target_value": "200", "description": "<b>Hot</b>"})
    portal.post(address(onlus, f"{metric.pk}/evidence/"), PROOF | {"file": proof()})
    portal.post(address(onlus, f"{metric.pk}/stop/"))

    metric.refresh_from_db()
    assert (metric.target_value, metric.is_active, MetricEvidence.objects.count()) == (200, False, 1)
    page = portal.get(address(onlus)).content.decode()
    assert "No longer counted" in page
    assert "&lt;b&gt;Hot" in portal.get(address(onlus, f"{metric.pk}/")).content.decode()
    portal.post(address(onlus, f"{metric.pk}/stop/"))
    metric.refresh_from_db()
    assert metric.is_active


def test_what_staff_said_is_read(portal, onlus, metric):
    metric_reviews.dispute(
        metric=metric,
        seen_value=Decimal(150),
        actor=StaffFactory(display_name="Secret Name"),
        reason="The photo shows ten.",
        now=NOON,
    )

    page = portal.get(address(onlus, f"{metric.pk}/")).content.decode()

    assert "The photo shows ten." in page
    assert "Secret Name" not in page
    assert "Disputed" in portal.get(address(onlus)).content.decode()


PAGES = ("", "new/", "{}/", "{}/report/", "{}/correct/", "{}/words/", "{}/evidence/", "{}/stop/")


@pytest.mark.parametrize("page", PAGES)
def test_viewers_only_read(client, onlus, metric, page):
    viewer = MembershipFactory(onlus=onlus, role=OnlusMembership.Role.VIEWER).user
    client.force_login(viewer)
    reads = page in ("", "{}/")

    path = address(onlus, page.format(metric.pk))
    answer = client.get(path) if reads else client.post(path, ANSWERS)

    assert answer.status_code == (200 if reads else 403)
    if reads:
        assert "Report a new value" not in answer.content.decode()
    metric.refresh_from_db()
    assert (metric.current_value, metric.is_active, ImpactMetric.objects.count()) == (150, True, 1)
    assert not MetricPoint.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_metrics_of_another_organisation_are_not_there(portal, onlus, page):
    other = OnlusFactory()
    theirs = ImpactMetricFactory(onlus_id=other.pk)
    there = [address(other, page.format(theirs.pk))]
    if "{}" in page:
        there.append(address(onlus, page.format(theirs.pk)))

    for path in there:
        assert portal.post(path, ANSWERS).status_code in (404, 405)
        assert portal.get(path).status_code in (404, 405)
    theirs.refresh_from_db()
    assert (theirs.current_value, theirs.is_active) == (150, True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(portal, onlus, count, django_assert_num_queries):
    ImpactMetricFactory.create_batch(count, onlus_id=onlus.pk)

    with django_assert_num_queries(6):
        assert portal.get(address(onlus)).content.decode().count("children_helped") == count
