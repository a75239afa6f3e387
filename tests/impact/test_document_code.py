"""What documents cannot do on every engine is not written: the rules, read off the code."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate

FORBIDDEN_ANYWHERE = {
    "raw",
    "extra",
    "raw_aggregate",
    "intersection",
    "difference",
    "Window",
    "Now",
    "TruncDate",
}
FORBIDDEN_FOR_DOCUMENTS = {"select_related", "select_for_update", "distinct"}
LOOSE_LINKS = {"story", "metric", "update"}  # from SQL rows to documents: never crossed by a lookup
DOCUMENT_LINKS = {"onlus", "special_event", "verified_by", "disputed_by"}
FORBIDDEN_LOOKUPS = {"iexact", "date", "search"}
NAMES = {model.__name__ for model in (ImpactStory, ImpactMetric, ImpactUpdate, CommunityReport)}


def offences(source):
    """List what a piece of code asks of documents that one of the engines would refuse or answer wrongly."""
    return [
        f"line {call.lineno}: {fault}"
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        for fault in _faults(call)
    ]


def _faults(call):
    name = _name(call.func)
    on_document = _root(call) in NAMES
    if name in FORBIDDEN_ANYWHERE or (on_document and name in FORBIDDEN_FOR_DOCUMENTS):
        yield name
    for keyword in call.keywords:
        steps = (keyword.arg or "").split("__")
        if steps[-1] in FORBIDDEN_LOOKUPS and len(steps) > 1:
            yield keyword.arg
        if steps[0] in LOOSE_LINKS and len(steps) > 1 and steps[1] != "in":
            yield keyword.arg
        if on_document and steps[0] in DOCUMENT_LINKS and len(steps) > 1 and steps[1] != "in":
            yield keyword.arg
        if on_document and keyword.arg in {"ignore_conflicts", "update_conflicts"}:
            yield keyword.arg
    if name == "select_related" and any(
        isinstance(argument, ast.Constant) and argument.value.split("__")[0] in LOOSE_LINKS
        for argument in call.args
    ):
        yield "select_related to a document"


def _name(function):
    return getattr(function, "attr", getattr(function, "id", ""))


def _root(node):
    """Follow a chain of calls and attributes back to the name it starts from."""
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "id", "")


@pytest.mark.parametrize(
    "source",
    [
        "ImpactStory.objects.active().select_related('onlus')",
        "ImpactMetric.objects.filter(onlus__name='x')",
        "ImpactStory.objects.filter(title__iexact='x')",
        "StoryUnlock.objects.filter(story__title='x')",
        "StoryUnlock.objects.select_related('story')",
        "ImpactUpdate.objects.filter(published_at__date=day)",
        "ImpactMetric.objects.bulk_create(rows, ignore_conflicts=True)",
        "ImpactMetric.objects.distinct('onlus')",
        "CommunityReport.objects.annotate(place=Window(Rank()))",
        "ImpactStory.objects.select_for_update().get(pk=1)",
    ],
)
def test_the_check_below_sees_each_offence(source):
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "ImpactStory.objects.filter(onlus_id__in=keys)",
        "StoryUnlock.objects.select_related('user')",
        "Donation.objects.filter(onlus__name='x')",
        "MetricTally.objects.bulk_create(rows, ignore_conflicts=True)",
    ],
)
def test_the_check_below_leaves_sql_rows_alone(source):
    assert offences(source) == []


def test_no_code_of_impact_asks_too_much_of_documents():
    app = Path(apps.get_app_config("impact").path)
    found = {str(path.relative_to(app)): offences(path.read_text()) for path in app.rglob("*.py")}

    assert {path: faults for path, faults in found.items() if faults} == {}
