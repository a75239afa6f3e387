"""What impact tells the assessments of donations: when an organisation last reported its figures."""

from datetime import timedelta

import pytest

from donations.assessment_sources import reported_figures
from impact.models import ImpactMetric
from tests.factories.accounts import OnlusFactory
from tests.factories.donations import NOW

pytestmark = pytest.mark.django_db


def figure(onlus, **columns):
    facts = {
        "metric_name": f"Trees {ImpactMetric.objects.count()}",
        "metric_type": "environmental",
        "metric_unit": "custom",
        "current_value": 3,
    }
    return ImpactMetric.objects.create(onlus=onlus, **{"collection_date": NOW, **facts, **columns})


def test_active_undisputed_figures_count_for_their_organisation():
    onlus, other = OnlusFactory(), OnlusFactory()
    figure(onlus)
    figure(onlus, collection_date=NOW - timedelta(days=9))
    figure(onlus, verification_status="disputed", dispute_reason="Counted twice.")
    figure(onlus, is_active=False)
    figure(other)

    found = reported_figures([onlus.pk])

    assert {key: sorted(days) for key, days in found.items()} == {onlus.pk: [NOW - timedelta(days=9), NOW]}
