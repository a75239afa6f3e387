"""How long what belongs to money is kept: the books for ten years, who somebody was for ten years after they left."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from donations.models import (
    BatchLine,
    Case,
    ComplianceCheck,
    ComplianceNotification,
    Donation,
    FinancialReport,
    FinancialReportFile,
    FinancialReportGrant,
    FraudFlag,
    IdentityDocument,
    IdentityVerification,
    Review,
    RiskDecision,
    SavedPaymentMethod,
    ScreeningDecision,
    ScreeningHit,
    Transfer,
    WebhookEvent,
)
from donations.models.receipts import Receipt
from donations.operations.identity import applying
from goodplay.lib.db import purging
from goodplay.lib.private_files import operations as private_files
from goodplay.lib.retention.registry import Act, holds, kept

TEN_YEARS, SEVEN_YEARS, TWO_YEARS = 3653, 2557, 731
BOOKS = _("Ten years for the books and what proves them (art. 2220 c.c.), and for anti-money-laundering.")


WHO = _("Ten years after the relation ended: who somebody was, and how we know (D.Lgs. 231/2007, art. 31).")
WATCH = _("Ten years: why money was held, refused or let pass (D.Lgs. 231/2007, art. 31).")


@holds
def people_with_an_open_case() -> Iterable[Any]:
    """Nothing of a person is purged while somebody looks into them."""
    open_cases = Case.objects.exclude(status=Case.Status.CLOSED).exclude(subject_user=None)
    return open_cases.values_list("subject_user_id", flat=True).distinct()


def removed_methods(before: datetime) -> QuerySet[SavedPaymentMethod]:
    return SavedPaymentMethod.objects.filter(removed_at__lt=before).exclude(token_hash="")


def forget_tokens(rows: Sequence[Any], now: datetime) -> None:
    SavedPaymentMethod.objects.filter(pk__in=[row.pk for row in rows]).update(
        token="", token_hash="", customer="", last4="", expires_on=""
    )


def forget_reports(rows: Sequence[Any], now: datetime) -> None:
    papers = FinancialReportFile.objects.filter(report__in=[row.pk for row in rows]).select_related("file")
    for paper in list(papers):
        paper.delete()
        private_files.delete(file=paper.file, now=now)
    FinancialReportGrant.objects.filter(report__in=[row.pk for row in rows]).delete()
    FinancialReport.objects.filter(pk__in=[row.pk for row in rows]).delete()


kept(
    "financial_reports",
    label=_("Financial reports"),
    law=_("As long as what concerns an organisation; what they are sums of stays in the books."),
    days=SEVEN_YEARS,
    least_days=SEVEN_YEARS,
    rows=lambda before: FinancialReport.objects.filter(made_at__lt=before),
    purge=forget_reports,
)
kept(
    "webhooks",
    label=_("Notifications of payment providers that were processed"),
    law=_("Providers repeat them for some weeks; what followed from them is in the books."),
    days=90,
    least_days=30,
    rows=lambda before: WebhookEvent.objects.filter(received_at__lt=before, processed_at__isnull=False),
)
kept(
    "removed_payment_methods",
    label=_("Tokens of means of payment that were removed"),
    law=_("A refund may still need them for some weeks."),
    days=90,
    least_days=30,
    rows=removed_methods,
    act=Act.CLEAN,
    purge=forget_tokens,
    subject="player_id",
)
kept(
    "transfers",
    label=_("Transfers of the ledger"),
    law=BOOKS,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=lambda before: Transfer.objects.filter(created_at__lt=before),
    act=Act.KEEP,
)
kept(
    "donations",
    label=_("Donations"),
    law=BOOKS,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=lambda before: Donation.objects.filter(created_at__lt=before),
    act=Act.KEEP,
)
kept(
    "receipts",
    label=_("Receipts"),
    law=BOOKS,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=lambda before: Receipt.objects.filter(issued_at__lt=before),
    act=Act.KEEP,
)


# Who somebody is, and what was looked for ---------------------------------------------------------------------


def documents_over(before: datetime) -> QuerySet[IdentityDocument]:
    return IdentityDocument.objects.filter(verification__user__deleted_at__lt=before).select_related("file")


def forget_documents(rows: Sequence[Any], now: datetime) -> None:
    """Erase the files as well: their rows stay without content, as the proof that they were there."""
    for document in rows:
        applying.forget(document, now)


def identities_over(before: datetime) -> QuerySet[IdentityVerification]:
    """List what has no document any more: those go first, the verification the night after."""
    return IdentityVerification.objects.filter(user__deleted_at__lt=before, documents=None)


def withdrawn_identities(before: datetime) -> QuerySet[IdentityVerification]:
    """List what nobody decided on: it proved nothing, and its documents were erased when it was withdrawn."""
    withdrawn = IdentityVerification.objects.filter(status=IdentityVerification.Status.WITHDRAWN)
    return withdrawn.filter(created_at__lt=before, documents=None)


def _left(before: datetime) -> Q:
    """Say who left before then: a player who closed the account, the holder of an account no longer paid to.

    An organisation stays: it is in a relation with GoodPlay as long as it is registered.
    """
    return Q(subject__user__deleted_at__lt=before) | Q(subject__bank_account__replaced_at__lt=before)


def hits_over(before: datetime) -> QuerySet[ScreeningHit]:
    return ScreeningHit.objects.filter(_left(before))


def answers_over(before: datetime) -> QuerySet[ScreeningDecision]:
    """List answers no hit stands on any more: hits go first."""
    return ScreeningDecision.objects.filter(_left(before)).filter(
        ~Exists(ScreeningHit.objects.filter(decision=OuterRef("pk")))
    )


def forget_risk_decisions(rows: Sequence[Any], now: datetime) -> None:
    """Reviews stay, as the books are read by them; why they were opened goes."""
    keys = [row.pk for row in rows]
    Review.objects.filter(decision__in=keys).update(decision=None)
    with purging(RiskDecision):
        RiskDecision.objects.filter(pk__in=keys).delete()


def checks_over(before: datetime) -> QuerySet[ComplianceCheck]:
    """List checks of people who left. What a line of a batch proves stays with its batch."""
    left = ComplianceCheck.objects.filter(user__deleted_at__lt=before)
    return left.filter(~Exists(BatchLine.objects.filter(compliance_check=OuterRef("pk"))))


def forget_checks(rows: Sequence[Any], now: datetime) -> None:
    keys = [row.pk for row in rows]
    with purging(ComplianceNotification):
        ComplianceNotification.objects.filter(compliance_check__in=keys).delete()
    ComplianceCheck.objects.filter(pk__in=keys).delete()


kept(
    "identity_documents",
    label=_("Documents of identity with their files"),
    law=WHO,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=documents_over,
    purge=forget_documents,
    subject="verification__user_id",
)
kept(
    "identities",
    label=_("Identities: names, births, nationalities"),
    law=WHO,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=identities_over,
    subject="user_id",
)
kept(
    "identities_withdrawn",
    label=_("Verifications of identity that were withdrawn"),
    law=_("They proved nothing; two years to answer questions."),
    days=TWO_YEARS,
    least_days=365,
    rows=withdrawn_identities,
    subject="user_id",
)
kept(
    "screening_hits",
    label=_("Screening hits"),
    law=WHO,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=hits_over,
    subject="subject__user_id",
)
kept(
    "screening_decisions",
    label=_("Answers of screening, with the names asked about"),
    law=WHO,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=answers_over,
    subject="subject__user_id",
)
kept(
    "compliance_checks",
    label=_("Compliance checks"),
    law=WHO,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=checks_over,
    purge=forget_checks,
    subject="user_id",
)
kept(
    "risk_decisions",
    label=_("What the risk rules decided"),
    law=WATCH,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=lambda before: RiskDecision.objects.filter(created_at__lt=before),
    purge=forget_risk_decisions,
    subject="player_id",
)
kept(
    "fraud_flags",
    label=_("Marks on players"),
    law=WATCH,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=lambda before: FraudFlag.objects.filter(flagged_at__lt=before),
    subject="user_id",
)
kept(
    "reviews",
    label=_("Movements that were held, and who decided"),
    law=BOOKS,
    days=TEN_YEARS,
    least_days=TEN_YEARS,
    rows=lambda before: Review.objects.filter(created_at__lt=before),
    act=Act.KEEP,
)
