"""Names of organisations that apply, against the lists: answered to the application, and kept there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import OnlusApplication
from accounts.operations.verification import report_screening
from accounts.queries.applications import names_to_screen
from donations.operations.screening.reading import current_lists
from donations.screening.decisions import Band, Decision, Query
from donations.screening.entries import Kind
from donations.screening.stored import is_readable


def screen_application(*, application_id: UUID, now: datetime) -> None:
    """Ask the lists about the organisation and everybody who leads it, and report what they answer."""
    organisation, people = names_to_screen(OnlusApplication.objects.get(pk=application_id))
    asked = [Query(organisation, Kind.ORGANISATION), *(Query(name, Kind.PERSON) for name in people)]
    lists = current_lists()
    hits = (
        []
        if lists is None
        else [hit for query in asked for hit in _hits(query, lists.screener.screen(query))]
    )
    report_screening(
        application_id=application_id,
        hits=hits,
        asked=len(asked),
        vintages=lists.vintages if lists is not None else [],
        now=now,
    )


def _hits(query: Query, found: Any) -> list[dict[str, Any]]:
    """Tell what resembles the name; a name nothing can be read in is a hit of its own."""
    if not is_readable(query):
        return [{"name": query.name, "band": "unreadable"}]
    return [_told(each) for each in found if each.band != Band.NONE]


def _told(found: Decision) -> dict[str, Any]:
    data = found.as_data()
    told = {key: data[key] for key in ("source", "reference", "vintage", "score", "band", "code_version")}
    return {"name": found.query.name, "listed_as": found.name.text, **told}
