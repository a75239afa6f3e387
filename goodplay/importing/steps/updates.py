"""News of organisations, with the figures of how they were received."""

from datetime import datetime
from uuid import UUID

from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.steps.documents import LONG, keep, onlus_of, tags, web_address, web_addresses
from goodplay.importing.values import Reader
from impact.models import ImpactUpdate
from impact.models.updates import PUBLIC

COLLECTION = "impact_updates"
PRIORITIES = {priority.name.lower(): priority for priority in ImpactUpdate.Priority}
Status = ImpactUpdate.Status
MOST = 2_000_000_000


def bring(reader: Reader, key: str, context: Context) -> str:
    update = old_update(reader, context)
    update.id = UUID(key)
    return keep(update, COLLECTION, reader, context)


def old_update(reader: Reader, context: Context) -> ImpactUpdate:
    created_at = reader.moment("created_at") or context.now
    status, publish_at = _status(reader, context.now)
    published_at = reader.moment("published_at") or (created_at if status in PUBLIC else None)
    engagement = reader.part("engagement_metrics")
    return ImpactUpdate(
        onlus_id=onlus_of(reader, context),
        title=reader.needed_text("title", 200),
        content=reader.needed_text("content", LONG),
        update_type=reader.needed_choice("update_type", ImpactUpdate.Type.values),
        priority=_priority(reader),
        status=status,
        publish_at=publish_at,
        published_at=published_at,
        featured_until=reader.moment("featured_until"),
        related_metrics=reader.mapping("related_metrics"),
        related_metric_ids=_metrics(reader, context),
        beneficiary_count=_beneficiaries(reader),
        financial_impact=reader.number("financial_impact"),
        location=reader.text("location", 200),
        author=reader.text("author", 120),
        contact_info=reader.text("contact_info", 200),
        media_urls=web_addresses(reader, "media_urls"),
        thumbnail_url=web_address(reader, "thumbnail_url"),
        tags=tags(reader),
        view_count=_count(engagement, "views"),
        like_count=_count(engagement, "likes"),
        share_count=_count(engagement, "shares"),
        comment_count=_count(engagement, "comments"),
        created_at=created_at,
    )


def _status(reader: Reader, now: datetime) -> tuple[str, datetime | None]:
    """Return the state. What should have been published already waits as a draft: the past is not announced."""
    status = reader.choice("status", Status.values, Status.DRAFT)
    publish_at = reader.moment("publish_at")
    if status == Status.SCHEDULED and (publish_at is None or publish_at <= now):
        reader.note("status", "MADE_A_DRAFT")
        return Status.DRAFT, None
    return status, publish_at if status == Status.SCHEDULED else None


def _priority(reader: Reader) -> int:
    """Read a word, as clients see it, or the number it is stored as."""
    written = reader.document.get("priority")
    if isinstance(written, str):
        return PRIORITIES[reader.choice("priority", PRIORITIES, "normal")]
    return reader.whole("priority", least=1, most=5, default=ImpactUpdate.Priority.NORMAL)


def _metrics(reader: Reader, context: Context) -> list[str]:
    found = [context.find("impact_metrics", old) for old in reader.texts("related_metric_ids", 64)]
    return [key for key in found if key]


def _beneficiaries(reader: Reader) -> int | None:
    if reader.document.get("beneficiary_count") is None:
        return None
    return reader.whole("beneficiary_count", least=0, most=MOST, default=0)


def _count(reader: Reader, name: str) -> int:
    return reader.whole(name, least=0, most=MOST, default=0)


UPDATES = Step(COLLECTION, bring, points_to=(("onlus_id", "onlus_organizations"),))
