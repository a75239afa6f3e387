"""Telling people: once each, as they chose, in the feed, on open pages and by mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from accounts.models import Announcement, Notification, User
from accounts.models.preferences import default_notifications
from accounts.noticing import AUDIENCES, KINDS, Kind
from goodplay.lib import mail, realtime
from goodplay.lib.errors import NotFound
from goodplay.lib.time import ROME, next_month, rome_day, week_start

logger = structlog.get_logger("goodplay.notifications")

BATCH = 500
MOST_IN_A_MAIL = 20
MAIL_HOUR = time(8)  # in Rome: a summary waits for the morning
SILENT = ("never", "none")


class NotificationNotFound(NotFound):
    code = "NOTIFICATION_NOT_FOUND"
    message = _("There is no such notification.")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Somebody, and how they want to be told."""

    user_id: UUID
    language: str
    can_be_mailed: bool
    chosen: dict[str, Any]

    def wants(self, kind: Kind) -> bool:
        return not kind.topic or bool(self.chosen.get(kind.topic))

    @property
    def hears_pages(self) -> bool:
        return bool(self.chosen["push_enabled"]) and self.chosen["frequency"] not in SILENT

    def mail_at(self, now: datetime) -> datetime | None:
        """Return the morning of the next summary; None for who wants no mail, or has no proven address."""
        first = _MORNINGS.get(self.chosen["frequency"])
        if first is None or not self.chosen["email_enabled"] or not self.can_be_mailed:
            return None
        return datetime.combine(first(rome_day(now)), MAIL_HOUR, ROME)


_MORNINGS = {
    "daily": lambda today: today + timedelta(days=1),
    "weekly": lambda today: week_start(today) + timedelta(days=7),
    "monthly": next_month,
}


def notify(*, user_id: UUID, kind: str, facts: dict[str, Any], dedupe_key: str, now: datetime) -> bool:
    """Tell one person a fact; False when they were told before, do not want to know, or are gone."""
    return notify_many(user_ids=[user_id], kind=kind, facts=facts, dedupe_key=dedupe_key, now=now) == 1


@transaction.atomic
def notify_many(
    *, user_ids: Iterable[UUID], kind: str, facts: dict[str, Any], dedupe_key: str, now: datetime
) -> int:
    """Tell each of them once: `dedupe_key` names what is told of. Their open pages hear of it after the commit."""
    sort = KINDS[kind]
    known = Notification.objects.filter(user_id__in=list(user_ids), kind=kind, dedupe_key=dedupe_key)
    told_before = set(known.values_list("user_id", flat=True))
    readers = {
        reader.user_id: reader
        for reader in _readers(user_ids)
        if reader.wants(sort) and reader.user_id not in told_before
    }
    rows = [
        Notification(
            user_id=reader.user_id,
            kind=kind,
            facts=facts,
            dedupe_key=dedupe_key,
            created_at=now,
            mail_at=reader.mail_at(now) if sort.is_mailed else None,
        )
        for reader in readers.values()
    ]
    # A twin may be telling them at this moment: what it told first is not ours to push.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    ours = Notification.objects.filter(pk__in=[row.pk for row in rows])
    for row in ours:
        reader = readers[row.user_id]
        if reader.hears_pages:
            transaction.on_commit(partial(_push, row, reader.language), robust=True)
    return len(ours)


def _readers(user_ids: Iterable[UUID]) -> list[_Reader]:
    people = User.objects.filter(pk__in=list(user_ids), is_active=True, deleted_at=None)
    columns = ("pk", "preferred_language", "email_verified_at", "preferences__notifications")
    return [
        _Reader(pk, _known(language), verified_at is not None, default_notifications() | (chosen or {}))
        for pk, language, verified_at, chosen in people.values_list(*columns)
    ]


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _push(row: Notification, language: str) -> None:
    with override(language):
        title, text = KINDS[row.kind].told(row.facts)
    data = {
        "id": str(row.pk),
        "kind": row.kind,
        "title": title,
        "text": text,
        "link": KINDS[row.kind].link_of(row.facts),
        "created_at": row.created_at.isoformat(),
    }
    realtime.emit("notification", {"notification": data}, user_id=row.user_id)


# The feed --------------------------------------------------------------------------------------------------------


def mark_read(*, user_id: UUID, notification_id: UUID, now: datetime) -> Notification:
    """Note the first reading; reading again changes nothing."""
    mine = Notification.objects.shown().filter(user_id=user_id, pk=notification_id)
    mine.filter(read_at=None).update(read_at=now, mail_at=None)
    row = mine.first()
    if row is None:
        raise NotificationNotFound
    return row


def mark_all_read(*, user_id: UUID, now: datetime) -> int:
    """Note what was told up to now as read."""
    unread = Notification.objects.unread().filter(user_id=user_id, created_at__lte=now)
    return unread.update(read_at=now, mail_at=None)


def dismiss(*, user_id: UUID, notification_id: UUID, now: datetime) -> None:
    """Take it out of the feed for good, and forget what it said."""
    mine = Notification.objects.shown().filter(user_id=user_id, pk=notification_id)
    if not mine.update(dismissed_at=now, facts={}, mail_at=None):
        raise NotificationNotFound


# Many at once ----------------------------------------------------------------------------------------------------


def announce_to(
    *, audience: str, kind: str, facts: dict[str, Any], dedupe_key: str, now: datetime
) -> Announcement:
    """Have the job tell everybody of the audience, who may be many; twice is once."""
    if audience not in AUDIENCES or kind not in KINDS:
        raise ValueError(f"nobody declared {audience} or {kind}")
    row, _is_new = Announcement.objects.get_or_create(
        kind=kind,
        dedupe_key=dedupe_key,
        defaults={"facts": facts, "audience": audience, "created_at": now},
    )
    return row


def carry_announcements(*, now: datetime) -> int:
    """Tell batch after batch until nobody is left, and return how many were told."""
    told = 0
    waiting = Announcement.objects.filter(done_at=None).order_by("created_at")
    for key in list(waiting.values_list("pk", flat=True)):
        while (batch := _tell_batch(key, now)) is not None:
            told += batch
    return told


@transaction.atomic
def _tell_batch(key: UUID, now: datetime) -> int | None:
    """Tell the next people; None when all were told. Workers take turns at the row, so nobody is left out."""
    row = Announcement.objects.select_for_update().get(pk=key)
    if row.done_at is not None:
        return None
    people = AUDIENCES[row.audience](row.facts, row.cursor, BATCH)
    told = notify_many(user_ids=people, kind=row.kind, facts=row.facts, dedupe_key=row.dedupe_key, now=now)
    Announcement.objects.filter(pk=key).update(
        cursor=people[-1] if people else row.cursor,
        told_count=F("told_count") + told,
        done_at=now if len(people) < BATCH else None,
    )
    return told


# Summaries by mail -----------------------------------------------------------------------------------------------


def mail_summaries(*, now: datetime) -> int:
    """Mail each person what they have not read since the last summary. Who cannot be reached is tried again."""
    due = Notification.objects.filter(mail_at__lte=now)
    people = list(due.order_by("user_id").values_list("user_id", flat=True).distinct())
    return sum(_mailed(user_id, now) for user_id in people)


def _mailed(user_id: UUID, now: datetime) -> bool:
    try:
        return _mail_summary(user_id, now)
    except OSError:
        logger.warning("summary not mailed", user=str(user_id), exc_info=True)
        return False


@transaction.atomic
def _mail_summary(user_id: UUID, now: datetime) -> bool:
    due = Notification.objects.select_for_update().filter(user_id=user_id, mail_at__lte=now)
    rows = list(due.order_by("-created_at", "-pk"))
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mail_at=None)
    reader = next(iter(_readers([user_id])), None)
    if reader is None or reader.mail_at(now) is None:
        return False
    rows = [row for row in rows if row.kind in KINDS and reader.wants(KINDS[row.kind])]
    if not rows:
        return False  # a twin mailed them, or the person chose otherwise meanwhile
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
    person = User.objects.only("email", "display_name").get(pk=user_id)
    with override(reader.language):
        told = [KINDS[row.kind].told(row.facts) for row in rows]
        subject = told[0][0] if len(told) == 1 else _subject(len(told))
    mail.send(
        to=person.email,
        language=reader.language,
        subject=subject,
        template="notifications",
        facts={
            "name": person.display_name,
            "items": told[:MOST_IN_A_MAIL],
            "more": max(0, len(told) - MOST_IN_A_MAIL),
        },
    )
    return True


def _subject(count: int) -> str:
    return ngettext(
        "%(count)s piece of news from GoodPlay", "%(count)s pieces of news from GoodPlay", count
    ) % {"count": count}
