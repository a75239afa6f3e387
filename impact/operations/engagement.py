"""What players do with updates: look, like, share, comment. Each counts once per person."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _

from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError, NotFound
from impact.models import CommentReport, ImpactUpdate, UpdateComment, UpdateReaction
from impact.operations.updates import UpdateNotFound
from impact.queries.updates import find_public

Kind = UpdateReaction.Kind
COUNTS = {
    Kind.VIEW: "view_count",
    Kind.LIKE: "like_count",
    Kind.SHARE: "share_count",
    Kind.COMMENT: "comment_count",
}
WEIGHTS = {Kind.VIEW: 1, Kind.LIKE: 3, Kind.SHARE: 5, Kind.COMMENT: 4}
MOST_COMMENTS = 20
"""Of one person under one update."""


class CommentEmpty(DomainError):
    code = "COMMENT_TEXT_REQUIRED"
    message = _("Write something.")


class TooManyComments(DomainError):
    code = "COMMENT_LIMIT_REACHED"
    message = _("You have written enough comments here.")


class CommentNotFound(NotFound):
    code = "COMMENT_NOT_FOUND"
    message = _("There is no such comment.")


class OwnComment(DomainError):
    code = "COMMENT_IS_YOURS"
    message = _("That is your own comment: you can take it back.")


class CommentHidden(Conflict):
    code = "COMMENT_HIDDEN"
    message = _("The comment is hidden already.")


class CommentVisible(Conflict):
    code = "COMMENT_VISIBLE"
    message = _("The comment is not hidden.")


class ReasonRequired(DomainError):
    code = "COMMENT_REASON_REQUIRED"
    message = _("Say why: it stays on record.")


@transaction.atomic
def react(*, user_id: UUID, update_id: UUID, kind: str, now: datetime) -> ImpactUpdate:
    """Note that a person looked at, liked or shared an update. The second time does nothing."""
    update = find_public(update_id)
    if update is None:
        raise UpdateNotFound
    if _add(update.pk, user_id, kind, now):
        _move_count(update.pk, kind, 1)
        update.refresh_from_db()
    return update


@transaction.atomic
def unlike(*, user_id: UUID, update_id: UUID) -> ImpactUpdate:
    """Take a like back. Without one nothing happens."""
    update = find_public(update_id)
    if update is None:
        raise UpdateNotFound
    if _take_back(update.pk, user_id, Kind.LIKE):
        update.refresh_from_db()
    return update


@transaction.atomic
def comment(*, user_id: UUID, update_id: UUID, text: str, now: datetime) -> UpdateComment:
    update = find_public(update_id)
    if update is None:
        raise UpdateNotFound
    if not text.strip():
        raise CommentEmpty
    mine = UpdateComment.objects.filter(update_id=update.pk, author_id=user_id)
    if mine.count() >= MOST_COMMENTS:
        raise TooManyComments
    row = UpdateComment.objects.create(
        update_id=update.pk, author_id=user_id, text=text.strip(), created_at=now
    )
    if _add(update.pk, user_id, Kind.COMMENT, now):
        _move_count(update.pk, Kind.COMMENT, 1)
    return row


@transaction.atomic
def take_back_comment(*, user_id: UUID, comment_id: UUID, now: datetime) -> None:
    """Take one's own comment back: nobody reads it any more, and its words are gone."""
    row = UpdateComment.objects.select_for_update().filter(pk=comment_id, author_id=user_id).first()
    if row is None or row.deleted_at is not None:
        raise CommentNotFound
    row.deleted_at, row.text = now, ""
    row.save(update_fields=["deleted_at", "text"])
    _uncount_if_silent(row)


@transaction.atomic
def report_comment(
    *, user_id: UUID, comment_id: UUID, reason: str, now: datetime, details: str = ""
) -> CommentReport:
    """Tell the moderators of a comment. The second time the first report is returned."""
    row = UpdateComment.objects.visible().filter(pk=comment_id).first()
    if row is None or find_public(row.update_id) is None:
        raise CommentNotFound
    if row.author_id == user_id:
        raise OwnComment
    told, _is_new = CommentReport.objects.get_or_create(
        comment=row,
        reporter_id=user_id,
        defaults={"reason": reason, "details": details.strip(), "created_at": now},
    )
    return told


@transaction.atomic
def hide_comment(
    *, comment: UpdateComment, reason: str, actor: Any, now: datetime, address: str = ""
) -> None:
    if not reason.strip():
        raise ReasonRequired
    row = UpdateComment.objects.select_for_update().get(pk=comment.pk)
    if row.hidden_at is not None or row.deleted_at is not None:
        raise CommentHidden
    row.hidden_at, row.hidden_by, row.hidden_reason = now, actor, reason.strip()
    row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    row.reports.filter(settled_at=None).update(settled_at=now)
    _uncount_if_silent(row)
    _note(row, "comment_hide", actor, reason, now, address)


@transaction.atomic
def show_comment(
    *, comment: UpdateComment, reason: str, actor: Any, now: datetime, address: str = ""
) -> None:
    """Show a hidden comment again."""
    if not reason.strip():
        raise ReasonRequired
    row = UpdateComment.objects.select_for_update().get(pk=comment.pk)
    if row.hidden_at is None:
        raise CommentVisible
    row.hidden_at, row.hidden_by, row.hidden_reason = None, None, ""
    row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    if row.deleted_at is None and _add(row.update_id, row.author_id, Kind.COMMENT, now):
        _move_count(row.update_id, Kind.COMMENT, 1)
    _note(row, "comment_show", actor, reason, now, address)


@transaction.atomic
def settle_reports(
    *, comment: UpdateComment, actor: Any, reason: str, now: datetime, address: str = ""
) -> int:
    """Leave a comment standing: what was reported of it is looked at."""
    if not reason.strip():
        raise ReasonRequired
    settled = CommentReport.objects.filter(comment=comment, settled_at=None).update(settled_at=now)
    if settled:
        _note(comment, "comment_leave", actor, reason, now, address)
    return settled


def refresh_trending(*, now: datetime) -> int:
    """Count anew what happened to recent updates, and score them; return how many trend.

    The counts on an update follow its reactions at once; here they are put right where a process died in between.
    """
    since = now - timedelta(hours=settings.TRENDING_UPDATE_WINDOW)
    recent = list(ImpactUpdate.objects.published_since(since).order_by("id"))
    counted = _counted([update.pk for update in recent])
    scores = [_score(update, counted.get(update.pk, {})) for update in recent]
    past = ImpactUpdate.objects.filter(trending_score__gt=0, published_at__lt=since)
    past.update(trending_score=0)
    return sum(score > 0 for score in scores)


def _counted(keys: list[UUID]) -> dict[UUID, dict[str, int]]:
    rows = UpdateReaction.objects.filter(update_id__in=keys).values_list("update_id", "kind")
    counted: dict[UUID, dict[str, int]] = {}
    for key, kind, number in rows.annotate(number=Count("pk")).order_by():
        counted.setdefault(key, {})[kind] = number
    return counted


def _score(update: ImpactUpdate, counts: dict[str, int]) -> int:
    """Write what was counted, unless somebody reacted meanwhile: then the next run does."""
    engagement = sum(weight * counts.get(kind, 0) for kind, weight in WEIGHTS.items())
    trending = engagement * update.priority
    shown = {COUNTS[kind]: counts.get(kind, 0) for kind in Kind}
    changes = {**shown, "engagement_score": engagement, "trending_score": trending}
    before = {name: getattr(update, name) for name in changes}
    if before != changes:
        claim(ImpactUpdate.objects.public().filter(pk=update.pk, **before), **changes)
    return trending


def _add(update_id: UUID, user_id: UUID, kind: str, now: datetime) -> bool:
    """Add the reaction unless it is there; say whether it is new."""
    reaction = UpdateReaction(update_id=update_id, user_id=user_id, kind=kind, created_at=now)
    try:
        with transaction.atomic():
            reaction.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _take_back(update_id: UUID, user_id: UUID, kind: str) -> bool:
    gone, _by_kind = UpdateReaction.objects.filter(update_id=update_id, user_id=user_id, kind=kind).delete()
    if gone:
        _move_count(update_id, kind, -1)
    return bool(gone)


def _move_count(update_id: UUID, kind: str, by: int) -> None:
    """Move the count an update shows, never below nothing."""
    name, weight = COUNTS[Kind(kind)], WEIGHTS[Kind(kind)]
    row = ImpactUpdate.objects.filter(pk=update_id)
    if by < 0:
        row = row.filter(**{f"{name}__gte": -by, "engagement_score__gte": -by * weight})
    claim(row, **{name: F(name) + by, "engagement_score": F("engagement_score") + by * weight})


def _uncount_if_silent(row: UpdateComment) -> None:
    """No longer count somebody whose every comment under the update is gone or hidden."""
    others = UpdateComment.objects.filter(
        update_id=row.update_id, author_id=row.author_id, hidden_at=None, deleted_at=None
    )
    if not others.exists():
        _take_back(row.update_id, row.author_id, Kind.COMMENT)


def _note(row: UpdateComment, action: str, actor: Any, reason: str, now: datetime, address: str) -> None:
    trail.record(actor=actor, action=action, target=row, reason=reason.strip(), address=address, now=now)
