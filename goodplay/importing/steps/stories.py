"""Stories. Who had unlocked what was never written down, so nothing is unlocked for the past."""

from decimal import Decimal
from uuid import UUID

from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.steps.documents import LONG, keep, onlus_of, tags, web_address, web_addresses
from goodplay.importing.values import Reader, Refused
from impact.models import ImpactStory
from impact.operations.taking_over import quieten

COLLECTION = "impact_stories"
MOST = Decimal("999999999.99")


def bring(reader: Reader, key: str, context: Context) -> str:
    story = old_story(reader, context)
    story.id = UUID(key)
    if quieten(story, context.now):
        reader.note("is_active", "SWITCHED_OFF")
    return keep(story, COLLECTION, reader, context)


def old_story(reader: Reader, context: Context) -> ImpactStory:
    condition = reader.needed_choice("unlock_condition_type", ImpactStory.Condition.values)
    if condition == ImpactStory.Condition.SPECIAL_EVENT:
        raise Refused("SPECIAL_EVENT_NOT_HERE")
    return ImpactStory(
        onlus_id=onlus_of(reader, context) if reader.document.get("onlus_id") is not None else None,
        title=reader.needed_text("title", 200),
        preview_content=reader.text("preview_content", LONG),
        content=reader.needed_text("content", LONG),
        story_type=reader.needed_choice("story_type", ImpactStory.Type.values),
        unlock_condition_type=condition,
        unlock_condition_value=reader.needed_number("unlock_condition_value", MOST),
        available_from=reader.moment("available_from"),
        available_until=reader.moment("available_until"),
        category=reader.text("category", 40, default="general"),
        priority=reader.whole("priority", least=-1000, most=1000, default=0),
        media_urls=web_addresses(reader, "media_urls"),
        thumbnail_url=web_address(reader, "thumbnail_url"),
        estimated_read_time=reader.whole("estimated_read_time", least=1, most=1000, default=5),
        tags=tags(reader),
        featured_until=reader.moment("featured_until"),
        is_active=reader.flag("is_active", default=True),
        author=reader.text("author", 120),
        metadata=reader.mapping("metadata"),
        created_at=reader.moment("created_at") or context.now,
    )


STORIES = Step(COLLECTION, bring, points_to=(("onlus_id", "onlus_organizations"),))
