"""Applications by the way people make them: through the operations."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import Group

from accounts.operations import (
    application_decisions,
    application_review,
    applications,
    documents,
    verification,
)
from accounts.queries.applications import required_documents
from goodplay.lib.private_files.checks import PDF as PDF_TYPE
from goodplay.lib.private_files.checks import Upload
from tests.factories.accounts import UserFactory
from tests.factories.private_files import PDF

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TAX_ID = "97745120010"
IBAN = "IT60X0542811101000000123456"
PEOPLE = [
    {"name": "Lucia Ferri", "role": "President", "email": "lucia@radici.example"},
    {"name": "Ugo Bassi", "role": "Treasurer"},
]
FACTS = {
    "organization_name": "Radici nel Cielo",
    "mission_statement": "Music lessons for children who cannot pay for them.",
    "category": "arts_culture",
    "contact_email": "info@radici.example",
    "contact_phone": "+39 0461 123456",
    "website_url": "https://radici.example",
    "description": "Forty volunteers teach two hundred children.",
    "operational_scope": "Trentino",
    "legal_entity_type": "association",
    "tax_id": TAX_ID,
    "incorporation_date": date(2015, 5, 4),
    "annual_budget": 45000,
    "leadership_team": PEOPLE,
    "board_members": PEOPLE,
    "bank_account_info": {"iban": IBAN, "bank_name": "Banca", "account_holder": "Radici nel Cielo"},
}


def draft(applicant=None, *, now=MONDAY, **facts):
    return applications.create(applicant=applicant or UserFactory(), now=now, **{**FACTS, **facts})


def hand_in(application, document_type="legal_certificate", *, now=MONDAY, content=PDF, name="paper.pdf"):
    return documents.upload(
        applicant_id=application.applicant_id,
        application_id=application.pk,
        document_type=document_type,
        upload=Upload(name, content, PDF_TYPE),
        now=now,
    )


def complete(applicant=None, *, now=MONDAY, **facts):
    """A draft that can be handed in."""
    application = draft(applicant, now=now, **facts)
    for each in required_documents(application.category_id):
        hand_in(application, each, now=now)
    application.refresh_from_db()
    return application


def submitted(applicant=None, *, now=MONDAY, **facts):
    application = complete(applicant, now=now, **facts)
    return applications.submit(applicant_id=application.applicant_id, application_id=application.pk, now=now)


def make_reviewer(role="compliance", **columns):
    user = UserFactory(is_staff=True, **columns)
    user.groups.add(Group.objects.get(name=role))
    return user


def under_review(reviewer=None, *, now=MONDAY, **facts):
    application, reviewer = submitted(now=now, **facts), reviewer or make_reviewer()
    return application_review.assign(application=application, reviewer=reviewer, actor=reviewer, now=now)


def approve_documents(application, *, now=MONDAY):
    for each in application.documents.current():
        documents.approve(document=each, reviewer=application.reviewer, now=now)


def answer_checks(application, *, now=MONDAY, risk="low", score=90):
    for each in application.verification_checks.all():
        if not each.is_over:
            verification.answer_check(
                check=each,
                reviewer=application.reviewer,
                passed=True,
                result_summary="In order.",
                risk_level=risk,
                score=score,
                now=now,
            )


def final(*, now=MONDAY, risk="low", **facts):
    """An application that waits for its last decision."""
    application = under_review(now=now, **facts)
    approve_documents(application, now=now)
    answer_checks(application, now=now, risk=risk)
    application.refresh_from_db()
    reviewer = application.reviewer
    if application.risk_level != "low":
        application = application_review.examine(application=application, actor=reviewer, now=now)
    return application_review.pass_verification(application=application, actor=reviewer, now=now)


def approved(*, now=MONDAY, **facts):
    application = final(now=now, **facts)
    application_decisions.approve(
        application=application,
        decided_by=application.reviewer,
        reason="All in order",
        now=now + timedelta(hours=1),
    )
    application.refresh_from_db()
    return application
