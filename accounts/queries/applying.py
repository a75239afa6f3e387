"""What the applicants' pages show: the steps and how far each is, the papers, what is asked in each field of work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusApplication, OnlusCategory, OnlusDocument
from accounts.queries.applications import OPTIONAL, filled_blocks, missing_documents, required_documents
from accounts.queries.directory import categories

TOLD_BY_CATEGORY = (
    gettext_noop("Entered in the RUNTS, with its number and section."),
    gettext_noop("At least six months of documented activity and two years of accounts."),
    gettext_noop("A clear mission and clear beneficiaries; no party, no union, no profit."),
    gettext_noop("Administration below 25 % of spending, programmes above 65 %."),
    gettext_noop("A board of 7 to 15 people, most of them independent."),
    gettext_noop("Accounts published every year, results told every three months."),
    gettext_noop("Authorisations of the health services it works with."),
    gettext_noop("Child protection policy."),
    gettext_noop("Child and adult protection policy."),
    gettext_noop("Security policy for staff abroad."),
    gettext_noop("Authorisation of the veterinary service."),
    gettext_noop("An operational plan and a certificate of compliance."),
    gettext_noop("An operational plan and evidence of impact."),
    gettext_noop("Evidence of impact and a certificate of compliance."),
    gettext_noop("An operational plan."),
)
"""The lines the fields of work come with; what staff write instead is shown as they wrote it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the wizard, and whether nothing is missing on it."""

    name: str
    label: Any
    is_done: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What one field of work is asked for."""

    category: OnlusCategory
    requirements: list[str]
    standards: list[str]
    documents: list[Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """A type of paper, and the one that is there."""

    kind: OnlusDocument.Type
    is_required: bool
    is_taken: bool
    document: OnlusDocument | None

    @property
    def is_missing(self) -> bool:
        return self.document is None or self.document.status in OnlusDocument.ASKED_AGAIN


def steps_of(application: OnlusApplication | None) -> list[Step]:
    """Return the pages of the wizard; of one that is not begun nothing is done."""
    done = filled_blocks(application) if application else {}
    papers_missing = application is None or missing_documents(application, application.documents.all())
    organisation = ("organisation", "contact", "legal", "work")
    has_money = application is not None and application.annual_budget is not None
    return [
        Step("organisation", _("Organisation"), all(done.get(each) for each in organisation)),
        Step("people", _("People"), bool(done.get("people"))),
        Step("money", _("Money"), has_money),
        Step("papers", _("Documents"), not papers_missing),
        Step(
            "hand_in",
            _("Check and hand in"),
            application is not None and application.submitted_at is not None,
        ),
    ]


def first_open_step(application: OnlusApplication) -> str:
    """Return the page to go on with."""
    return next((step.name for step in steps_of(application) if not step.is_done), "hand_in")


def papers_of(application: OnlusApplication) -> list[Paper]:
    """Return what is asked for, then what is welcome, each with its latest version."""
    latest = {each.document_type: each for each in application.documents.all() if each.is_latest}
    required = required_documents(application.category_id)
    kinds = [*required, *OPTIONAL]
    # Handed in before the field of work was changed.
    kinds += [OnlusDocument.Type(name) for name in latest if name not in kinds]
    return [
        Paper(kind, kind in required, kind in required or kind in OPTIONAL, latest.get(kind.value))
        for kind in kinds
    ]


def renewable_papers(application: OnlusApplication, now: datetime) -> list[Paper]:
    """Return the papers of a taken-in organisation; taken is what ends soon, was refused or is missing."""
    return [
        Paper(
            each.kind,
            each.is_required,
            each.is_taken and (each.document is None or each.document.can_be_renewed(now)),
            each.document,
        )
        for each in papers_of(application)
    ]


def missing_words(application: OnlusApplication) -> list[tuple[str, str]]:
    """Say in words what is not filled in, each with the page where it is asked for."""
    words = {
        "legal": ("organisation", gettext("legal form and codice fiscale")),
        "work": ("organisation", gettext("description, and where it works")),
        "people": ("people", gettext("leaders and board")),
    }
    done = filled_blocks(application)
    return [said for block, said in words.items() if not done[block]]


def asked_by_category() -> list[Asked]:
    """Return each field of work with what it is asked for, as the reader's language has it."""
    return [
        Asked(
            category,
            [gettext(line) for line in category.verification_requirements],
            [gettext(line) for line in category.compliance_standards],
            [kind.label for kind in required_documents(category.pk)],
        )
        for category in categories()
    ]
