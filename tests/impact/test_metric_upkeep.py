"""What keeps metrics true without anybody asking."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from accounts.models import OnlusMembership
from goodplay.lib.alerts.models import Alert
from goodplay.lib.events.models import Event
from impact.models import ImpactMetric, MetricTally
from impact.operations import metric_upkeep
from impact.tasks import reconcile_metric_totals, remind_of_stale_metrics
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back
from tests.factories.impact import NOW, ImpactMetricFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]


@pytest.fixture
def onlus():
    return OnlusFactory(name="Il Sentiero Verde")


def test_an_approved_organisation_has_two_metrics_and_only_once(onlus):
    ImpactMetricFactory(
        onlus_id=onlus.pk, metric_name="People Helped", metric_type="beneficiaries", current_value=7
    )

    added = metric_upkeep.add_first_metrics(onlus_id=onlus.pk, now=NOW)
    metric_upkeep.add_first_metrics(onlus_id=onlus.pk, now=NOW)

    assert [metric.metric_name for metric in added] == ["Financial Impact"]
    rows = ImpactMetric.objects.of_onlus(onlus.pk).order_by("metric_name")
    assert list(rows.values_list("metric_name", "metric_type", "metric_unit", "current_value")) == [
        ("Financial Impact", "financial", "eur", 0),
        ("People Helped", "beneficiaries", "people", 7),
    ]


def test_old_figures_are_asked_for_once_a_month(onlus, settled):
    owner = MembershipFactory(onlus=onlus, user=UserFactory(preferred_language="it")).user
    MembershipFactory(onlus=onlus, role=OnlusMembership.Role.VIEWER)
    metric = ImpactMetricFactory(
        onlus_id=onlus.pk, metric_name="meals", collection_date=NOW - timedelta(days=31)
    )
    ImpactMetricFactory(onlus_id=onlus.pk, collection_date=NOW - timedelta(days=29))
    ImpactMetricFactory(onlus_id=onlus.pk, collection_date=NOW - timedelta(days=90), is_active=False)
    ImpactMetricFactory(
        onlus_id=OnlusFactory(status="suspended").pk, collection_date=NOW - timedelta(days=90)
    )

    with settled():
        reminded = [metric_upkeep.remind_of_stale(now=NOW + timedelta(days=days)) for days in (0, 0, 1, 31)]

    assert reminded == [1, 0, 0, 1]
    first = mail.outbox[0]
    assert (first.to, "meals" in first.body, "Il Sentiero Verde" in first.subject) == (
        [owner.email],
        True,
        True,
    )
    assert {message.to[0] for message in mail.outbox} == {owner.email}
    assert Event.objects.filter(name="metrics_stale").first().payload["metric_ids"] == [str(metric.pk)]


def test_a_renewed_figure_is_asked_for_again_only_when_it_is_old_again(onlus):
    metric = ImpactMetricFactory(onlus_id=onlus.pk, collection_date=NOW - timedelta(days=31))
    assert metric_upkeep.remind_of_stale(now=NOW) == 1
    ImpactMetric.objects.filter(pk=metric.pk).update(collection_date=NOW + timedelta(days=1))

    assert metric_upkeep.remind_of_stale(now=NOW + timedelta(days=20)) == 0
    assert metric_upkeep.remind_of_stale(now=NOW + timedelta(days=32)) == 1
    assert remind_of_stale_metrics() >= 0


def test_totals_agree_with_the_donations(onlus, settled):
    known = ImpactMetricFactory(
        onlus_id=onlus.pk, related_donations_count=3, related_donations_amount=Decimal("2500.00")
    )
    with settled():
        make_donation(UserFactory(), onlus, "10.00")
        back = make_donation(UserFactory(), onlus, "5.00")
    ImpactMetricFactory(onlus_id=onlus.pk)
    with settled():
        make_donation(UserFactory(), onlus, "1.50")
        take_back(back, "5.00")

    assert metric_upkeep.reconcile_totals(now=NOW) == "0 brought up to date, 0 differ"
    known.refresh_from_db()
    assert known.related_donations_amount == Decimal("2511.50")
    assert not Alert.objects.exists()


def test_a_difference_raises_an_alert_until_it_is_gone(onlus, settled):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    with settled():
        make_donation(UserFactory(), onlus, "10.00")
    MetricTally.objects.filter(pk=metric.pk).update(donations_amount=Decimal("9.00"))

    assert metric_upkeep.reconcile_totals(now=NOW) == "1 brought up to date, 1 differ"
    alert = Alert.objects.get(alert_type="metric_totals")
    assert (alert.area, alert.severity, alert.data) == ("financial", "high", {"metrics": [str(metric.pk)]})

    MetricTally.objects.filter(pk=metric.pk).update(donations_amount=Decimal("10.00"))
    assert reconcile_metric_totals() == "1 brought up to date, 0 differ"
    alert.refresh_from_db()
    assert alert.status == Alert.Status.RESOLVED


def test_a_metric_that_lags_behind_is_brought_up(onlus, settled):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    with settled():
        make_donation(UserFactory(), onlus, "10.00")
    ImpactMetric.objects.filter(pk=metric.pk).update(related_donations_count=0, related_donations_amount=0)

    assert metric_upkeep.reconcile_totals(now=NOW) == "1 brought up to date, 0 differ"
    metric.refresh_from_db()
    assert (metric.related_donations_count, metric.related_donations_amount) == (1, 10)
