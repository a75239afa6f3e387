"""Who reads a financial report beside those it is made for: kept confidential among staff, opened to people by name."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.user import normalise_email
from donations.models import FinancialReport, FinancialReportGrant
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError


class ReportReaderUnknown(DomainError):
    code = "USER_NOT_FOUND"
    message = _("Nobody has an open account with this address, confirmed.")


class ReportReaderIsActor(DomainError):
    code = "OWN_REPORT_ACCESS"
    message = _("Somebody else opens a report to you.")


class ReportAccessExists(Conflict):
    code = "REPORT_ACCESS_EXISTS"
    message = _("This person may read the report already.")


class ReportAccessMissing(Conflict):
    code = "REPORT_ACCESS_NOT_FOUND"
    message = _("This person was not given the report by name.")


class ReportNotSealable(Conflict):
    code = "REPORT_NOT_SEALABLE"
    message = _("This report is put away, or was changed meanwhile. Load the page again.")


@transaction.atomic
def seal(*, report: FinancialReport, actor: User, reason: str, now: datetime, address: str = "") -> None:
    """Keep a report from staff who only read: whoever makes reports sees it, and those it is opened to by name."""
    _set_confidential(report, True, "seal", actor, reason, now, address)  # noqa: FBT003  (what it becomes)


@transaction.atomic
def unseal(*, report: FinancialReport, actor: User, reason: str, now: datetime, address: str = "") -> None:
    """Let all staff with the right to see reports read it again."""
    _set_confidential(report, False, "unseal", actor, reason, now, address)  # noqa: FBT003  (what it becomes)


@transaction.atomic
def grant(
    *, report: FinancialReport, email: str, actor: User, reason: str, now: datetime, address: str = ""
) -> FinancialReportGrant:
    """Let a person read one report, until it is withdrawn or the report is put away."""
    reader = User.objects.filter(email=normalise_email(email)).first()
    if reader is None or not reader.is_active or reader.email_verified_at is None:
        raise ReportReaderUnknown
    if reader.pk == actor.pk:
        raise ReportReaderIsActor
    if not FinancialReport.objects.standing().select_for_update().filter(pk=report.pk).exists():
        raise ReportNotSealable
    try:
        with transaction.atomic():
            made = FinancialReportGrant.objects.create(
                report=report, reader=reader, reason=reason, granted_by=actor, granted_at=now
            )
    except IntegrityError as error:
        raise ReportAccessExists from error
    _note(report, "grant", actor, reason, now, address, reader=str(reader.pk))
    return made


@transaction.atomic
def withdraw(
    *, report: FinancialReport, email: str, actor: User, reason: str, now: datetime, address: str = ""
) -> None:
    standing = FinancialReportGrant.objects.filter(
        report=report, reader__email=normalise_email(email), withdrawn_at=None
    )
    found = standing.first()
    if found is None or not claim(
        FinancialReportGrant.objects.filter(pk=found.pk, withdrawn_at=None),
        withdrawn_at=now,
        withdrawn_by=actor,
    ):
        raise ReportAccessMissing
    _note(report, "withdraw", actor, reason, now, address, reader=str(found.reader_id))


def _set_confidential(
    report: FinancialReport,
    wanted: bool,  # noqa: FBT001  (what it becomes)
    action: str,
    actor: User,
    reason: str,
    now: datetime,
    address: str,
) -> None:
    others = FinancialReport.objects.standing().filter(pk=report.pk, is_confidential=not wanted)
    if not claim(others, is_confidential=wanted):
        raise ReportNotSealable
    report.is_confidential = wanted
    _note(report, action, actor, reason, now, address, is_confidential=wanted)


def _note(
    report: FinancialReport, action: str, actor: User, reason: str, now: datetime, address: str, **facts: Any
) -> None:
    trail.record(
        actor=actor,
        action=f"financial_report_{action}",
        target=report,
        after={"report": str(report), "sha256": report.sha256, **facts},
        reason=reason,
        address=address,
        now=now,
    )
