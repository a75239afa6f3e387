"""The public page: genuine, void or replaced, and of the donor the initials only."""

import pytest

from donations.models import Receipt
from donations.operations import receipts, statements
from donations.throttling import CheckThrottle
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.receipts import MARIO, give_own_money, registered_onlus, tell_tax_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def donor():
    return UserFactory(
        first_name="Ottavia", last_name="Nascosti", display_name="Segreta", email="segreta@example.org"
    )


def issue(donation):
    return receipts.bring_in_line(donation_id=donation.pk, now=NOW)


def page(client, code, language="en"):
    return client.get(f"/receipts/check/{code}", headers={"accept-language": language})


def test_a_genuine_receipt_shows_what_the_paper_shows(client, donor):
    onlus = registered_onlus(legal_name="Il Sentiero Verde ODV")
    receipt = issue(give_own_money(donor, onlus, "12.50", message="For my Irene"))

    answer = page(client, receipt.code)

    assert answer.status_code == 200
    for words in (
        "This receipt is genuine",
        receipt.reference,
        "€12.50",
        "4 Mar 2026",
        "Il Sentiero Verde ODV",
        "O. N.",
    ):
        assert words in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_page_betrays_nothing_of_the_donor(client, donor):
    tell_tax_data(donor, MARIO, legal_name="Mario Nascosti", address="Via Segreta 1")
    receipt = issue(
        give_own_money(donor, registered_onlus(), message="For my Irene", in_honour_of="Nonna Pina")
    )

    text = page(client, receipt.code).text

    assert "M. N." in text
    for secret in (
        "Ottavia",
        "Nascosti",
        "Segreta",
        "segreta@",
        MARIO,
        "Irene",
        "Pina",
        str(donor.pk),
        str(receipt.donation_id),
    ):
        assert secret not in text


def test_a_void_receipt_says_so(client, donor):
    donation = make_donation(donor, OnlusFactory(), "5.00")
    receipt = issue(donation)
    take_back(donation)
    issue(donation)
    void = Receipt.objects.get(kind="void")

    assert "This receipt is void" in page(client, receipt.code).text
    assert void.reference in page(client, receipt.code).text
    voiding = page(client, void.code)
    assert "This document voids a receipt" in voiding.text
    assert receipt.reference in voiding.text


def test_a_replaced_receipt_names_the_one_that_counts(client, donor):
    donation = make_donation(donor, OnlusFactory(), "5.00")
    old = issue(donation)
    take_back(donation, "1.00")
    new = issue(donation)

    answer = page(client, old.code)

    assert "This receipt was replaced" in answer.text
    assert new.reference in answer.text
    assert "This receipt is genuine" in page(client, new.code).text


def test_a_statement_is_checked_alike(client, donor):
    onlus = registered_onlus(name="Il Sentiero Verde")
    give_own_money(donor, onlus, "12.50")
    statement = statements.of_year(donor=donor, year=2026, now=NOW)

    answer = page(client, statement.code)

    for words in ("This statement is genuine", statement.reference, "€12.50", "O. N."):
        assert words in answer.text
    assert "Il Sentiero Verde" not in answer.text


def test_a_statement_whose_figures_changed_says_so(client, donor):
    make_donation(donor, OnlusFactory())
    old = statements.of_year(donor=donor, year=2026, now=NOW)
    make_donation(donor, OnlusFactory())
    new = statements.of_year(donor=donor, year=2026, now=NOW.replace(hour=13))

    assert "This statement is out of date" in page(client, old.code).text
    assert "This statement is genuine" in page(client, new.code).text


@pytest.mark.parametrize("amount", ["1.00", None])
def test_a_statement_over_what_was_given_back_since_is_out_of_date(client, donor, amount):
    donation = make_donation(donor, OnlusFactory(), "5.00")
    make_donation(donor, OnlusFactory(), "7.00")
    statement = statements.of_year(donor=donor, year=2026, now=NOW)

    take_back(donation, amount)
    issue(donation)

    answer = page(client, statement.code)
    assert "This statement is out of date" in answer.text
    assert "<s>€12.00</s>" in answer.text


@pytest.mark.parametrize(
    "code",
    ["0123456789ABCDEF", "x", "%F0%9F%92%A9", "-" * 50, "0123456789ABCDE\u0660", "RCP-2026-000001", "%00"],
)
def test_an_unknown_code_is_told_kindly(client, code):
    answer = page(client, code)

    assert answer.status_code == 404
    assert "We know no document with this code" in answer.text
    assert 'name="code"' in answer.text


@pytest.mark.parametrize(
    "spoil", [str.lower, lambda code: "-".join(code), lambda code: f"  {code[:8]} {code[8:]}"]
)
def test_a_code_is_read_as_people_write_it(client, donor, spoil):
    receipt = issue(make_donation(donor, OnlusFactory()))

    answer = client.get("/receipts/check/", {"code": spoil(receipt.code)}, follow=True)

    assert answer.redirect_chain == [(f"/receipts/check/{receipt.code}", 302)]
    assert receipt.reference in answer.text


def test_letters_that_look_like_digits_are_read_as_digits(client, donor):
    receipt = issue(make_donation(donor, OnlusFactory()))
    misread = receipt.code.replace("0", "O").replace("1", "I")

    assert receipt.reference in page(client, misread).text


def test_the_form_asks_for_a_code(client):
    answer = client.get("/receipts/check/")

    assert answer.status_code == 200
    assert "Is this receipt genuine?" in answer.text
    assert client.get("/receipts/check/", {"code": "?"}).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_only_reads(client, method):
    assert getattr(client, method)("/receipts/check/0123456789ABCDEF").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_a_check_costs_one_query_whatever_was_issued(client, donor, count, django_assert_num_queries):
    made = [issue(make_donation(donor, OnlusFactory())) for _ in range(count)]

    with django_assert_num_queries(1):
        page(client, made[-1].code)


def test_codes_cannot_be_tried_out(client, donor, monkeypatch):
    monkeypatch.setitem(CheckThrottle.THROTTLE_RATES, "check", "3/min")
    receipt = issue(make_donation(donor, OnlusFactory()))

    answers = [page(client, receipts.new_code()) for _ in range(3)]
    last = page(client, receipt.code)

    assert [answer.status_code for answer in answers] == [404] * 3
    assert last.status_code == 429
    assert receipt.reference not in last.text


def test_codes_are_never_alike():
    codes = {receipts.new_code() for _ in range(2000)}

    assert len(codes) == 2000
    assert {len(code) for code in codes} == {16}
    assert not set("".join(codes)) & set("ILOU")
