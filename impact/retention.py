"""How long evidence is kept, and what people wrote once they are gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from goodplay.lib.private_files import operations as private_files
from goodplay.lib.retention.registry import Act, kept
from impact.models import MetricEvidence, UpdateComment

SEVEN_YEARS = 2557


def comments_of_closed_accounts(before: datetime) -> QuerySet[UpdateComment]:
    return UpdateComment.objects.filter(author__deleted_at__lt=before).exclude(text="")


def forget_words(rows: Sequence[Any], now: datetime) -> None:
    UpdateComment.objects.filter(pk__in=[row.pk for row in rows]).update(text="", deleted_at=now)


def old_evidence(before: datetime) -> QuerySet[MetricEvidence]:
    return MetricEvidence.objects.filter(submitted_at__lt=before, file__erased_at=None)


def erase_files(rows: Sequence[Any], now: datetime) -> None:
    for row in rows:
        private_files.delete(file=row.file, now=now)


kept(
    "update_comments",
    label=_("Comments of people who closed their account"),
    law=_("Nobody reads them any more; moderators may still need the words for some weeks."),
    days=30,
    least_days=14,
    rows=comments_of_closed_accounts,
    act=Act.CLEAN,
    purge=forget_words,
    subject="author_id",
)
kept(
    "metric_evidence",
    label=_("Files that back what organisations report"),
    law=_("As long as what concerns an organisation; that there was a file, and its hash, stay."),
    days=SEVEN_YEARS,
    least_days=365,
    rows=old_evidence,
    act=Act.CLEAN,
    purge=erase_files,
)
