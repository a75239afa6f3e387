"""The way of an update: draft, scheduled, published, featured, archived, or taken down."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from donations.models import Donation
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.ids import parse_id
from goodplay.lib.pictures import operations as pictures
from goodplay.lib.pictures.queries import pictures_of
from goodplay.lib.time import day_bounds
from impact.caches import forget_onlus
from impact.models import ImpactMetric, ImpactUpdate
from impact.models.updates import PUBLIC
from impact.queries.dashboard import forget_dashboard
from impact.signals import impact_update_published, impact_update_removed

Status, Type, Priority = ImpactUpdate.Status, ImpactUpdate.Type, ImpactUpdate.Priority
FEATURED_BY_ITSELF_FOR = timedelta(hours=24)
MOST_DONATIONS = 5000
EDITABLE = (Status.DRAFT, Status.SCHEDULED, *PUBLIC)
WORDS = (
    "title",
    "content",
    "update_type",
    "priority",
    "beneficiary_count",
    "financial_impact",
    "location",
    "author",
    "contact_info",
    "media_urls",
    "thumbnail_url",
    "tags",
    "related_metrics",
    "related_metric_ids",
    "affected_donation_ids",
)
USUAL_PRIORITY = {Type.MILESTONE_REACHED: Priority.HIGH, Type.EMERGENCY_RESPONSE: Priority.CRITICAL}


class UpdateNotFound(NotFound):
    code = "UPDATE_NOT_FOUND"
    message = _("There is no such update.")


class UpdateStateRefuses(Conflict):
    code = "UPDATE_STATE_INVALID"
    message = _("In its present state this cannot be done with the update. Look at it again.")


class OrganisationNotPublic(Conflict):
    code = "ORGANIZATION_NOT_PUBLIC"
    message = _("The organisation is not shown to the public at present: it can publish once it is again.")


class PublicationDateNeeded(DomainError):
    code = "UPDATE_PUBLISH_AT_REQUIRED"
    message = _("Say when it is to be published: a moment in the future.")


class FeaturedUntilPast(DomainError):
    code = "UPDATE_FEATURED_UNTIL_INVALID"
    message = _("Featured until must lie in the future.")


class MetricsNotYours(DomainError):
    code = "UPDATE_RELATED_METRICS_INVALID"
    message = _("An update names metrics of its own organisation that are counted now.")


class DonationsNotYours(DomainError):
    code = "UPDATE_AFFECTED_DONATIONS_INVALID"
    message = _("An update is about completed donations to its own organisation.")


class TooManyDonations(DomainError):
    code = "UPDATE_DONATIONS_TOO_MANY"
    message = _("An update can be about at most 5000 donations. Choose fewer days.")


class RemovalReasonRequired(DomainError):
    code = "UPDATE_REASON_REQUIRED"
    message = _("Say why: the organisation reads it.")


@transaction.atomic
def write(
    *, onlus_id: UUID, facts: Mapping[str, Any], actor: Any, now: datetime, address: str = ""
) -> ImpactUpdate:
    """Write a draft. Milestones are of high priority and emergencies critical, unless something else is said."""
    told = {name: facts[name] for name in WORDS if facts.get(name) is not None}
    told.setdefault("priority", USUAL_PRIORITY.get(told["update_type"], Priority.NORMAL))
    _check_links(onlus_id, told)
    update = ImpactUpdate.objects.create(onlus_id=onlus_id, status=Status.DRAFT, created_at=now, **told)
    _note(update, "update_write", actor, {}, {"title": update.title}, now, address)
    return update


@transaction.atomic
def write_as(
    *, onlus_id: UUID, facts: Mapping[str, Any], actor: Any, now: datetime, address: str = ""
) -> ImpactUpdate:
    """Write an update and bring it to the state the facts ask for, with their dates, in one go.

    The dates are looked at first: what a document store wrote is not taken back with the transaction.
    """
    wanted, at, until = facts["status"], facts.get("publish_at"), facts.get("featured_until")
    if wanted == Status.SCHEDULED:
        _check_publication(at, now)
    if wanted == Status.FEATURED:
        _check_featured(until, now)
    if wanted in PUBLIC:
        _check_public(onlus_id)
    update = write(onlus_id=onlus_id, facts=facts, actor=actor, now=now, address=address)
    if wanted == Status.SCHEDULED:
        return schedule(update=update, publish_at=at, actor=actor, now=now, address=address)
    if wanted in PUBLIC:
        publish(update=update, actor=actor, now=now, address=address)
    if wanted == Status.FEATURED:
        return feature(update=update, until=until, actor=actor, now=now, address=address)
    return update


@transaction.atomic
def edit(
    *, update: ImpactUpdate, facts: Mapping[str, Any], actor: Any, now: datetime, address: str = ""
) -> ImpactUpdate:
    """Change the words. What is published changes at once; the trail keeps what they were."""
    told = {name: facts[name] for name in WORDS if name in facts}
    _check_links(update.onlus_id, told)
    before = {name: getattr(update, name) for name in told}
    changed = {name: value for name, value in told.items() if value != before[name]}
    if not changed:
        return update
    _move(update, EDITABLE, changed, now)
    seen = {name: before[name] for name in changed}
    _note(update, "update_edit", actor, seen, changed, now, address)
    return update


@transaction.atomic
def schedule(
    *, update: ImpactUpdate, publish_at: datetime | None, actor: Any, now: datetime, address: str = ""
) -> ImpactUpdate:
    _check_publication(publish_at, now)
    before = update.status
    _move(
        update, (Status.DRAFT, Status.SCHEDULED), {"status": Status.SCHEDULED, "publish_at": publish_at}, now
    )
    _note_state(update, "update_schedule", actor, before, now, address, {"publish_at": publish_at})
    return update


@transaction.atomic
def unschedule(*, update: ImpactUpdate, actor: Any, now: datetime, address: str = "") -> ImpactUpdate:
    _move(update, (Status.SCHEDULED,), {"status": Status.DRAFT, "publish_at": None}, now)
    _note_state(update, "update_unschedule", actor, Status.SCHEDULED, now, address)
    return update


@transaction.atomic
def publish(*, update: ImpactUpdate, actor: Any, now: datetime, address: str = "") -> ImpactUpdate:
    """Show it to everybody, from now on. What is urgent is featured for a day by itself.

    Raises OrganisationNotPublic: whoever was suspended tells donors nothing.
    """
    before = update.status
    _publish(update, (Status.DRAFT, Status.SCHEDULED, Status.ARCHIVED), now)
    _note_state(update, "update_publish", actor, before, now, address)
    return update


@transaction.atomic
def archive(*, update: ImpactUpdate, actor: Any, now: datetime, address: str = "") -> ImpactUpdate:
    before = update.status
    _move(update, PUBLIC, {"status": Status.ARCHIVED, "featured_until": None, "trending_score": 0}, now)
    pictures.withdraw(target=update)
    _note_state(update, "update_archive", actor, before, now, address)
    return update


@transaction.atomic
def feature(
    *, update: ImpactUpdate, until: datetime | None, actor: Any, now: datetime, address: str = ""
) -> ImpactUpdate:
    """Put a published update in front of others; without an end, until somebody takes it back."""
    _check_featured(until, now)
    before = update.status
    _move(update, PUBLIC, {"status": Status.FEATURED, "featured_until": until}, now)
    _note_state(update, "update_feature", actor, before, now, address, {"featured_until": until})
    return update


@transaction.atomic
def unfeature(*, update: ImpactUpdate, actor: Any, now: datetime, address: str = "") -> ImpactUpdate:
    _move(update, (Status.FEATURED,), {"status": Status.PUBLISHED, "featured_until": None}, now)
    _note_state(update, "update_unfeature", actor, Status.FEATURED, now, address)
    return update


@transaction.atomic
def remove(
    *, update: ImpactUpdate, reason: str, actor: Any, now: datetime, address: str = ""
) -> ImpactUpdate:
    """Take an update down, with a reason its organisation reads. Only staff bring it back."""
    if not reason.strip():
        raise RemovalReasonRequired
    before = update.status
    takes = {
        "status": Status.REMOVED,
        "removal_reason": reason.strip(),
        "publish_at": None,
        "featured_until": None,
        "trending_score": 0,
    }
    _move(update, tuple(each for each in Status if each != Status.REMOVED), takes, now)
    pictures.withdraw(target=update)
    impact_update_removed.announce(update=update)
    _note_state(update, "update_remove", actor, before, now, address, reason=reason)
    return update


@transaction.atomic
def restore(
    *, update: ImpactUpdate, actor: Any, now: datetime, reason: str = "", address: str = ""
) -> ImpactUpdate:
    """Bring back what was taken down: to where its readers left it, or to its writers when it never was public."""
    back = Status.PUBLISHED if update.published_at else Status.DRAFT
    _move(update, (Status.REMOVED,), {"status": back, "removal_reason": ""}, now)
    if back == Status.PUBLISHED:
        pictures.publish(target=update, now=now)
    _note_state(update, "update_restore", actor, Status.REMOVED, now, address, reason=reason)
    return update


@transaction.atomic
def show_pictures(
    *, update: ImpactUpdate, picture_ids: Sequence[UUID], actor: Any, now: datetime, address: str = ""
) -> None:
    """Let the update show exactly these of its organisation's pictures, in this order."""
    if update.status not in EDITABLE:
        raise UpdateStateRefuses
    pictures.attach(target=update, picture_ids=picture_ids, owner=update.onlus, now=now)
    if update.is_published:
        pictures.publish(target=update, now=now)
    shown = [str(key) for key in picture_ids]
    _note(update, "update_pictures", actor, {}, {"pictures": shown}, now, address)


@transaction.atomic
def add_picture(
    *,
    update: ImpactUpdate,
    owner: Onlus,
    picture: Mapping[str, Any],
    actor: Any,
    now: datetime,
    address: str = "",
) -> None:
    """Take a picture in and show it after those the update shows already."""
    if update.status not in EDITABLE:
        raise UpdateStateRefuses
    new = pictures.store(owner=owner, uploaded_by=actor, now=now, **picture)
    shown = [each.pk for each in pictures_of([update])[update.pk]]
    show_pictures(update=update, picture_ids=[*shown, new.pk], actor=actor, now=now, address=address)


def publish_due(*, now: datetime) -> tuple[int, int]:
    """Publish what is scheduled for now, and end what was featured until now; return how many of each.

    Each is claimed by its state: a twin of this job finds nothing left to do. What an organisation that is not shown at
    present scheduled waits until it is.
    """
    due = ImpactUpdate.objects.filter(status=Status.SCHEDULED, publish_at__lte=now)
    over = ImpactUpdate.objects.filter(status=Status.FEATURED, featured_until__lte=now)
    published = sum(_publish_if_due(update, now) for update in list(due.order_by("publish_at", "id")))
    ended = sum(
        claim(
            ImpactUpdate.objects.filter(pk=key, status=Status.FEATURED, featured_until__lte=now),
            status=Status.PUBLISHED,
            featured_until=None,
            updated_at=now,
        )
        for key in list(over.values_list("id", flat=True))
    )
    return published, ended


def donations_between(*, onlus_id: UUID, first: date, last: date) -> list[str]:
    """Return the keys of what was given to the ONLUS on these days, both included."""
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    given = Donation.objects.completed().filter(
        onlus_id=onlus_id, completed_at__gte=start, completed_at__lt=end
    )
    keys = list(given.order_by("completed_at", "pk").values_list("pk", flat=True)[: MOST_DONATIONS + 1])
    if len(keys) > MOST_DONATIONS:
        raise TooManyDonations
    return [str(key) for key in keys]


@transaction.atomic
def _publish_if_due(update: ImpactUpdate, now: datetime) -> bool:
    try:
        _publish(update, (Status.SCHEDULED,), now, publish_at__lte=now)
    except (OrganisationNotPublic, UpdateStateRefuses):
        return False
    return True


def _publish(
    update: ImpactUpdate, from_states: Iterable[ImpactUpdate.Status], now: datetime, **guards: Any
) -> None:
    _check_public(update.onlus_id)
    first = update.published_at is None
    features = is_featured_by_itself(update)
    changes = {
        "status": Status.FEATURED if features else Status.PUBLISHED,
        "featured_until": now + FEATURED_BY_ITSELF_FOR if features else None,
        "published_at": update.published_at or now,
        "publish_at": None,
    }
    _move(update, from_states, changes, now, **guards)
    pictures.publish(target=update, now=now)
    if first:
        impact_update_published.announce(update=update)


def is_featured_by_itself(update: ImpactUpdate) -> bool:
    return (
        update.update_type in (Type.MILESTONE_REACHED, Type.EMERGENCY_RESPONSE)
        and update.priority >= Priority.URGENT
        and update.published_at is None
    )


def _move(
    update: ImpactUpdate,
    from_states: Iterable[ImpactUpdate.Status],
    changes: dict[str, Any],
    now: datetime,
    **guards: Any,
) -> None:
    """Change the update, provided it still is in the state it was read in, and that is one of these."""
    if update.status not in tuple(from_states):
        raise UpdateStateRefuses
    as_read = ImpactUpdate.objects.filter(pk=update.pk, status=update.status, **guards)
    if not claim(as_read, **changes, updated_at=now):
        raise UpdateStateRefuses
    update.refresh_from_db()
    forget_onlus(update.onlus_id)


def _check_public(onlus_id: UUID) -> None:
    if not Onlus.objects.public().filter(pk=onlus_id).exists():
        raise OrganisationNotPublic


def _check_publication(publish_at: datetime | None, now: datetime) -> None:
    if publish_at is None or publish_at <= now:
        raise PublicationDateNeeded


def _check_featured(until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise FeaturedUntilPast


def _check_links(onlus_id: UUID, told: dict[str, Any]) -> None:
    """Refuse links to what is not the organisation's own; name the figures of metrics that come without."""
    if "related_metric_ids" in told:
        keys = list(dict.fromkeys(map(str, told["related_metric_ids"])))
        rows = ImpactMetric.objects.active().of_onlus(onlus_id).filter(pk__in=[parse_id(key) for key in keys])
        found = {str(row.pk): row for row in rows}
        if len(found) != len(keys):
            raise MetricsNotYours
        told["related_metric_ids"] = keys
        if not told.get("related_metrics"):
            told["related_metrics"] = {
                found[key].metric_name: _number(found[key].current_value) for key in keys
            }
    if told.get("affected_donation_ids"):
        keys = list(dict.fromkeys(map(str, told["affected_donation_ids"])))
        if len(keys) > MOST_DONATIONS:
            raise TooManyDonations
        mine = Donation.objects.completed().filter(onlus_id=onlus_id, pk__in=[parse_id(key) for key in keys])
        if mine.count() != len(keys):
            raise DonationsNotYours
        told["affected_donation_ids"] = keys


def _number(value: Decimal) -> int | str:
    """Write a figure for JSON, exactly, whatever scale the store gives it back in."""
    return int(value) if value == int(value) else f"{value.normalize():f}"


def _note_state(
    update: ImpactUpdate,
    action: str,
    actor: Any,
    before: str,
    now: datetime,
    address: str,
    more: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    after = {"status": update.status, **(more or {})}
    _note(update, action, actor, {"status": before}, after, now, address, reason)


def _note(
    update: ImpactUpdate,
    action: str,
    actor: Any,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
    address: str,
    reason: str = "",
) -> None:
    # What is changed or taken back must not stay on the first screen until the cache is over.
    transaction.on_commit(forget_dashboard, robust=True)
    forget_onlus(update.onlus_id)
    trail.record(
        actor=actor,
        action=action,
        target=update,
        before=_countable(before),
        after=_countable(after),
        reason=reason.strip(),
        address=address,
        now=now,
    )


def _countable(facts: dict[str, Any]) -> dict[str, Any]:
    """Keep long lists of donations out of the trail: their number says enough."""
    name = "affected_donation_ids"
    return {key: len(value) if key == name else value for key, value in facts.items()}
