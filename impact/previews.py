"""A story as a reader would see it, without that reader: for staff before it is out, and for organisations."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from donations.models import SpecialEvent
from impact.conditions import Progress
from impact.hints import hint
from impact.models import ImpactStory
from impact.models.stories import Words

READERS = {
    "newcomer": _("Newcomer"),
    "halfway": _("Half-way there"),
    "reader": _("Who unlocked it"),
    "withdrawn": _("After a withdrawal"),
}
WIDTHS = {"phone": _("Phone"), "page": _("Page")}


@dataclass(frozen=True, slots=True)
class Preview:
    """What the page of a story shows one reader."""

    words: Words
    thumbnail_url: str
    thumbnail_alt: str
    minutes: int
    is_readable: bool
    is_withdrawn: bool
    percent: Decimal
    hint: str
    media: list[dict[str, str]]


def preview(story: ImpactStory, *, reader: str, language: str, now: datetime) -> Preview:
    """Show the story as one of READERS would find it. The caller has put the language on."""
    way = _way(story, reader)
    event = SpecialEvent.objects.filter(pk=story.special_event_id).first() if story.special_event_id else None
    is_readable = reader == "reader"
    return Preview(
        words=story.words(language),
        thumbnail_url=story.thumbnail_url,
        thumbnail_alt=story.thumbnail_words(language),
        minutes=story.estimated_read_time,
        is_readable=is_readable,
        is_withdrawn=reader == "withdrawn",
        percent=way.progress_percent,
        hint="" if is_readable else hint(story, way, event, now),
        media=story.media(language) if is_readable else [],
    )


def _way(story: ImpactStory, reader: str) -> Progress:
    condition = ImpactStory.Condition
    all_at_once = story.unlock_condition_type in (condition.SPECIAL_EVENT, condition.TIME_BASED)
    needed = Decimal(1) if all_at_once else max(story.unlock_condition_value, Decimal(1))
    done = {"newcomer": Decimal(0), "halfway": Decimal(0) if all_at_once else needed / 2}.get(reader, needed)
    return Progress(done, needed, by_steps=not all_at_once)
