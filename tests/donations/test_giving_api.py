from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Onlus
from donations.models import Donation, LedgerAccount, Receipt, Transfer
from donations.receivers import issue_receipt
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, Kind, balance, give_credits, make_donation

pytestmark = pytest.mark.django_db
GIVE = "/api/donations/create"


@pytest.fixture
def alice(api):
    player = UserFactory()
    give_credits(player, "10.00")
    api.force_authenticate(player)
    return player


@pytest.fixture
def onlus():
    return OnlusFactory()


def test_donating_moves_the_credits_and_says_what_is_left(
    api, alice, onlus, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(GIVE, {"amount": 2.5, "onlus_id": str(onlus.pk), "message": "Forza!"})

    assert answer.status_code == 201
    assert '"donation_amount":2.50' in answer.content.decode()
    data = answer.json()["data"]
    assert (data["remaining_balance"], data["donation"]["status"]) == (7.5, "completed")
    donation = Donation.objects.get()
    assert (donation.earned_amount, donation.paid_amount) == (Decimal("2.50"), Decimal("0.00"))
    receipt = donation.receipts.get()
    assert receipt.reference == f"RCP-{receipt.year}-000001"
    assert balance(alice) == Decimal("7.50")


def test_earned_credits_are_spent_before_own_money(api, alice, onlus):
    give_credits(alice, "5.00", kind=Kind.PLAYER_CASH)

    api.post(GIVE, {"amount": "12.00", "onlus_id": str(onlus.pk)})

    donation = Donation.objects.get()
    assert (donation.earned_amount, donation.paid_amount) == (Decimal("10.00"), Decimal("2.00"))
    assert (balance(alice), balance(alice, Kind.PLAYER_CASH)) == (Decimal("0.00"), Decimal("3.00"))


BAD_MONEY = [
    ("0", "AMOUNT_MUST_BE_POSITIVE"),
    ("0.00", "AMOUNT_MUST_BE_POSITIVE"),
    ("-1", "AMOUNT_MUST_BE_POSITIVE"),
    ('"-0.01"', "AMOUNT_MUST_BE_POSITIVE"),
    ("1.001", "INVALID_AMOUNT"),
    ('"1.001"', "INVALID_AMOUNT"),
    ("1e2", "INVALID_AMOUNT"),
    ("1e400", "INVALID_AMOUNT"),
    ("-1e400", "INVALID_AMOUNT"),
    ('"1e2"', "INVALID_AMOUNT"),
    ('"NaN"', "INVALID_AMOUNT"),
    ('"Infinity"', "INVALID_AMOUNT"),
    ('"١٢"', "INVALID_AMOUNT"),
    ('"１２"', "INVALID_AMOUNT"),
    ('"1,50"', "INVALID_AMOUNT"),
    ('" 1"', "INVALID_AMOUNT"),
    ('"1_000"', "INVALID_AMOUNT"),
    ('""', "INVALID_AMOUNT"),
    ("true", "INVALID_AMOUNT"),
    ("false", "INVALID_AMOUNT"),
    ("[1]", "INVALID_AMOUNT"),
    ('{"a": 1}', "INVALID_AMOUNT"),
    ("null", "DONATION_AMOUNT_REQUIRED"),
    ("10000.01", "DONATION_AMOUNT_TOO_LARGE"),
    ("9" * 400, "INVALID_AMOUNT"),
    ("10.01", "INSUFFICIENT_CREDITS"),
]


@pytest.mark.parametrize(("written", "constant"), BAD_MONEY)
def test_bad_money_is_refused_and_changes_nothing(api, alice, onlus, written, constant):
    body = f'{{"amount": {written}, "onlus_id": "{onlus.pk}"}}'

    answer = api.generic("POST", GIVE, body, content_type="application/json")

    assert (answer.status_code, answer.json()["message"]) == (422, constant)
    assert balance(alice) == Decimal("10.00")
    assert not Donation.objects.exists()


BROKEN_BODIES = [
    (b"", 400, "DATA_REQUIRED"),
    (b"{}", 400, "DATA_REQUIRED"),
    (b"{", 400, "INVALID_REQUEST"),
    (b"[]", 400, "INVALID_REQUEST"),
    (b'"text"', 400, "INVALID_REQUEST"),
    (b"null", 400, "INVALID_REQUEST"),
    (b'{"amount": NaN}', 400, "INVALID_REQUEST"),
    (b'{"amount": -Infinity}', 400, "INVALID_REQUEST"),
    (b'{"amount": 1, "message": "\\u0000"}', 400, "INVALID_REQUEST"),
    (b'{"amount": 1, "message": "\\ud800"}', 400, "INVALID_REQUEST"),
    (b"\xff\xfe{}", 400, "INVALID_REQUEST"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400, "INVALID_REQUEST"),
    (b'{"amount": ' + b"9" * 5000 + b"}", 400, "INVALID_REQUEST"),
    (b'{"message": "' + b"x" * 300_000 + b'"}', 413, "REQUEST_TOO_LARGE"),
]


@pytest.mark.parametrize(("body", "status", "constant"), BROKEN_BODIES)
def test_broken_bodies_get_the_envelope(api, alice, body, status, constant):
    answer = api.generic("POST", GIVE, body, content_type="application/json")

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert answer.json()["success"] is False
    assert not Donation.objects.exists()


def test_another_content_type_gets_the_envelope(api, alice):
    answer = api.generic("POST", GIVE, "amount=1", content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, answer.json()["message"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("changes", "constant"),
    [
        ({"onlus_id": None}, "DONATION_ONLUS_ID_REQUIRED"),
        ({"onlus_id": "nope"}, "DONATION_ONLUS_ID_INVALID"),
        ({"onlus_id": True}, "DONATION_ONLUS_ID_INVALID"),
        ({"onlus_id": str(uuid4())}, "ONLUS_NOT_FOUND"),
        ({"message": "x" * 501}, "DONATION_MESSAGE_TOO_LONG"),
        ({"is_anonymous": "perhaps"}, "INVALID_REQUEST"),
    ],
)
def test_donating_refuses_what_does_not_fit(api, alice, onlus, changes, constant):
    answer = api.post(GIVE, {"amount": 1, "onlus_id": str(onlus.pk)} | changes)

    assert answer.status_code in (404, 422)
    assert answer.json()["message"] == constant
    assert balance(alice) == Decimal("10.00")


@pytest.mark.parametrize(
    "columns",
    [
        {"status": Onlus.Status.SUSPENDED},
        {"compliance_status": Onlus.ComplianceStatus.NON_COMPLIANT},
        {"bank_account_verified_at": None},
        {"status": Onlus.Status.UNDER_REVIEW, "verified_at": None},
    ],
)
def test_only_organisations_in_order_receive(api, alice, columns):
    answer = api.post(GIVE, {"amount": 1, "onlus_id": str(OnlusFactory(**columns).pk)})

    assert answer.json()["message"] == "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"
    assert balance(alice) == Decimal("10.00")


def test_money_leaves_only_from_confirmed_addresses(api, alice, onlus):
    alice.email_verified_at = None
    alice.save()

    answer = api.post(GIVE, {"amount": 1, "onlus_id": str(onlus.pk)})

    assert (answer.status_code, answer.json()["message"]) == (403, "ACCOUNT_NOT_VERIFIED")
    assert balance(alice) == Decimal("10.00")


def test_the_same_key_repeats_the_answer_and_another_body_is_refused(api, alice, onlus):
    body = {"amount": 1, "onlus_id": str(onlus.pk)}
    first = api.post(GIVE, body, HTTP_IDEMPOTENCY_KEY="k-1")

    again = api.post(GIVE, body, HTTP_IDEMPOTENCY_KEY="k-1")
    other = api.post(GIVE, body | {"amount": 2}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["message"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert balance(alice) == Decimal("9.00")


def test_a_refused_request_leaves_its_key_free(api, alice, onlus):
    api.post(GIVE, {"amount": 11, "onlus_id": str(onlus.pk)}, HTTP_IDEMPOTENCY_KEY="k-2")

    answer = api.post(GIVE, {"amount": 1, "onlus_id": str(onlus.pk)}, HTTP_IDEMPOTENCY_KEY="k-2")

    assert answer.status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_a_key_must_be_sane(api, alice, onlus, key):
    answer = api.post(GIVE, {"amount": 1, "onlus_id": str(onlus.pk)}, HTTP_IDEMPOTENCY_KEY=key)

    assert (answer.status_code, answer.json()["message"]) == (400, "IDEMPOTENCY_KEY_INVALID")


def test_keys_of_two_people_do_not_meet(api, alice, onlus):
    bob = UserFactory()
    give_credits(bob, "1.00")
    body = {"amount": 1, "onlus_id": str(onlus.pk)}
    mine = api.post(GIVE, body, HTTP_IDEMPOTENCY_KEY="same")
    api.force_authenticate(bob)

    his = api.post(GIVE, body, HTTP_IDEMPOTENCY_KEY="same")

    assert his.status_code == 201
    assert his.json()["data"]["donation_id"] != mine.json()["data"]["donation_id"]


@pytest.mark.parametrize("path", ["", "/receipt", "/receipt/download"])
@pytest.mark.parametrize("spoil", [lambda donation: donation.pk, lambda donation: "nonsense"])
def test_somebody_elses_donation_is_404(api, alice, onlus, path, spoil):
    donation = make_donation(UserFactory(), onlus)

    answer = api.get(f"/api/donations/{spoil(donation)}{path}")

    assert (answer.status_code, answer.json()["message"]) == (404, "TRANSACTION_NOT_FOUND")


@pytest.mark.parametrize(("language", "title"), [("en", b"en"), ("it", b"it")])
def test_the_receipt_is_a_pdf_that_prints_the_same_twice(api, alice, onlus, language, title):
    donation = make_donation(alice, onlus, message="Für die Bäume – “evviva” €")

    first = api.get(f"/api/donations/{donation.pk}/receipt/download?language={language}")
    again = api.get(f"/api/donations/{donation.pk}/receipt/download?language={language}")

    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert f"RCP-{donation.receipts.get().year}-000001.pdf" in first.headers["Content-Disposition"]
    assert Receipt.objects.count() == 1
    assert abs(len(first.content) - len(again.content)) < 200


def test_issuing_twice_makes_one_receipt(alice, onlus):
    donation = make_donation(alice, onlus)

    for _ in range(2):
        issue_receipt(donation_id=donation.pk, now=NOW)

    assert Receipt.objects.get().kind == Receipt.Kind.THANK_YOU


@pytest.mark.parametrize("count", [1, 3])
def test_history_is_private_and_costs_three_queries(api, onlus, count, django_assert_num_queries):
    donor = UserFactory()
    mine = [make_donation(donor, onlus, "1.50") for _ in range(count)]
    make_donation(UserFactory(), onlus)
    api.force_authenticate(donor)

    with django_assert_num_queries(3):
        data = api.get("/api/donations/history?page_size=2").json()["data"]

    assert data["total_donated"] == 1.5 * count
    assert data["donation_count"] == data["pagination"]["total_items"] == count
    assert {row["id"] for row in data["donations"]} <= {str(donation.pk) for donation in mine}


@pytest.mark.parametrize("count", [1, 3])
def test_transactions_are_private_and_cost_two_queries(api, count, django_assert_num_queries):
    player = UserFactory()
    for _ in range(count):
        give_credits(player, "1.00")
    give_credits(UserFactory(), "1.00")
    api.force_authenticate(player)

    with django_assert_num_queries(2):
        data = api.get("/api/wallet/transactions").json()["data"]

    assert [row["type"] for row in data["transactions"]] == ["bonus"] * count
    assert {row["user_id"] for row in data["transactions"]} == {str(player.pk)}


def test_the_wallet_adds_up_and_costs_one_query(api, alice, onlus, django_assert_num_queries):
    give_credits(alice, "5.00", kind=Kind.PLAYER_CASH)
    make_donation(alice, onlus, "4.00")

    with django_assert_num_queries(1):
        data = api.get("/api/wallet").json()["data"]

    assert (data["current_balance"], data["earned_balance"], data["paid_balance"]) == (15.0, 10.0, 5.0)
    assert data["total_donated"] == 4.0


def test_a_wallet_nobody_used_shows_zeros(api):
    api.force_authenticate(UserFactory())

    data = api.get("/api/wallet").json()["data"]

    assert (data["current_balance"], data["total_earned"], data["total_donated"]) == (0.0, 0.0, 0.0)
    assert not LedgerAccount.objects.filter(player__isnull=False).exists()


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=0", "limit=-1", "page=1e3", "skip=٣"])
def test_absurd_pages_are_refused(api, alice, query):
    answer = api.get(f"/api/wallet/transactions?{query}")

    assert answer.status_code == 422
    assert answer.json()["message"] in ("INVALID_PAGE_NUMBER", "INVALID_LIMIT_VALUE")


def test_a_page_beyond_the_end_is_empty(api, alice):
    data = api.get("/api/wallet/transactions?page=99").json()["data"]

    assert data["transactions"] == []
    assert Transfer.objects.filter(player=alice).count() == data["pagination"]["total_items"] == 1


def test_giving_costs_seven_statements_and_three_more_with_a_key(
    api, alice, onlus, django_assert_num_queries
):
    """Accounts, the facts of the rules (two), spend, transfer, donation, event; a key adds its own look-up and answer. Savepoints are the test's."""
    make_donation(alice, onlus)
    body = {"amount": 1, "onlus_id": str(onlus.pk)}
    lock = connection.vendor == "postgresql"

    with django_assert_num_queries(7 + 2):
        assert api.post(GIVE, body).status_code == 201
    with django_assert_num_queries(7 + 2 + lock + 2 + 2):
        assert api.post(GIVE, body, HTTP_IDEMPOTENCY_KEY="count").status_code == 201


@pytest.mark.parametrize(
    ("earned", "paid"), [("0.10", "0.20"), ("1.10", "2.20"), ("0.70", "0.10"), ("8.03", "0.07")]
)
def test_mixed_gifts_add_up_on_every_engine(api, onlus, earned, paid):
    donor = UserFactory()
    give_credits(donor, earned)
    give_credits(donor, paid, kind=Kind.PLAYER_CASH)
    api.force_authenticate(donor)

    answer = api.post(GIVE, {"amount": str(Decimal(earned) + Decimal(paid)), "onlus_id": str(onlus.pk)})

    assert answer.status_code == 201
    assert Donation.objects.get().paid_amount == Decimal(paid)
