"""What every document model must obey, and the database it is then kept in."""

from importlib.util import find_spec

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, OperationalError, connections, models, router, transaction
from django.test import override_settings
from django.utils.functional import SimpleLazyObject

from accounts.models import Onlus
from goodplay.lib.documents import ALIAS, checks
from goodplay.lib.documents.config import database
from goodplay.lib.documents.router import DocumentRouter
from goodplay.lib.ids import new_id
from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate, StoryUnlock
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.impact import (
    NOW,
    CommunityReportFactory,
    ImpactMetricFactory,
    ImpactStoryFactory,
    ImpactUpdateFactory,
)
from tests.impact.on_mongodb import free_port

# MongoDB's backend is optional: where it is not installed, every address is told so besides.
MISSING = [] if find_spec("django_mongodb_backend") else ["goodplay.E103"]
DOCUMENTS = [ImpactStory, ImpactMetric, ImpactUpdate, CommunityReport]


# The models ------------------------------------------------------------------------------------------------------


def test_exactly_the_four_collections_are_documents():
    tables = {label: apps.get_model(label)._meta.db_table for label in settings.DOCUMENT_MODELS}

    assert {apps.get_model(label) for label in tables} == set(DOCUMENTS)
    assert sorted(tables.values()) == [
        "community_reports",
        "impact_metrics",
        "impact_stories",
        "impact_updates",
    ]


@pytest.mark.parametrize("model", DOCUMENTS)
def test_a_document_has_a_uuid_key_and_only_loose_links(model):
    assert isinstance(model._meta.pk, models.UUIDField)
    assert not model._meta.many_to_many
    for field in model._meta.get_fields():
        if field.is_relation:
            assert field.many_to_one, field
            assert field.db_constraint is False, field
            assert field.remote_field.on_delete is models.DO_NOTHING, field
            assert field.remote_field.related_name == "+", field


def test_rows_that_point_to_documents_do_so_loosely():
    pointing = [
        field
        for model in apps.get_app_config("impact").get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in DOCUMENTS
    ]

    assert {f"{field.model.__name__}.{field.name}" for field in pointing} == {
        "StoryUnlock.story",
        "MetricCorrection.metric",
        "MetricEvidence.metric",
        "MetricPoint.metric",
        "MetricReminder.metric",
        "MetricReview.metric",
        "MetricTally.metric",
        "ReportPublication.report",
        "StoryProposal.story",
        "StoryWithdrawal.story",
        "UpdateComment.update",
        "UpdateReaction.update",
    }
    for field in pointing:
        assert field.db_constraint is False
        assert field.remote_field.on_delete is models.DO_NOTHING
        assert field.remote_field.related_name == "+"


# The router ------------------------------------------------------------------------------------------------------


def test_the_router_keeps_documents_and_rows_apart():
    routes = DocumentRouter()

    assert {routes.db_for_read(model) for model in DOCUMENTS} == {ALIAS}
    assert {routes.db_for_write(model) for model in DOCUMENTS} == {ALIAS}
    assert routes.db_for_read(Onlus) is None
    assert routes.db_for_read(Onlus, instance=ImpactStory()) == "default"
    assert routes.db_for_read(ImpactStory, instance=StoryUnlock()) == ALIAS
    assert routes.db_for_read(Onlus, instance=SimpleLazyObject(ImpactStory)) == "default"
    assert routes.allow_relation(ImpactStory(), Onlus()) is True
    assert routes.allow_relation(StoryUnlock(), Onlus()) is None


@pytest.mark.parametrize(
    ("alias", "app", "model", "hints", "allowed"),
    [
        (ALIAS, "impact", "impactstory", {}, None),
        ("default", "impact", "impactstory", {}, False),
        (ALIAS, "impact", "storyunlock", {}, False),
        ("default", "impact", "storyunlock", {}, None),
        (ALIAS, "accounts", "user", {}, False),
        (ALIAS, "accounts", None, {}, False),
        ("default", "accounts", None, {}, None),
        (ALIAS, "impact", None, {"documents": True}, None),
        ("default", "impact", None, {"documents": True}, False),
        ("replica", "impact", "impactmetric", {}, False),
    ],
)
def test_migrations_reach_the_database_they_are_for(alias, app, model, hints, allowed):
    assert DocumentRouter().allow_migrate(alias, app, model, **hints) is allowed


# The settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", []),
        ("mongodb://localhost:27017/goodplay", []),
        ("mongodb+srv://user:word@cluster.example.org/goodplay?retryWrites=true", []),
        ("postgres://localhost/goodplay", ["goodplay.E101"]),
        ("localhost:27017", ["goodplay.E101"]),
        ("mongodb:///goodplay", ["goodplay.E101"]),
        ("mongodb://localhost:27017", ["goodplay.E102"]),
        ("mongodb://localhost:27017/a/b", ["goodplay.E102"]),
    ],
)
def test_an_address_that_cannot_work_is_refused(url, expected):
    with override_settings(MONGODB_URL=url):
        found = checks.document_database_is_usable(None)

    assert [error.id for error in found] == [*expected, *(MISSING if url else [])]


def test_a_document_model_that_does_not_exist_is_refused():
    with override_settings(DOCUMENT_MODELS={"impact.impactstory", "impact.poem"}):
        found = checks.document_models_exist(None)

    assert [error.id for error in found] == ["goodplay.E104"]


def test_the_database_is_named_by_the_address():
    configured = database("mongodb://localhost:27017/goodplay?replicaSet=rs0")

    assert (configured["NAME"], configured["HOST"]) == (
        "goodplay",
        "mongodb://localhost:27017/goodplay?replicaSet=rs0",
    )


# The stored documents --------------------------------------------------------------------------------------------


@pytest.mark.documents
@pytest.mark.django_db
def test_documents_are_where_the_settings_say():
    story = ImpactStoryFactory()

    assert story._state.db == (ALIAS if settings.MONGODB_URL else "default")
    assert router.db_for_read(StoryUnlock) == "default"
    tables = connections["default"].introspection.table_names()
    assert ("impact_stories" in tables) is not bool(settings.MONGODB_URL)
    assert "impact_storyunlock" in tables


@pytest.mark.documents
@pytest.mark.django_db
def test_a_document_comes_back_as_it_was_stored():
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(
        onlus_id=onlus.pk,
        current_value="12345678.91",
        tags=["water", "well"],
        metadata={"notes": [1, {"deep": None}], "è": "ù"},
        period_type="monthly",
        period_start=NOW,
        period_end=NOW,
    )

    stored = ImpactMetric.objects.get(pk=metric.pk)

    assert stored.onlus == onlus
    assert str(stored.current_value) == "12345678.91"
    assert (stored.tags, stored.metadata) == (metric.tags, metric.metadata)
    assert (stored.period_start, stored.target_value) == (NOW, None)


@pytest.mark.documents
@pytest.mark.django_db
def test_links_are_followed_across_databases_both_ways():
    onlus, user = OnlusFactory(), UserFactory()
    story = ImpactStoryFactory(onlus_id=onlus.pk)
    unlock = StoryUnlock.objects.create(user=user, story=story, unlocked_at=NOW)

    assert StoryUnlock.objects.get(pk=unlock.pk).story == story
    assert ImpactStory.objects.get(pk=story.pk).onlus == onlus
    (fetched,) = ImpactStory.objects.filter(pk=story.pk).prefetch_related("onlus")
    assert fetched.onlus.name == onlus.name


def make_twice(factory, **columns):
    factory(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(**columns)


@pytest.mark.documents
@pytest.mark.django_db
def test_a_metric_is_unique_for_its_onlus_and_period():
    onlus = OnlusFactory()
    month = {"period_type": "monthly", "period_start": NOW, "period_end": NOW}

    make_twice(ImpactMetricFactory, onlus_id=onlus.pk, metric_name="meals")
    make_twice(ImpactMetricFactory, onlus_id=onlus.pk, metric_name="meals", **month)
    ImpactMetricFactory(onlus_id=OnlusFactory().pk, metric_name="meals")

    assert ImpactMetric.objects.filter(metric_name="meals").count() == 3


@pytest.mark.documents
@pytest.mark.django_db
def test_a_report_is_unique_for_its_period():
    make_twice(CommunityReportFactory)
    CommunityReportFactory(report_type=CommunityReport.Type.WEEKLY)

    assert CommunityReport.objects.published().count() == 2


@pytest.mark.documents
@pytest.mark.django_db
@pytest.mark.parametrize(
    "columns",
    [
        {"media_urls": ["javascript:alert(1)"]},
        {"media_urls": "no list"},
        {"tags": ["Upper"]},
        {"metadata": ["a"]},
    ],
)
def test_lists_in_a_document_hold_what_they_should(columns):
    story = ImpactStoryFactory.build(**columns)

    with pytest.raises(Exception) as refused:  # noqa: PT011  (the type is told below)
        story.full_clean()

    assert set(refused.value.message_dict) == set(columns)


def test_what_is_left_empty_becomes_the_right_kind_of_empty():
    update = ImpactUpdateFactory.build(onlus_id=new_id(), related_metrics=[], media_urls=None)

    update.clean()

    assert (update.related_metrics, update.media_urls) == ({}, [])


@pytest.mark.django_db
@pytest.mark.skipif(bool(settings.MONGODB_URL), reason="MongoDB has no check constraints")
@pytest.mark.parametrize(
    ("factory", "columns"),
    [
        (ImpactUpdateFactory, {"published_at": None}),
        (ImpactUpdateFactory, {"status": "scheduled", "publish_at": None}),
        (ImpactUpdateFactory, {"priority": 6}),
        (ImpactMetricFactory, {"current_value": -1}),
        (ImpactMetricFactory, {"period_start": NOW}),
        (ImpactMetricFactory, {"period_type": "monthly"}),
        (ImpactStoryFactory, {"unlock_condition_value": -1}),
        (CommunityReportFactory, {"period_end": NOW.replace(year=2020)}),
    ],
)
def test_the_sql_database_refuses_what_cannot_be(factory, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(**columns)


# On MongoDB's wire only --------------------------------------------------------------------------------------------


@pytest.mark.documents
@pytest.mark.parametrize("model", DOCUMENTS)
def test_a_look_up_by_key_uses_the_index(wire, model):
    collection = wire.get_collection(model._meta.db_table)

    plan = collection.find({"id": new_id().hex}).explain()["queryPlanner"]["winningPlan"]

    assert "IXSCAN" in stages(plan)
    assert "COLLSCAN" not in stages(plan)


@pytest.mark.documents
def test_the_orm_looks_up_keys_the_way_the_index_wants(wire):
    """The backend's own partial index would make this read the whole collection."""
    asked = ImpactStory.objects.filter(pk=new_id())

    assert "IXSCAN" in asked.explain()
    assert "COLLSCAN" not in asked.explain()


@pytest.mark.documents
def test_the_wire_holds_documents_and_nothing_else(wire):
    assert sorted(wire.introspection.table_names()) == [
        "community_reports",
        "django_migrations",
        "impact_metrics",
        "impact_stories",
        "impact_updates",
    ]


def stages(plan):
    """Collect the names of a plan's stages, however deep."""
    if isinstance(plan, dict):
        found = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
        return found.union(*map(stages, plan.values()))
    if isinstance(plan, list):
        return set().union(*map(stages, plan))
    return set()


@pytest.mark.documents
def test_readiness_asks_the_document_database_too(wire, client):
    assert client.get("/api/health/ready").json()["checks"]["documents"] == "up"


@pytest.mark.documents
def test_a_typed_pattern_is_no_pattern(wire):
    """`__iexact` is not used with documents; should it be one day, `.*` must not match everything."""
    ImpactStoryFactory(title="The well")

    assert not ImpactStory.objects.filter(title__iexact=".*").exists()
    assert ImpactStory.objects.filter(title__iexact="the WELL").exists()


@pytest.mark.documents
def test_a_server_that_is_away_is_an_outage_and_no_bug(wire):
    """Callers of the API are then told to try again (503)."""
    nobody = f"mongodb://127.0.0.1:{free_port()}/goodplay"
    absent = type(wire)(
        {**wire.settings_dict, "HOST": nobody, "OPTIONS": {"serverSelectionTimeoutMS": 50}}, alias="absent"
    )

    with pytest.raises(OperationalError):
        absent.get_collection("impact_stories")
    collection = absent.get_collection("impact_stories")  # the server was there, and went
    for ask in (
        lambda: collection.aggregate([]),
        lambda: collection.insert_many([{}]),
        lambda: collection.update_many({}, {"$set": {"a": 1}}),
        lambda: collection.delete_many({}),
    ):
        with pytest.raises(OperationalError):
            ask()
    absent.close_pool()
