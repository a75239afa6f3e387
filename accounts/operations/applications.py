"""The applicant's side: begin, fill in, hand in, answer, think better of it, appeal."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as NumberInvalid
from stdnum.it import codicefiscale

from accounts.models import (
    ApplicationAppeal,
    ApplicationMessage,
    Onlus,
    OnlusApplication,
    OnlusCategory,
    User,
)
from accounts.models.user import normalise_email
from accounts.operations import verification
from accounts.operations.application_states import (
    Phase,
    Status,
    is_answered,
    move,
    own,
    refresh_progress,
)
from accounts.queries.applications import ALIASES, SUBMIT_FROM, missing_documents
from accounts.signals import (
    application_answered,
    application_appealed,
    application_submitted,
    application_withdrawn,
)
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.iban import NotIban, mask, validate_iban
from goodplay.lib.time import day_bounds, rome_day
from goodplay.lib.working_days import after_working_days

MOST_A_DAY = 5
DECIDED_WITHIN = timedelta(days=14)
AGAIN_AFTER = timedelta(days=183)
"""Six months after a rejection the same organisation may apply again."""
APPEAL_WITHIN = timedelta(days=30)
APPEAL_DECIDED_WITHIN = 15  # working days
LONGEST_TEXT = 4000

FIELDS = frozenset(
    {
        "organization_name",
        "mission_statement",
        "category",
        "contact_email",
        "contact_phone",
        "website_url",
        "description",
        "operational_scope",
        "target_beneficiaries",
        "address",
        "legal_entity_type",
        "tax_id",
        "runts_number",
        "runts_section",
        "incorporation_date",
        "primary_activities",
        "funding_sources",
        "annual_budget",
        "leadership_team",
        "board_members",
        "bank_account_info",
    }
)
"""What an applicant may write. Everything else of an application is written by what happens to it."""


class EmailNotConfirmed(DomainError):
    code = "EMAIL_NOT_VERIFIED"
    message = _("Confirm your e-mail address first.")


class OrganizationNameExists(Conflict):
    code = "ORGANIZATION_NAME_EXISTS"
    message = _("There is an organisation or an application with this name already.")


class CategoryInvalid(DomainError):
    code = "ONLUS_CATEGORY_INVALID"
    message = _("Choose one of the fields of work.")


class TaxIdInvalid(DomainError):
    code = "TAX_ID_INVALID"
    message = _("This is no codice fiscale of an organisation: eleven digits. Check it digit by digit.")


class BankAccountInvalid(DomainError):
    code = "BANK_ACCOUNT_INFO_INVALID"
    message = _("This is no IBAN. Check it digit by digit.")


class IncorporationDateInvalid(DomainError):
    code = "INCORPORATION_DATE_INVALID"
    message = _("An organisation cannot have been founded on that day.")


class TooManyApplications(DomainError):
    code = "APPLICATION_LIMIT_REACHED"
    message = _("No more than five applications can be begun on a day. Go on tomorrow.")
    status = 429


class ReapplicationTooEarly(Conflict):
    """`data` names the first day on which it may."""

    code = "REAPPLICATION_TOO_EARLY"
    message = _("This organisation was rejected less than six months ago. It may apply again later.")


class UpdateNotAllowed(Conflict):
    code = "APPLICATION_UPDATE_NOT_ALLOWED"
    message = _("The application was handed in: nothing can be changed unless we ask you to.")


class ApplicationIncomplete(DomainError):
    """What is missing stands in `data`."""

    code = "APPLICATION_INCOMPLETE"
    message = _("Something is missing. Fill in what is marked and add the documents, then hand in.")


class SubmissionFailed(Conflict):
    code = "APPLICATION_SUBMISSION_FAILED"
    message = _("This application was handed in already, or is closed.")


class WithdrawalNotAllowed(Conflict):
    code = "APPLICATION_WITHDRAWAL_NOT_ALLOWED"
    message = _("This application is decided or closed: it cannot be withdrawn any more.")


class NothingToSay(DomainError):
    code = "MESSAGE_REQUIRED"
    message = _("Write something.")


class ThreadClosed(Conflict):
    code = "APPLICATION_CLOSED"
    message = _("This application is closed: no more messages are taken.")


class AppealNotAllowed(Conflict):
    code = "APPEAL_NOT_ALLOWED"
    message = _("An appeal is possible once, within 30 days of a rejection.")


# Begin and fill in -----------------------------------------------------------------------------------------------


@transaction.atomic
def create(*, applicant: User, now: datetime, **facts: Any) -> OnlusApplication:
    """Open a draft. Holds the applicant's row, so that two at once count as two."""
    User.objects.select_for_update().get(pk=applicant.pk)
    if not applicant.is_verified:
        raise EmailNotConfirmed
    begins, ends = day_bounds(rome_day(now))
    today = OnlusApplication.objects.filter(applicant=applicant, created_at__gte=begins, created_at__lt=ends)
    if today.count() >= MOST_A_DAY:
        raise TooManyApplications
    application = OnlusApplication(applicant=applicant, created_at=now, updated_at=now)
    _write(application, facts, now)
    application.progress = 0
    _save(application, is_new=True)
    refresh_progress(application)
    application.steps.create(status=application.status, phase=application.phase, taken_at=now)
    return application


@transaction.atomic
def update(*, applicant_id: UUID, application_id: UUID, now: datetime, **facts: Any) -> OnlusApplication:
    """Change what is sent, and nothing else, while the application is with the applicant."""
    application = own(applicant_id, application_id)
    if not application.is_editable:
        raise UpdateNotAllowed
    _write(application, facts, now)
    application.updated_at = now
    _save(application)
    refresh_progress(application)
    return application


def _write(application: OnlusApplication, facts: dict[str, Any], now: datetime) -> None:
    if unknown := facts.keys() - FIELDS:
        raise TypeError(f"an applicant does not write {sorted(unknown)}")
    for name, value in _tidied(facts, now).items():
        setattr(application, name, value)
    _refuse_taken_name(application)
    _refuse_too_early(application, now)


def _tidied(facts: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the columns for what was written, each checked the same at every door."""
    columns = dict(facts)
    if "organization_name" in facts:
        columns["organization_name"] = " ".join(facts["organization_name"].split())
        columns["name_key"] = columns["organization_name"].casefold()[:200]
    if "category" in facts:
        columns["category"] = _category(facts["category"])
    if "contact_email" in facts:
        columns["contact_email"] = normalise_email(facts["contact_email"])
    if facts.get("tax_id"):
        columns["tax_id"] = _tax_id(facts["tax_id"])
    if facts.get("incorporation_date") and facts["incorporation_date"] > rome_day(now):
        raise IncorporationDateInvalid
    if facts.get("bank_account_info", {}).get("iban"):
        columns["bank_account_info"] = {**facts["bank_account_info"], "iban": _iban(facts)}
    return columns


def _category(code: Any) -> OnlusCategory:
    if isinstance(code, OnlusCategory):
        return code
    found = OnlusCategory.objects.filter(pk=ALIASES.get(code, code), is_active=True).first()
    if found is None:
        raise CategoryInvalid
    return found


def _tax_id(text: str) -> str:
    """Read the codice fiscale of an organisation: eleven digits, the last one checks the others."""
    try:
        number = str(codicefiscale.validate(text))
    except NumberInvalid as error:
        raise TaxIdInvalid from error
    if len(number) != 11 or not number.isascii():
        raise TaxIdInvalid
    return number


def _iban(facts: dict[str, Any]) -> str:
    try:
        return validate_iban(facts["bank_account_info"]["iban"])
    except NotIban as error:
        raise BankAccountInvalid from error


def _refuse_taken_name(application: OnlusApplication) -> None:
    others = OnlusApplication.objects.live().exclude(pk=application.pk)
    taken = Onlus.objects.filter(name__iexact=application.organization_name)
    if others.filter(name_key=application.name_key).exists() or taken.exists():
        raise OrganizationNameExists


def _refuse_too_early(application: OnlusApplication, now: datetime) -> None:
    same = Q(name_key=application.name_key)
    if application.tax_id:
        same |= Q(tax_id=application.tax_id)
    rejected = OnlusApplication.objects.filter(same, status=Status.REJECTED, closed_at__gt=now - AGAIN_AFTER)
    last = rejected.exclude(pk=application.pk).order_by("-closed_at").first()
    if last is not None and last.closed_at is not None:
        raise ReapplicationTooEarly(data={"from": rome_day(last.closed_at + AGAIN_AFTER).isoformat()})


def _save(application: OnlusApplication, *, is_new: bool = False) -> None:
    try:
        with transaction.atomic():
            application.save(force_insert=is_new, force_update=not is_new)
    except IntegrityError as error:
        others = OnlusApplication.objects.live().exclude(pk=application.pk)
        if not others.filter(name_key=application.name_key).exists():
            raise
        raise OrganizationNameExists from error


# Hand in and answer ----------------------------------------------------------------------------------------------


@transaction.atomic
def submit(*, applicant_id: UUID, application_id: UUID, now: datetime) -> OnlusApplication:
    """Hand a draft in; it is decided within fourteen days. Of two at once one wins."""
    application = own(applicant_id, application_id)
    if application.status != Status.DRAFT:
        raise SubmissionFailed
    _refuse_too_early(application, now)
    documents = list(application.documents.current())
    missing = missing_documents(application, documents) if settings.ONLUS_APPLICATION_NEEDS_ALL else []
    if missing or application.progress < SUBMIT_FROM:
        facts = {"missing_documents": missing, "progress_percentage": application.progress}
        raise ApplicationIncomplete(data=facts)
    deadline = now + DECIDED_WITHIN
    move(application, status=Status.SUBMITTED, submitted_at=now, review_deadline=deadline, now=now)
    application_submitted.announce(application=application)
    return application


@transaction.atomic
def withdraw(
    *, applicant_id: UUID, application_id: UUID, now: datetime, reason: str = ""
) -> OnlusApplication:
    application = own(applicant_id, application_id)
    if not application.can_be_withdrawn:
        raise WithdrawalNotAllowed
    move(application, status=Status.WITHDRAWN, withdrawal_reason=reason.strip()[:500], now=now)
    application_withdrawn.announce(application=application)
    return application


@transaction.atomic
def write_message(
    *, applicant_id: UUID, application_id: UUID, text: str, now: datetime
) -> ApplicationMessage:
    """Write to the reviewer. While we wait for the applicant, it answers every question that is open."""
    application = own(applicant_id, application_id)
    if not application.is_open:
        raise ThreadClosed
    if not text.strip():
        raise NothingToSay
    message = application.messages.create(
        author_id=applicant_id, is_from_staff=False, text=text.strip()[:LONGEST_TEXT], written_at=now
    )
    application.messages.filter(kind__in=ApplicationMessage.QUESTIONS, answered_at=None).update(
        answered_at=now
    )
    application_answered.announce(application=application)
    resume_review(application, now=now)
    return message


def resume_review(application: OnlusApplication, *, now: datetime) -> bool:
    """Give the application back to its reviewer when everything that was asked for is there.

    The house looks again at what it can see itself: the applicant may have changed it.
    """
    if application.status != Status.DOCUMENTATION_PENDING or not is_answered(application):
        return False
    move(application, status=Status.UNDER_REVIEW, phase=Phase.DOCUMENTATION, now=now)
    application.documents.current().filter(status="pending").update(status="under_review")
    verification.open_checks(application, now=now)
    return True


# Appeal ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def appeal(*, applicant_id: UUID, application_id: UUID, text: str, now: datetime) -> ApplicationAppeal:
    """Ask for another look at a rejection, once, within thirty days."""
    application = own(applicant_id, application_id)
    if not can_appeal(application, now):
        raise AppealNotAllowed
    if not text.strip():
        raise NothingToSay
    made = ApplicationAppeal.objects.create(
        application=application,
        text=text.strip()[:LONGEST_TEXT],
        against=application.rejection_reason,
        rejected_by_id=application.decided_by_id,
        filed_at=now,
        decide_by=after_working_days(now, APPEAL_DECIDED_WITHIN),
    )
    application_appealed.announce(application=application)
    return made


def can_appeal(application: OnlusApplication, now: datetime) -> bool:
    """Say whether a rejection can still be appealed against. Reads the appeal, which is one or none."""
    rejected = application.status == Status.REJECTED and application.closed_at is not None
    if not rejected or now > application.closed_at + APPEAL_WITHIN:  # type: ignore[operator]  # dated when rejected
        return False
    return not ApplicationAppeal.objects.filter(application=application).exists()


# What the applicant reads ----------------------------------------------------------------------------------------


def masked_bank_account(application: OnlusApplication) -> dict[str, str]:
    """Return the account as its owner may read it back: the number's ends only."""
    account = application.bank_account_info or {}
    return {**account, "iban": mask(account["iban"])} if account.get("iban") else {}


def next_steps(application: OnlusApplication) -> list[str]:
    """Say in sentences what comes next, from the documents and checks that were fetched with the application."""
    documents = list(application.documents.all())
    if application.status == Status.DRAFT:
        ready = application.progress >= SUBMIT_FROM and not missing_documents(application, documents)
        if ready:
            return [gettext("Everything is there: hand the application in.")]
        return [gettext("Fill in what is missing and add the documents.")]
    if application.status == Status.DOCUMENTATION_PENDING:
        asked = [each for each in documents if each.is_latest and each.status in each.ASKED_AGAIN]
        steps = [
            gettext("Hand in again: %(document)s.") % {"document": each.get_document_type_display()}
            for each in asked
        ]
        return steps or [gettext("Answer our questions in the messages.")]
    told = {
        Status.SUBMITTED: gettext("We assign a reviewer."),
        Status.UNDER_REVIEW: gettext(
            "We look at your documents and check what you told us. You need not do anything."
        ),
        Status.DUE_DILIGENCE: gettext("We examine your organisation in depth. You need not do anything."),
        Status.APPROVED: gettext("Welcome: have your bank account verified, then people can give to you."),
        Status.WITHDRAWN: gettext("You withdrew this application."),
        Status.EXPIRED: gettext("This application was not finished in time. You can begin a new one."),
    }
    if application.status == Status.REJECTED:
        return [gettext("It was rejected: %(reason)s") % {"reason": application.rejection_reason}]
    if application.phase == Phase.FINAL_APPROVAL and application.status in OnlusApplication.EXAMINED:
        return [gettext("Everything is checked: the decision is being made.")]
    return [told[Status(application.status)]]
