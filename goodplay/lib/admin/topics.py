"""An app with many screens shows them by topic, on the front page and in the side bar."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

Topics = Mapping[str | Promise, Sequence[type[Model]]]

_topics: dict[str, Topics] = {}


def show_by_topic(app_label: str, topics: Topics) -> None:
    """Show the app's screens under these headings, in this order. What no topic names comes last, under the app's name."""
    _topics[app_label] = topics


def split_by_topic(app: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one entry of Django's app list as one for each topic with a screen the reader may open."""
    left = {entry["model"]: entry for entry in app["models"]}
    parts = []
    for name, models in _topics.get(app["app_label"], {}).items():
        if entries := [left.pop(model) for model in models if model in left]:
            parts.append({**app, "name": name, "models": entries})
    return [*parts, {**app, "models": list(left.values())}] if left else parts
