"""The applicants' pages: filled in page by page, handed in, followed, answered, withdrawn, appealed against."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import ApplicationAppeal, Onlus, OnlusApplication, OnlusDocument
from accounts.operations import application_decisions, application_review, applications, documents
from accounts.queries.applications import required_documents
from goodplay.lib.access_log.models import DataAccess
from tests.factories.accounts import UserFactory
from tests.factories.applications import (
    IBAN,
    TAX_ID,
    approved,
    complete,
    draft,
    submitted,
    under_review,
)
from tests.factories.private_files import PDF

pytestmark = pytest.mark.django_db
ORGANISATION = {
    "organization_name": "Radici nel Cielo",
    "category": "arts_culture",
    "mission_statement": "Music lessons for children.",
    "contact_email": "info@radici.example",
    "contact_phone": "+39 0461 123456",
}
LEGAL = {
    "description": "Forty volunteers.",
    "operational_scope": "Trentino",
    "primary_activities": "Lessons\n\n Concerts ",
    "website_url": "radici.example",
    "legal_entity_type": "association",
    "tax_id": TAX_ID,
    "runts_number": "118204",
    "incorporation_date": "2015-05-04",
    "street": "Via  Roma 1",
    "city": "Trento",
}


@pytest.fixture
def browser(client, applicant):
    client.force_login(applicant)
    return client


def people(prefix, *rows):
    form = {f"{prefix}-TOTAL_FORMS": len(rows) + 1, f"{prefix}-INITIAL_FORMS": 0}
    for number, (name, role, email) in enumerate(rows):
        form |= {
            f"{prefix}-{number}-name": name,
            f"{prefix}-{number}-role": role,
            f"{prefix}-{number}-email": email,
        }
    return form


def page(application, name=""):
    return f"/portal/apply/{application.pk}/{name}"


def paper(name="paper.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def row():
    return OnlusApplication.objects.get()


def test_everybody_reads_what_is_asked(client):
    text = client.get("/portal/apply/").text

    assert "Health" in text
    assert "Entered in the RUNTS, with its number and section." in text
    assert "Certificate of compliance" in text
    assert "/portal/apply/new/" in text


def test_an_application_is_filled_in_page_by_page_and_handed_in(browser, applicant):
    begun = browser.post("/portal/apply/new/", ORGANISATION)
    application = row()
    assert begun.url == page(application, "people/")
    assert application.status == "draft"
    assert browser.get(page(application)).url == page(application, "organisation/")

    browser.post(page(application, "organisation/"), {**ORGANISATION, **LEGAL})
    leaders = people("leadership_team", ("Lucia Ferri", "President", "lucia@radici.example"))
    board = people("board_members", ("Ugo Bassi", "Treasurer", ""), ("", "", ""))
    browser.post(page(application, "people/"), {**leaders, **board})
    money = {"annual_budget": "45000.50", "funding_sources": "Members\nTown", "iban": IBAN, "bank_name": "B"}
    browser.post(page(application, "money/"), money)
    for kind in required_documents("arts_culture"):
        form = {"document_type": kind.value, "file": paper()}
        assert browser.post(page(application, "documents/"), form).url == page(application, "documents/")
    done = browser.post(page(application, "hand-in/"))

    told = row()
    assert done.url == page(application)
    assert (told.status, told.applicant, told.progress) == ("submitted", applicant, 100)
    assert told.address == {"street": "Via Roma 1", "city": "Trento"}
    assert (told.primary_activities, told.website_url) == (["Lessons", "Concerts"], "https://radici.example")
    assert told.leadership_team == [
        {"name": "Lucia Ferri", "role": "President", "email": "lucia@radici.example"}
    ]
    assert told.board_members == [{"name": "Ugo Bassi", "role": "Treasurer"}]
    assert str(told.annual_budget) == "45000.50"
    assert told.bank_account_info == {"iban": IBAN, "bank_name": "B"}


def test_what_was_written_stands_there_again(browser, applicant):
    application = draft(applicant, now=timezone.now())

    texts = [browser.get(page(application, name)).text for name in ("organisation/", "people/", "money/")]

    assert "Forty volunteers teach two hundred children." in texts[0]
    assert 'value="2015-05-04"' in texts[0]
    assert texts[0].count("(needed to hand in)") == 4
    assert 'value="Ugo Bassi"' in texts[1]
    assert "IT60 … 3456" in texts[2]
    assert not any(IBAN in text for text in texts)


def test_an_empty_iban_keeps_the_one_that_is_there(browser, applicant):
    application = draft(applicant, now=timezone.now())

    browser.post(page(application, "money/"), {"account_holder": "Radici APS", "iban": ""})

    assert row().bank_account_info == {"iban": IBAN, "account_holder": "Radici APS"}


@pytest.mark.parametrize(
    ("button", "leads_to"),
    [("", "people/"), ("later", None)],
)
def test_saving_leads_on_or_leaves_it_for_later(browser, applicant, button, leads_to):
    application = draft(applicant, now=timezone.now())
    form = {**ORGANISATION, **LEGAL, **({button: "1"} if button else {})}

    answer = browser.post(page(application, "organisation/"), form)

    assert answer.url == (page(application, leads_to) if leads_to else "/portal/apply/own/")


def test_more_rows_for_people_come_on_the_same_page(browser, applicant):
    application = draft(applicant, now=timezone.now(), board_members=[], leadership_team=[])
    form = people("leadership_team", ("Lucia", "President", "")) | people("board_members")

    answer = browser.post(page(application, "people/"), {**form, "more": "1"}, follow=True)

    assert answer.redirect_chain[-1][0] == page(application, "people/")
    assert len(answer.context["leaders"].forms) == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"organization_name": ""}, "organization_name"),
        ({"mission_statement": "x" * 2001}, "mission_statement"),
        ({"category": "poetry"}, "category"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_phone": "call me"}, "contact_phone"),
        ({"tax_id": "12345678901"}, "tax_id"),
        ({"tax_id": "RSSMRA85T10A562S"}, "tax_id"),
        ({"website_url": "javascript:alert(1)"}, "website_url"),
        ({"incorporation_date": "2999-01-01"}, "incorporation_date"),
        ({"incorporation_date": "yesterday"}, "incorporation_date"),
        ({"runts_number": "A1"}, "runts_number"),
        ({"primary_activities": "x\n" * 21}, "primary_activities"),
        ({"organization_name": "the neighbour"}, "organization_name"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_nothing_changes(browser, applicant, change, field):
    draft(organization_name="The Neighbour", now=timezone.now())
    application = draft(applicant, now=timezone.now())
    before = OnlusApplication.objects.filter(pk=application.pk).values().get()

    answer = browser.post(page(application, "organisation/"), {**ORGANISATION, **LEGAL, **change})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert OnlusApplication.objects.filter(pk=application.pk).values().get() == before


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("people/", people("leadership_team", ("Lucia", "", "")) | people("board_members")),
        ("people/", people("leadership_team", ("Lucia", "P", "no")) | people("board_members")),
        ("people/", {"leadership_team-TOTAL_FORMS": "x"}),
        ("money/", {"iban": "IT60X0542811101000000123457"}),
        ("money/", {"annual_budget": "-1"}),
        ("money/", {"annual_budget": "NaN"}),
    ],
)
def test_people_and_money_are_checked_too(browser, applicant, name, form):
    application = draft(applicant, now=timezone.now())
    before = OnlusApplication.objects.values().get()

    answer = browser.post(page(application, name), form)

    assert answer.status_code == 422
    assert OnlusApplication.objects.values().get() == before


def test_nobody_writes_what_is_not_theirs_to_write(browser, applicant):
    application = draft(applicant, now=timezone.now())

    browser.post(
        page(application, "organisation/"),
        {**ORGANISATION, "status": "approved", "priority": "urgent", "progress": "100", "reviewer": "x"},
    )

    told = row()
    assert (told.status, told.priority, told.reviewer) == ("draft", "normal", None)


# Papers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "Send a file."),
        (paper("paper.pdf", b""), "The file is empty."),
        (paper("paper.zip", b"PK\x03\x04"), "Files of this type are not taken."),
        (paper("paper.pdf", b"<html>"), "The file is damaged"),
        (paper("paper.png", PDF), "The file is damaged"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_with_words(browser, applicant, file, words):
    application = draft(applicant, now=timezone.now())
    form = {"document_type": "legal_certificate", **({"file": file} if file else {})}

    answer = browser.post(page(application, "documents/"), form)

    assert answer.status_code == 422
    assert words in answer.text
    assert not OnlusDocument.objects.exists()


def test_a_file_that_is_too_large_is_not_even_read(browser, applicant, settings):
    settings.PRIVATE_FILE_MAX_BYTES = 1000
    application = draft(applicant, now=timezone.now())
    form = {"document_type": "legal_certificate", "file": paper(content=PDF + b"x" * 1001)}

    answer = browser.post(page(application, "documents/"), form)

    assert "too large" in answer.text
    assert not OnlusDocument.objects.exists()


def test_a_type_that_is_not_asked_for_is_refused(browser, applicant):
    application = draft(applicant, now=timezone.now())

    unknown = browser.post(page(application, "documents/"), {"document_type": "poem", "file": paper()})
    other = browser.post(page(application, "documents/"), {"document_type": "other", "file": paper()})

    assert (unknown.status_code, other.status_code) == (404, 422)
    assert not OnlusDocument.objects.exists()


def test_a_paper_is_replaced_read_back_and_taken_out(browser, applicant):
    application = draft(applicant, now=timezone.now())
    for name in ("first.pdf", "second.pdf"):
        form = {"document_type": "legal_certificate", "file": paper(name)}
        browser.post(page(application, "documents/"), form)
    latest = OnlusDocument.objects.get(is_latest=True)

    read = browser.get(page(application, f"documents/{latest.pk}/"))
    assert (read.content, latest.version) == (PDF, 2)
    assert 'attachment; filename="second.pdf"' in read["Content-Disposition"]
    assert DataAccess.objects.get().actor == applicant
    browser.post(page(application, f"documents/{latest.pk}/remove/"))

    assert OnlusDocument.objects.get(is_latest=True).version == 1


def test_a_paper_of_another_field_of_work_can_be_taken_out(browser, applicant):
    application = complete(applicant, category="environment", now=timezone.now())
    old = application.documents.get(document_type="impact_evidence")
    browser.post(page(application, "organisation/"), {**ORGANISATION, **LEGAL, "category": "research"})

    text = browser.get(page(application, "documents/")).text
    browser.post(page(application, f"documents/{old.pk}/remove/"))

    assert "No longer asked for in your field of work." in text
    assert not OnlusDocument.objects.filter(document_type="impact_evidence").exists()


# Handing in, and afterwards ---------------------------------------------------------------------------------------


def test_what_is_missing_is_named_and_not_handed_in(browser, applicant):
    application = draft(applicant, now=timezone.now(), tax_id="", board_members=[])

    shown = browser.get(page(application, "hand-in/")).text
    refused = browser.post(page(application, "hand-in/"))

    for words in ("legal form and codice fiscale", "leaders and board", "Deed and statute"):
        assert words in shown
    assert refused.status_code == 422
    assert row().status == "draft"


def test_what_was_handed_in_has_no_pages_to_write_on(browser, applicant):
    application = submitted(applicant, now=timezone.now())
    before = OnlusApplication.objects.values().get()
    names = ("organisation/", "people/", "money/", "documents/", "hand-in/")

    answers = {browser.get(page(application, name)).status_code for name in names}
    answers |= {browser.post(page(application, name), ORGANISATION).status_code for name in names}

    assert answers == {404}
    assert OnlusApplication.objects.values().get() == before


def test_the_page_tells_how_it_stands_and_nothing_of_the_inside(
    browser, applicant, django_assert_max_num_queries
):
    now = timezone.now()
    application = under_review(now=now, applicant=applicant)
    reviewer = application.reviewer
    application_review.keep_notes(application=application, actor=reviewer, notes="Odd accounts", now=now)
    application_review.write(application=application, actor=reviewer, text="We <i>read</i>", now=now)
    documents.approve(document=application.documents.first(), reviewer=reviewer, notes="Forged?", now=now)
    browser.get(page(application))

    with django_assert_max_num_queries(14):
        text = browser.get(page(application)).text

    for words in ("Under review", "Handed in", "Approved", "We &lt;i&gt;read&lt;/i&gt;"):
        assert words in text
    for words in ("Odd accounts", "Forged?", reviewer.display_name, reviewer.email, "fraud"):
        assert words not in text


def test_a_question_is_answered_and_the_review_goes_on(browser, applicant):
    now = timezone.now()
    application = under_review(now=now, applicant=applicant)
    application_review.ask(application=application, actor=application.reviewer, text="Who?", now=now)
    asked = browser.get(page(application)).text
    assert "Waits for you" in asked
    assert "answer by" in asked

    empty = browser.post(page(application, "message/"), {"text": " "})
    assert empty.status_code == 422
    assert row().status == "documentation_pending"
    browser.post(page(application, "message/"), {"text": "Lucia does."})

    assert row().status == "under_review"
    assert "Lucia does." in browser.get(page(application)).text


def test_a_refused_paper_is_handed_in_again(browser, applicant):
    now = timezone.now()
    application = under_review(now=now, applicant=applicant)
    first = application.documents.get(document_type="insurance_coverage")
    documents.refuse(document=first, reviewer=application.reviewer, reason="It is old", now=now)
    assert "It is old" in browser.get(page(application, "documents/")).text

    form = {"document_type": "insurance_coverage", "file": paper("new.pdf")}
    answer = browser.post(page(application, "documents/"), form)

    assert answer.url == page(application)
    assert row().status == "under_review"


def test_the_timeline_speaks_the_applicants_language(browser, applicant):
    applicant.preferred_language = "it"
    applicant.save()
    now = timezone.now()
    application = under_review(now=now, applicant=applicant)
    first = application.documents.get(document_type="mission_statement")
    documents.refuse(document=first, reviewer=application.reviewer, reason="Manca una pagina", now=now)

    note = application.steps.latest("taken_at").note

    assert note == "Dichiarazione della missione: Manca una pagina"


def test_an_application_is_withdrawn(browser, applicant):
    application = submitted(applicant, now=timezone.now())

    browser.post(page(application, "withdraw/"), {"reason": "We merge"})

    told = row()
    assert (told.status, told.withdrawal_reason) == ("withdrawn", "We merge")
    again = browser.post(page(application, "withdraw/"), {"reason": "Once more"})
    assert again.status_code == 422
    assert row().withdrawal_reason == "We merge"


def test_a_rejection_says_why_and_takes_one_appeal(browser, applicant):
    now = timezone.now()
    application = under_review(now=now, applicant=applicant)
    application_decisions.reject(
        application=application, decided_by=application.reviewer, reason="The statute is another's", now=now
    )
    assert "The statute is another&#x27;s" in browser.get(page(application)).text

    browser.post(page(application, "appeal/"), {"appeal-text": "It is ours"})

    assert ApplicationAppeal.objects.get().text == "It is ours"
    assert "It is ours" in browser.get(page(application)).text
    again = browser.post(page(application, "appeal/"), {"appeal-text": "Really"})
    assert again.status_code == 422
    assert ApplicationAppeal.objects.count() == 1


def test_an_approval_shows_what_is_owed_and_the_way_on(browser, applicant):
    application = approved(now=timezone.now() - timedelta(days=1), applicant=applicant)
    application.conditions.create(text="The accounts", due_on=timezone.localdate() + timedelta(days=9))

    text = browser.get(page(application)).text

    assert "The accounts" in text
    assert f"/portal/{Onlus.objects.get().pk}/" in text
    assert "Withdraw" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_applications_costs_the_same(browser, applicant, count, django_assert_num_queries):
    for number in range(count):
        complete(applicant, organization_name=f"Radici {number}", now=timezone.now())
    browser.get("/portal/apply/own/")

    with django_assert_num_queries(5):
        text = browser.get("/portal/apply/own/").text

    assert text.count("Being filled in") == count


def test_five_a_day_are_enough(browser, applicant):
    for number in range(5):
        draft(applicant, organization_name=f"Radici {number}", now=timezone.now())

    answer = browser.post("/portal/apply/new/", ORGANISATION)

    assert answer.status_code == 422
    assert "five applications" in answer.text
    assert OnlusApplication.objects.count() == 5


def test_an_application_that_expired_says_what_to_do(browser, applicant):
    application = draft(applicant, now=timezone.now())
    applications.withdraw(applicant_id=applicant.pk, application_id=application.pk, now=timezone.now())

    text = browser.get(page(application)).text

    assert "You withdrew this application." in text
    assert f'action="{page(application, "message/")}"' not in text


def test_somebody_else_has_an_empty_list(client, applicant):
    draft(applicant, now=timezone.now())
    client.force_login(UserFactory())

    text = client.get("/portal/apply/own/").text

    assert "No application yet" in text
    assert "Radici" not in text
