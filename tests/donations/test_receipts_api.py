"""Receipts over the API: who may see which document, in which form."""

from uuid import uuid4

import pytest
from django.core import mail

from donations.models import Receipt
from donations.operations import receipts
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, give_credits, make_donation, take_back
from tests.factories.receipts import MARIO, give_own_money, registered_onlus, tell_tax_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(api):
    player = UserFactory(first_name="Alice", last_name="Rossi")
    api.force_authenticate(player)
    return player


@pytest.fixture
def onlus():
    return registered_onlus(name="Il Sentiero Verde")


def path(donation, rest=""):
    return f"/api/donations/{donation.pk}/receipt{rest}"


def test_the_receipt_shows_the_document_that_counts_and_all_before_it(api, alice, onlus):
    donation = give_own_money(alice, onlus, "8.00")
    api.get(path(donation))
    take_back(donation, "3.00")

    data = api.get(path(donation)).json()["data"]

    assert (data["amount"], data["refunded_amount"], data["status"]) == (8.0, 3.0, "completed")
    assert (data["donation_receipt"], data["tax_deductible"]) == (data["receipt"]["number"], True)
    assert (data["receipt"]["amount"], data["receipt"]["tax_year"]) == (5.0, 2026)
    told = [(each["receipt_type"], each["is_live"], each["voids"]) for each in data["documents"]]
    first = data["documents"][-1]["number"]
    assert told == [("gift", True, None), ("void", False, first), ("gift", False, None)]
    assert data["receipt"]["check_url"].endswith(data["receipt"]["check_code"].replace("-", ""))


def test_a_thank_you_is_not_deductible(api, alice, onlus):
    donation = make_donation(alice, onlus)

    data = api.get(path(donation)).json()["data"]

    assert (data["receipt"]["receipt_type"], data["tax_deductible"]) == ("thank_you", False)


@pytest.mark.parametrize("rest", ["?format=pdf", "/download", "/pdf", "/download/", "/pdf?language=it"])
def test_the_document_comes_as_pdf_under_each_address(api, alice, onlus, rest):
    donation = make_donation(alice, onlus)

    answer = api.get(path(donation, rest))

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_older_document_is_still_there_to_print(api, alice, onlus):
    donation = make_donation(alice, onlus, "5.00")
    first = receipts.current(donation=donation, now=NOW)
    take_back(donation, "1.00")
    receipts.bring_in_line(donation_id=donation.pk, now=NOW)

    answer = api.get(path(donation, f"/download?document={first.pk}"))

    assert f'filename="{first.reference}.pdf"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("kind", ["nothing", "somebody's"])
def test_a_document_of_another_donation_is_404(api, alice, onlus, kind):
    donation = make_donation(alice, onlus)
    other = receipts.current(donation=make_donation(UserFactory(), onlus), now=NOW)
    key = uuid4() if kind == "nothing" else other.pk

    answer = api.get(path(donation, f"/download?document={key}"))

    assert (answer.status_code, answer.json()["message"]) == (404, "RECEIPT_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "constant"), [("?format=xml", "INVALID_FORMAT"), ("?document=7", "RECEIPT_NOT_FOUND")]
)
def test_odd_queries_are_refused_in_json(api, alice, onlus, query, constant):
    answer = api.get(path(make_donation(alice, onlus), query))

    assert (answer.status_code, answer.json()["message"]) == (422, constant)


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("get", ""),
        ("get", "?format=pdf"),
        ("get", "/download"),
        ("get", "/pdf"),
        ("post", "/generate"),
        ("post", "/resend"),
    ],
)
def test_somebody_elses_receipt_does_not_exist(api, alice, onlus, method, rest):
    donation = make_donation(UserFactory(), onlus)

    answer = getattr(api, method)(path(donation, rest))

    assert (answer.status_code, answer.json()["message"]) == (404, "TRANSACTION_NOT_FOUND")
    assert not Receipt.objects.exists()


def test_another_movement_of_ones_own_is_no_donation(api, alice):
    transfer = give_credits(alice, "5.00")

    answer = api.get(f"/api/donations/{transfer.transaction_id}/receipt")

    assert (answer.status_code, answer.json()["message"]) == (409, "TRANSACTION_NOT_DONATION")


def test_another_movement_of_somebody_else_does_not_exist(api, alice):
    transfer = give_credits(UserFactory(), "5.00")

    answer = api.get(f"/api/donations/{transfer.transaction_id}/receipt")

    assert (answer.status_code, answer.json()["message"]) == (404, "TRANSACTION_NOT_FOUND")


def test_a_gift_given_back_before_its_receipt_has_none(api, alice, onlus):
    donation = make_donation(alice, onlus)
    take_back(donation)

    answer = api.get(path(donation, "/download"))

    assert (answer.status_code, answer.json()["message"]) == (409, "RECEIPT_NOT_AVAILABLE")


def test_strangers_are_turned_away(api, onlus):
    donation = make_donation(UserFactory(), onlus)

    assert api.get(path(donation)).status_code == 401


# Generate ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{}, {"receipt_type": "standard"}])
def test_generating_makes_the_receipt_once(api, alice, onlus, body):
    donation = make_donation(alice, onlus)

    answers = [api.post(path(donation, "/generate"), body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    made = [answer.json()["data"] for answer in answers]
    assert made[0] == made[1] == made[2]
    assert (made[0]["receipt_type"], made[0]["is_tax_deductible"], made[0]["pdf_path"]) == (
        "standard",
        False,
        None,
    )
    assert made[0]["download_url"].endswith(f"/api/donations/{donation.pk}/receipt/download")
    assert Receipt.objects.count() == 1


def test_generating_with_tax_data_replaces_a_receipt_that_lacks_them(api, alice, onlus):
    donation = give_own_money(alice, onlus)
    bare = api.post(path(donation, "/generate"), {}).json()["data"]
    tell_tax_data(alice)

    made = [
        api.post(path(donation, "/generate"), {"receipt_type": "tax_deductible"}).json()["data"]
        for _ in range(2)
    ]

    assert made[0] == made[1]
    assert made[0]["receipt_id"] != bare["receipt_id"]
    assert Receipt.objects.get(pk=made[0]["receipt_id"]).donor_profile.tax_code == MARIO


def test_credits_earned_by_playing_give_no_tax_receipt(api, alice, onlus):
    donation = make_donation(alice, onlus)

    answer = api.post(path(donation, "/generate"), {"receipt_type": "tax_deductible"})

    assert (answer.status_code, answer.json()["message"]) == (422, "RECEIPT_NOT_DEDUCTIBLE")


def test_generating_the_year_makes_its_statement(api, alice, onlus):
    donation = give_own_money(alice, onlus)

    made = api.post(path(donation, "/generate"), {"receipt_type": "annual_summary"}).json()["data"]

    assert made["number"].startswith("ANNUAL-2026-")
    assert (made["tax_year"], made["is_tax_deductible"]) == (2026, True)
    assert made["download_url"].endswith("/api/donations/annual-summary/2026/download")


@pytest.mark.parametrize("kind", ["fiscal", "", 7, None, ["standard"]])
def test_an_unknown_type_is_refused(api, alice, onlus, kind):
    answer = api.post(path(make_donation(alice, onlus), "/generate"), {"receipt_type": kind})

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_RECEIPT_TYPE")
    assert not Receipt.objects.exists()


# Resend ------------------------------------------------------------------------------------------------------------


def test_a_receipt_is_sent_once_more(api, alice, onlus, django_capture_on_commit_callbacks):
    donation = make_donation(alice, onlus)
    receipts.current(donation=donation, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(path(donation, "/resend"))

    assert (answer.status_code, answer.json()["message"]) == (202, "RECEIPT_RESENT_SUCCESS")
    assert [message.to for message in mail.outbox] == [[alice.email]]


def test_asking_twice_with_one_key_sends_it_once(api, alice, onlus, django_capture_on_commit_callbacks):
    donation = make_donation(alice, onlus)
    receipts.current(donation=donation, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        answers = [api.post(path(donation, "/resend"), HTTP_IDEMPOTENCY_KEY="once") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len(mail.outbox) == 1


def test_a_receipt_is_sent_again_three_times_a_day(api, alice, onlus):
    donation = make_donation(alice, onlus)
    receipts.current(donation=donation, now=NOW)

    answers = [api.post(path(donation, "/resend")) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[-1].json()["message"] == "RECEIPT_RESEND_LIMIT"


# The list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_is_private_and_costs_two_queries(api, alice, onlus, count, django_assert_num_queries):
    mine = [make_donation(alice, onlus) for _ in range(count)]
    for donation in (*mine, make_donation(UserFactory(), onlus)):
        receipts.current(donation=donation, now=NOW)

    with django_assert_num_queries(2):
        answer = api.get("/api/donations/receipts")

    body = answer.json()
    assert body["message"] == "RECEIPTS_RETRIEVED"
    assert {row["transaction_id"] for row in body["data"]["receipts"]} == {str(each.pk) for each in mine}
    assert body["data"]["total_receipts"] == body["data"]["pagination"]["total_items"] == count
    row = body["data"]["receipts"][0]
    assert (row["amount"], row["tax_year"], row["onlus_name"]) == (1.0, 2026, "Il Sentiero Verde")
    assert row["download_url"].endswith("/receipt/download")


def test_the_list_shows_what_counts_and_nothing_void(api, alice, onlus):
    part, whole = (make_donation(alice, onlus, "5.00") for _ in range(2))
    for donation, back in ((part, "1.00"), (whole, None)):
        receipts.current(donation=donation, now=NOW)
        take_back(donation, back)
        receipts.bring_in_line(donation_id=donation.pk, now=NOW)

    rows = api.get("/api/donations/receipts").json()["data"]["receipts"]

    assert [(row["transaction_id"], row["amount"]) for row in rows] == [(str(part.pk), 4.0)]


def test_the_list_of_a_year_without_gifts_is_empty(api, alice, onlus):
    receipts.current(donation=make_donation(alice, onlus), now=NOW)

    answer = api.get("/api/donations/receipts?tax_year=2025")

    assert answer.json()["message"] == "NO_RECEIPTS_FOUND"
    assert answer.json()["data"]["receipts"] == []
    assert answer.json()["data"]["tax_year_filter"] == 2025


@pytest.mark.parametrize("year", ["1999", "x", "20260", "2026.5"])
def test_a_senseless_year_is_refused(api, alice, year):
    answer = api.get(f"/api/donations/receipts?tax_year={year}")

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_TAX_YEAR")


def test_the_fixed_words_stand_before_keys(api, alice):
    assert api.get("/api/donations/receipts").json()["message"] == "NO_RECEIPTS_FOUND"
    assert api.get("/api/donations/receipts/").status_code == 200


def test_an_anonymous_gift_has_a_receipt_with_its_donor(api, alice):
    donation = make_donation(alice, OnlusFactory(), is_anonymous=True)

    api.get(path(donation))

    assert Receipt.objects.get().facts["donor"] == "Alice Rossi"
