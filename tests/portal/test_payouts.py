"""Payouts and their statements in the portal: for the members of the organisation, and nobody else."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.utils import translation

from donations.models import Donation, DonationRefund, Payout
from donations.operations import payout_statements, refunds
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.campaigns import make_offer
from tests.factories.donations import make_donation
from tests.factories.payouts import (
    IBANS,
    exported,
    make_account,
    prepare,
    returned_line,
    settled,
    statement,
    take,
)
from tests.portal.conftest import NOON


@pytest.fixture
def paid(onlus):
    """A settled payout of two donations, one of them anonymous."""
    make_account(onlus, now=NOON - timedelta(days=30))
    make_donation(UserFactory(display_name="Luca"), onlus, "8.00", now=NOON)
    make_donation(UserFactory(display_name="Segreta"), onlus, "4.50", now=NOON, is_anonymous=True)
    return pay().payouts.get()


def pay():
    return settled(exported(prepare(NOON), now=NOON), now=NOON)


def page(client, onlus, payout=None, ending="/"):
    return client.get(f"/portal/{onlus.pk}/payouts/" + (f"{payout.pk}{ending}" if payout else ""))


def table(client, onlus, payout, language="en"):
    response = client.get(
        f"/portal/{onlus.pk}/payouts/{payout.pk}.csv", headers={"accept-language": language}
    )
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";" if language == "it" else ","))


def test_the_list_shows_what_the_bank_was_told_to_pay(portal, onlus, paid):
    make_donation(UserFactory(), onlus, "20.00", now=NOON)
    prepare(NOON)  # a draft is nobody's business yet

    response = page(portal, onlus)

    assert [payout.pk for payout in response.context["page"].object_list] == [paid.pk]
    assert "€12.50" in response.text
    assert "Paid" in response.text
    assert paid.account.masked_iban in response.text
    assert IBANS[1] not in response.text


def test_the_figures_say_where_the_money_is(portal, onlus, paid):
    make_donation(UserFactory(), onlus, "3.00", now=NOON)

    standing = page(portal, onlus).context["standing"]

    assert (standing.due, standing.paid, standing.in_transit) == (Decimal("3.00"), Decimal("12.50"), 0)


def test_a_payout_shows_its_lines_and_names_only_who_wants_it(portal, onlus, paid):
    pages = [page(portal, onlus, paid).text, str(table(portal, onlus, paid))]

    for text in pages:
        assert "Luca" in text
        assert "Anonymous" in text
        assert "Segreta" not in text


def test_the_lines_add_up_with_match_and_recovery(portal, onlus):
    make_account(onlus, now=NOON - timedelta(days=30))
    first = make_donation(UserFactory(display_name="Luca"), onlus, "20.00", now=NOON)
    pay()
    refunds.refund_donation(
        donation_id=first.pk, cause=DonationRefund.Cause.STAFF, amount=Decimal("6.00"), now=NOON
    )
    make_offer(cap="100.00", ratio=Decimal("0.50"), starts_at=NOON - timedelta(days=1))
    make_donation(UserFactory(display_name="Irene"), onlus, "30.00", now=NOON)
    payout = pay().payouts.get()

    response = page(portal, onlus, payout)
    header, *rows = table(portal, onlus, payout)

    assert response.context["totals"] == {
        "given": Decimal("30.00"),
        "matched": Decimal("15.00"),
        "recovered": Decimal("-6.00"),
        "fees": Decimal("0.00"),
        "rows": 2,
    }
    assert [row[1:7] for row in rows] == [
        ["Irene", "Donation", "30.00", "15.00", "0.00", "45.00"],
        ["Luca", "Recovery of a refund", "-6.00", "0.00", "0.00", "-6.00"],
    ]
    assert sum(Decimal(row[6]) for row in rows) == payout.amount == Decimal("39.00")
    assert header[7:] == ["Donation number", "Payout reference"]


def test_the_export_suits_an_italian_spreadsheet(portal, onlus, paid):
    _header, *rows = table(portal, onlus, paid, language="it")

    assert sorted(row[6] for row in rows) == ["4,50", "8,00"]


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_statement_is_a_pdf(portal, onlus, paid, language):
    response = portal.get(f"/portal/{onlus.pk}/payouts/{paid.pk}.pdf", headers={"accept-language": language})

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"].endswith(f'il-sentiero-verde-{paid.end_to_end_id}.pdf"')


def test_the_statement_says_what_the_page_says(onlus, paid):
    with translation.override("en"):
        said = payout_statements._statement(paid, NOON)

    facts = dict(said["rows"])
    assert said["total"] == "€12.50"
    assert (facts["Donations"], facts["Fees"], facts["State"]) == ("€12.50", "€0.00", "Paid")
    assert [line[1] for line in said["lines"]] == ["Luca", "Anonymous"]


def test_a_long_payout_prints_without_its_lines(onlus, paid, monkeypatch):
    monkeypatch.setattr(payout_statements, "MOST_LINES", 1)

    with translation.override("en"):
        said = payout_statements._statement(paid, NOON)

    assert said["lines"] == []
    assert "CSV" in said["notes"][0]


def test_a_payout_that_came_back_says_why(portal, onlus, paid):
    take(
        statement(paid.run, now=NOON, number=2, paid=[], returned=[returned_line(paid.run, "AC04")]), now=NOON
    )

    response = page(portal, onlus, paid)

    assert "Came back" in response.text
    assert "The account is closed." in response.text


@pytest.mark.parametrize("ending", ["/", ".csv", ".pdf"])
def test_a_payout_of_another_organisation_does_not_exist(portal, onlus, paid, ending):
    other = OnlusFactory()
    stranger = MembershipFactory(onlus=other).user
    portal.force_login(stranger)

    assert page(portal, onlus, paid, ending).status_code == 404
    assert page(portal, other, paid, ending).status_code == 404
    assert page(portal, onlus).status_code == 404


@pytest.mark.parametrize("ending", ["/", ".csv", ".pdf"])
def test_a_draft_is_not_there_yet(portal, onlus, ending):
    make_account(onlus, now=NOON - timedelta(days=30))
    make_donation(UserFactory(), onlus, "12.00", now=NOON)
    draft = prepare(NOON).payouts.get()

    assert page(portal, onlus, draft, ending).status_code == 404


def test_strangers_are_sent_to_the_sign_in_page(client, onlus, paid):
    assert page(client, onlus, paid).url.startswith("/portal/sign-in/")


def test_pages_only_read(portal, onlus, paid):
    for path in ("", f"{paid.pk}/", f"{paid.pk}.csv", f"{paid.pk}.pdf"):
        assert portal.post(f"/portal/{onlus.pk}/payouts/{path}").status_code == 405


def test_before_the_first_payout_the_page_explains(portal, onlus):
    assert "No payouts yet" in page(portal, onlus).text


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_a_fixed_number_of_queries(portal, onlus, count, django_assert_num_queries):
    make_account(onlus, now=NOON - timedelta(days=30))
    for _number in range(count):
        make_donation(UserFactory(), onlus, "12.00", now=NOON)
        payout = pay().payouts.get()
    make_donation(UserFactory(), onlus, "12.00", now=NOON)

    with django_assert_num_queries(11):
        page(portal, onlus)
    with django_assert_num_queries(7):
        page(portal, onlus, payout)
    with django_assert_num_queries(5):
        table(portal, onlus, payout)


def test_members_hear_of_a_settled_payout_once_and_in_their_language(
    onlus, member, settings, django_capture_on_commit_callbacks
):
    settings.PUBLIC_URL = "https://goodplay.example"
    MembershipFactory(onlus=onlus, user=UserFactory(preferred_language="it", email="it@example.org"))
    MembershipFactory(onlus=onlus, user=UserFactory(is_active=False))
    MembershipFactory(user=UserFactory(email="elsewhere@example.org"))
    make_account(onlus, now=NOON - timedelta(days=30))
    make_donation(UserFactory(display_name="Luca"), onlus, "12.00", now=NOON)
    run = exported(prepare(NOON), now=NOON)
    told = statement(run, now=NOON)
    mail.outbox.clear()

    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            take(told, now=NOON)

    assert sorted(message.to[0] for message in mail.outbox) == sorted([member.email, "it@example.org"])
    for message in mail.outbox:
        assert f"/portal/{onlus.pk}/payouts/{Payout.objects.get().pk}/" in message.body
        assert "Luca" not in message.body
    assert Donation.objects.count() == 1
