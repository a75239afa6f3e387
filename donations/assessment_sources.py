"""What assessments ask of apps above this one: they register who answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

Reported = Mapping[UUID, Sequence[datetime]]
"""For each organisation, when each of its figures was last collected; disputed ones left out."""
Source = Callable[[Iterable[UUID]], Reported]

_sources: dict[str, Source] = {}


def register_reported_figures(source: Source) -> None:
    _sources["reported_figures"] = source


def reported_figures(onlus_ids: Iterable[UUID]) -> Reported:
    """Ask when organisations last reported their figures. Nobody reported anything where nobody answers."""
    source = _sources.get("reported_figures")
    return source(onlus_ids) if source else {}
