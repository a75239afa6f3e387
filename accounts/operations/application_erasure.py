"""Forgetting the people behind applications that came to nothing, and applications of accounts that were closed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import ApplicationMessage, OnlusApplication, OnlusDocument
from accounts.operations.application_states import Status, locked, move
from accounts.signals import application_withdrawn
from goodplay.lib.private_files import operations as files


def erase(rows: Sequence[OnlusApplication], now: datetime) -> None:
    """Take people, contacts, account, messages and papers out of applications. That there was one stays known."""
    keys = [row.pk for row in rows]
    ApplicationMessage.objects.filter(application__in=keys).delete()
    for document in OnlusDocument.objects.filter(application__in=keys).select_related("file"):
        files.delete(file=document.file, now=now)
    OnlusApplication.objects.filter(pk__in=keys).update(
        leadership_team=[],
        board_members=[],
        bank_account_info={},
        contact_email="erased@erased.invalid",
        contact_phone="",
        address={},
        reviewer_notes="",
        erased_at=now,
    )


def withdraw_all(*, user_ids: Sequence[Any], now: datetime) -> None:
    """Withdraw what people whose account is closed had not finished, and forget it. A rejection keeps its period."""
    rows = OnlusApplication.objects.live().filter(applicant__in=user_ids)
    for key in list(rows.values_list("pk", flat=True)):
        application = locked(key)
        if application.status in OnlusApplication.LIVE:
            move(application, status=Status.WITHDRAWN, withdrawal_reason="account closed", now=now)
            application_withdrawn.announce(application=application)
    closed = OnlusApplication.objects.filter(applicant__in=user_ids, erased_at=None)
    erase(list(closed.exclude(status__in=[Status.APPROVED, Status.REJECTED])), now)
