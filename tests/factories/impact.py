"""Stories, metrics, news. What donors reach is made by donating: see `give`."""

from datetime import UTC, datetime
from decimal import Decimal

import factory

from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate
from tests.factories.accounts import OnlusFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class ImpactStoryFactory(factory.django.DjangoModelFactory):
    """A story of the platform that opens at ten thousand donations: nobody gets there by accident."""

    class Meta:
        model = ImpactStory

    title = factory.Sequence(lambda number: f"The well {number}")
    preview_content = "There is a well in the square."
    content = "It was dug in March."
    story_type = ImpactStory.Type.PROGRESS
    unlock_condition_type = ImpactStory.Condition.DONATION_COUNT
    unlock_condition_value = Decimal(10_000)
    created_at = NOW


class ImpactMetricFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImpactMetric

    onlus_id = factory.LazyFunction(lambda: OnlusFactory().pk)
    metric_name = factory.Sequence(lambda number: f"children_helped_{number}")
    metric_type = ImpactMetric.Type.BENEFICIARIES
    metric_unit = ImpactMetric.Unit.PEOPLE
    current_value = Decimal("150.00")
    collection_date = NOW


class ImpactUpdateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImpactUpdate

    onlus_id = factory.LazyFunction(lambda: OnlusFactory().pk)
    title = factory.Sequence(lambda number: f"The roof is on {number}")
    content = "Since Tuesday it no longer rains in."
    update_type = ImpactUpdate.Type.PROJECT_COMPLETED
    status = ImpactUpdate.Status.PUBLISHED
    published_at = NOW


class CommunityReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CommunityReport

    report_type = CommunityReport.Type.MONTHLY
    period_start = datetime(2026, 1, 31, 23, tzinfo=UTC)
    period_end = datetime(2026, 2, 28, 23, tzinfo=UTC)
    title = "February 2026"
    status = CommunityReport.Status.PUBLISHED
    published_at = NOW
