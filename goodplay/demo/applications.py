"""Organisations that want to join: one under review, one that was asked something, one still being filled in."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import translation

from accounts.models import OnlusApplication, User
from accounts.operations import application_review, applications, documents, verification
from accounts.queries.applications import required_documents
from goodplay.demo import people
from goodplay.demo.history import History, Scene
from goodplay.lib.private_files.checks import PDF, Upload
from goodplay.lib.typesetting import typeset

PAPER = Path(settings.BASE_DIR) / "templates" / "demo" / "paper.typ"
LIBRARY = {
    "organization_name": "Biblioteca Viaggiante",
    "category": "education",
    "mission_statement": "Un furgone di libri che ogni settimana raggiunge dodici paesi senza biblioteca.",
    "description": "Ventidue volontari, tremila libri, letture ad alta voce e compiti insieme il sabato mattina.",
    "operational_scope": "Valli del Cuneese",
    "target_beneficiaries": "Bambini e anziani di paesi sotto i mille abitanti",
    "contact_email": "ciao@bibliotecaviaggiante.example",
    "contact_phone": "+39 0171 555 0134",
    "website_url": "https://www.bibliotecaviaggiante.example",
    "address": {"street": "Via Roma 12", "postal_code": "12025", "city": "Dronero", "region": "Piemonte"},
    "legal_entity_type": "association",
    "tax_id": "96098710229",
    "runts_number": "118204",
    "runts_section": "aps",
    "incorporation_date": date(2017, 3, 18),
    "annual_budget": "31500.00",
    "primary_activities": ["Prestito di libri", "Letture ad alta voce", "Compiti insieme"],
    "funding_sources": ["Quote dei soci", "Comuni della valle"],
    "leadership_team": [{"name": "Nadia Rovere", "role": "Presidente"}],
    "board_members": [
        {"name": "Nadia Rovere", "role": "Presidente"},
        {"name": "Elio Garnero", "role": "Tesoriere"},
        {"name": "Marta Isoardi", "role": "Consigliera"},
    ],
    "bank_account_info": {
        "iban": "IT11Y0999901600000000020011",
        "bank_name": "Banca di prova",
        "account_holder": "Biblioteca Viaggiante APS",
    },
}
CHOIR = {
    "organization_name": "Coro delle Cime",
    "category": "arts_culture",
    "mission_statement": "Canto popolare insegnato gratis a chi ha meno di vent'anni.",
    "description": "Tre cori di ragazzi, un maestro, e un concerto in ogni casa di riposo della provincia.",
    "operational_scope": "Provincia di Belluno",
    "target_beneficiaries": "Ragazzi, e chi vive in casa di riposo",
    "contact_email": "segreteria@corodellecime.example",
    "contact_phone": "+39 0437 555 0178",
    "website_url": "https://www.corodellecime.example",
    "address": {"street": "Piazza Duomo 3", "postal_code": "32100", "city": "Belluno", "region": "Veneto"},
    "legal_entity_type": "association",
    "tax_id": "92777300150",
    "incorporation_date": date(2012, 10, 5),
    "annual_budget": "18200.00",
    "leadership_team": [{"name": "Ornella De Biasi", "role": "Presidente"}],
    "board_members": [
        {"name": "Ornella De Biasi", "role": "Presidente"},
        {"name": "Ivo Savio", "role": "Segretario"},
    ],
    "bank_account_info": {"iban": "IT22E0999901600000000020022", "account_holder": "Coro delle Cime"},
}
REUSE = {
    "organization_name": "Banco del Riuso",
    "category": "environment",
    "mission_statement": "Ripariamo e doniamo ciò che altri buttano.",
    "contact_email": "segreteria@corodellecime.example",
    "contact_phone": "+39 0437 555 0178",
}


def scenes(history: History) -> list[Scene]:
    told: list[Scene] = [
        (history.ago(11, 9), partial(_open_accounts, history)),
        (history.ago(10, 18), partial(_hand_in, people.APPLICANT, CHOIR)),
        (history.ago(9, 11), partial(_take, CHOIR)),
        (history.ago(6, 17), partial(_hand_in, people.LIBRARIAN, LIBRARY)),
        (history.ago(5, 9), partial(_take, LIBRARY)),
        (history.ago(4, 10), _look_at_the_library),
        (history.ago(3, 15), _ask_the_choir),
        (history.ago(2, 20), _begin_another),
    ]
    return [scene for scene in told if history.start < scene[0] < history.now]


def _open_accounts(history: History, moment: datetime) -> None:
    opened: dict[str, Any] = {"created_at": moment, "email_verified_at": moment + timedelta(minutes=4)}
    reviewer = User.objects.create_user(
        people.REVIEWER.email,
        people.PASSWORD,
        display_name=people.REVIEWER.display_name,
        is_staff=True,
        **opened,
    )
    reviewer.groups.add(Group.objects.get(name=people.REVIEWER.role))
    for email, name in ((people.APPLICANT, "Ornella De Biasi"), (people.LIBRARIAN, "Nadia Rovere")):
        User.objects.create_user(email, people.PASSWORD, display_name=name, preferred_language="it", **opened)


def _hand_in(email: str, facts: dict[str, Any], moment: datetime) -> None:
    applicant = User.objects.get(email=email)
    draft = applications.create(applicant=applicant, now=moment, **facts)
    _add_papers(draft, moment)
    applications.submit(applicant_id=applicant.pk, application_id=draft.pk, now=moment)


def _add_papers(draft: OnlusApplication, moment: datetime, *, most: int = 20) -> None:
    for kind in required_documents(draft.category_id)[:most]:
        with translation.override("it"):
            title = str(kind.label)
        content = typeset(PAPER, {"title": title, "organisation": draft.organization_name})
        documents.upload(
            applicant_id=draft.applicant_id,
            application_id=draft.pk,
            document_type=kind,
            upload=Upload(f"{title.lower()}.pdf".replace(" ", "-"), content, PDF),
            now=moment,
        )


def _take(facts: dict[str, Any], moment: datetime) -> None:
    reviewer = _reviewer()
    application_review.assign(application=_named(facts), reviewer=reviewer, actor=reviewer, now=moment)


def _look_at_the_library(moment: datetime) -> None:
    """Approve three papers, answer a check, and say how it goes."""
    reviewer, application = _reviewer(), _named(LIBRARY)
    for paper in application.documents.current().order_by("document_type")[:3]:
        documents.approve(document=paper, reviewer=reviewer, now=moment)
    verification.answer_check(
        check=application.verification_checks.get(check_type="financial_health"),
        reviewer=reviewer,
        passed=True,
        risk_level="low",
        score=Decimal(88),
        result_summary="Two balanced years, no debt, reserves for five months.",
        now=moment,
    )
    application_review.write(
        application=application,
        actor=reviewer,
        text="Buongiorno, abbiamo quasi finito con i documenti: a presto.",
        now=moment,
    )


def _ask_the_choir(moment: datetime) -> None:
    """Refuse the insurance, and ask who teaches."""
    reviewer, application = _reviewer(), _named(CHOIR)
    documents.refuse(
        document=application.documents.current().get(document_type="insurance_coverage"),
        reviewer=reviewer,
        reason="La polizza scade a fine anno scorso: serve quella in corso.",
        now=moment,
    )
    application_review.ask(
        application=application,
        actor=reviewer,
        text="Chi insegna ai ragazzi, e con quale qualifica?",
        now=moment + timedelta(minutes=6),
    )


def _begin_another(moment: datetime) -> None:
    applicant = User.objects.get(email=people.APPLICANT)
    _add_papers(applications.create(applicant=applicant, now=moment, **REUSE), moment, most=2)


def _named(facts: dict[str, Any]) -> OnlusApplication:
    return OnlusApplication.objects.get(organization_name=facts["organization_name"])


def _reviewer() -> User:
    return User.objects.get(email=people.REVIEWER.email)
