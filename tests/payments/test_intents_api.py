"""Payments over the API, with every provider that can be driven: what a player sends, sees and gets."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from donations.models import (
    LedgerAccount,
    PaymentIntent,
    PaymentProvider,
    SavedPaymentMethod,
)
from goodplay.lib.idempotency.models import IdempotencyKey
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, balance, cash, top_ups
from tests.payments.local_server import AFTER, BEFORE, Fault

pytestmark = pytest.mark.django_db

Kind = LedgerAccount.Kind
Status = PaymentIntent.Status
INTENT = "/api/payments/intent"
LOST = [fault for fault in AFTER if fault is not Fault.SLOW]  # the same, and quicker


@pytest.fixture(params=EVERY)
def desk(request):
    fixture, make = EVERY[request.param]
    bench = make(request.getfixturevalue(fixture))
    return Desk(bench, account_at(bench))


@pytest.fixture
def stripe(stripe_server):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(api):
    player = UserFactory()
    api.force_authenticate(player)
    return player


def status_of(api, intent):
    """Ask as a client does that waited a little."""
    PaymentIntent.objects.filter(pk=intent.pk).update(checked_at=None)
    return api.get(path(intent, "status")).json()["data"]


def path(intent, action):
    return f"/api/payments/{intent.pk if hasattr(intent, 'pk') else intent}/{action}"


# Paying -----------------------------------------------------------------------------------------------------------


def test_a_top_up_reaches_the_wallet_less_its_fees(api, alice, desk):
    made = api.post(INTENT, {"amount": 50, "payment_method": desk.method})
    intent = PaymentIntent.objects.get()
    desk.approve(intent)
    paid = api.post(path(intent, "confirm"), {"payment_method_id": desk.bench.good})

    assert (made.status_code, made.json()["message"]) == (201, "PAYMENT_INTENT_CREATED")
    assert made.json()["data"]["intent_id"] == str(intent.pk)
    assert made.json()["data"]["user_id"] == str(alice.pk)
    assert (paid.status_code, paid.json()["message"]) == (200, "PAYMENT_PROCESSING_SUCCESS")
    data = paid.json()["data"]
    assert (data["credits_added"], data["processing_fee"]) == (48.25, 1.75)
    assert data["wallet"] == {"transaction_id": str(intent.pk), "new_balance": 48.25, "amount_added": 48.25}
    assert data["payment_intent"]["status"] == "succeeded"
    assert cash(alice) == Decimal("48.25")


def test_the_payers_script_gets_the_secret_of_the_provider_itself(api, alice, stripe):
    made = api.post(INTENT, {"amount": 50})
    intent = PaymentIntent.objects.get()
    secret = f"{intent.provider_payment_id}_secret_goodplay"

    told = [made.json()["data"], status_of(api, intent)]
    gift = {"amount": 20, "onlus_id": str(OnlusFactory().pk), "payment_method": "card"}
    told_of_gift = api.post("/api/donations/create", gift).json()["data"]["payment"]
    stripe.approve(intent)
    paid = api.post(path(intent, "confirm"), {"payment_method_id": stripe.bench.good}).json()["data"]

    assert [each["client_secret"] for each in (*told, paid["payment_intent"])] == [secret] * 3
    other = PaymentIntent.objects.get(purpose="donation")
    assert told_of_gift["client_secret"] == f"{other.provider_payment_id}_secret_goodplay"


def test_the_books_show_clearing_fees_and_what_the_provider_really_kept(alice, desk):
    intent = desk.pay(alice, "100.00")

    intent.refresh_from_db()
    assert (intent.net_amount, intent.processing_fee) == (Decimal("96.80"), Decimal("3.20"))
    assert intent.actual_fee is not None
    assert balance(Kind.PROVIDER_CLEARING) == -(Decimal("100.00") - intent.actual_fee)
    assert balance(Kind.PROVIDER_FEES) == Decimal("3.20") - intent.actual_fee
    assert [each.to_status for each in intent.status_changes.order_by("pk")][-1] == "succeeded"


def test_a_share_for_the_platform_is_kept_apart(settings, alice, stripe):
    settings.TOP_UP_FEE_PERCENT = Decimal("1.00")

    intent = stripe.pay(alice, "100.00")

    assert (intent.platform_fee, intent.net_amount) == (Decimal("1.00"), Decimal("95.80"))
    assert balance(Kind.PLATFORM_FEES) == Decimal("1.00")
    assert cash(alice) == Decimal("95.80")


@pytest.mark.parametrize(
    ("written", "constant"),
    [
        (None, "PAYMENT_AMOUNT_REQUIRED"),
        ("x", "PAYMENT_AMOUNT_INVALID"),
        (True, "PAYMENT_AMOUNT_INVALID"),
        (12.345, "PAYMENT_AMOUNT_INVALID"),
        (-5, "PAYMENT_AMOUNT_TOO_SMALL"),
        (0, "PAYMENT_AMOUNT_TOO_SMALL"),
        (0.99, "PAYMENT_AMOUNT_TOO_SMALL"),
        (50000.01, "PAYMENT_AMOUNT_TOO_LARGE"),
    ],
)
def test_bad_amounts_begin_nothing(api, alice, stripe, written, constant):
    answer = api.post(INTENT, {"amount": written})

    assert (answer.status_code, answer.json()["message"]) == (422, constant)
    assert not PaymentIntent.objects.exists()
    assert stripe.bench.server.of("payment_intent") == []


@pytest.mark.parametrize(
    ("more", "constant"),
    [
        ({"currency": "USD"}, "PAYMENT_CURRENCY_NOT_SUPPORTED"),
        ({"payment_method": "cash"}, "INVALID_PAYMENT_METHOD"),
        ({"payment_method": "bank_transfer"}, "PAYMENT_PROVIDER_NOT_SUPPORTED"),
        ({"metadata": {"deep": {"er": 1}}}, "PAYMENT_METADATA_INVALID"),
        ({"metadata": [1]}, "PAYMENT_METADATA_INVALID"),
        ({"description": "x" * 201}, "PAYMENT_DESCRIPTION_INVALID"),
        ({"saved_method_id": str(uuid4())}, "SAVED_PAYMENT_METHOD_NOT_FOUND"),
    ],
)
def test_what_does_not_fit_begins_nothing(api, alice, stripe, more, constant):
    answer = api.post(INTENT, {"amount": 10} | more)

    assert answer.json()["message"] == constant
    assert answer.status_code in (404, 422)
    assert not PaymentIntent.objects.exists()


@pytest.mark.parametrize(("limits", "amount"), [(("5.00", "100.00"), 4.99), (("5.00", "100.00"), 100.01)])
def test_an_accounts_own_limits_hold_too(api, alice, stripe_server, limits, amount):
    account_at(stripe_bench(stripe_server), min_amount=Decimal(limits[0]), max_amount=Decimal(limits[1]))

    answer = api.post(INTENT, {"amount": amount})

    assert answer.json()["message"] in ("PAYMENT_AMOUNT_TOO_SMALL", "PAYMENT_AMOUNT_TOO_LARGE")
    assert not PaymentIntent.objects.exists()


def test_only_healthy_active_accounts_take_payments(api, alice, settings, stripe):
    settings.SANDBOX_PAYMENTS = False
    for columns in ({"health_status": "degraded"}, {"health_status": "healthy", "is_active": False}):
        PaymentProvider.objects.filter(pk=stripe.provider.pk).update(**columns)

        answer = api.post(INTENT, {"amount": 10})

        assert (answer.status_code, answer.json()["message"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    assert not PaymentIntent.objects.exists()


def test_clients_facts_never_reach_the_provider(api, alice, stripe):
    api.post(INTENT, {"amount": 10, "metadata": {"user_id": "someone-else", "reference": "mine"}})

    sent = stripe.bench.server.of("payment_intent")[0]["metadata"]
    intent = PaymentIntent.objects.get()
    assert (sent["reference"], sent["payer"]) == (str(intent.pk), str(alice.pk))
    assert intent.metadata == {"user_id": "someone-else", "reference": "mine"}


# Again and again --------------------------------------------------------------------------------------------------


def test_the_same_key_begins_one_payment(api, alice, stripe):
    first = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})
    again = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})
    other = api.post(INTENT, {"amount": 11}, headers={"Idempotency-Key": "k"})

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert (other.status_code, other.json()["message"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert PaymentIntent.objects.count() == len(stripe.bench.server.of("payment_intent")) == 1


def test_a_key_whose_request_died_is_free_after_two_minutes(api, alice, stripe):
    first = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})
    rows = IdempotencyKey.objects.filter(key="k")
    rows.update(status_code=0, answer="", created_at=timezone.now())
    running = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})
    rows.update(created_at=timezone.now() - timedelta(minutes=3))

    again = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})

    assert (running.status_code, running.json()["message"]) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert again.status_code == 201
    assert again.json()["data"]["intent_id"] == first.json()["data"]["intent_id"]
    assert PaymentIntent.objects.count() == len(stripe.bench.server.of("payment_intent")) == 1


@pytest.mark.parametrize("fault", [*BEFORE, *LOST])
def test_a_key_goes_on_where_the_answer_was_lost(api, alice, stripe, fault):
    with stripe.bench.server.failing(fault, path="payment_intents"):
        lost = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})
    found = api.post(INTENT, {"amount": 10}, headers={"Idempotency-Key": "k"})

    assert (lost.status_code, lost.json()["message"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    assert found.status_code == 201
    assert PaymentIntent.objects.count() == len(stripe.bench.server.of("payment_intent")) == 1
    assert PaymentIntent.objects.get().provider_payment_id != ""


def test_confirming_again_changes_nothing(api, alice, desk):
    intent = desk.pay(alice)

    again = api.post(path(intent, "confirm"), {"payment_method_id": desk.bench.good})

    assert (again.status_code, again.json()["message"]) == (200, "PAYMENT_PROCESSING_SUCCESS")
    assert (cash(alice), top_ups(intent)) == (Decimal("48.25"), 1)


@pytest.mark.parametrize("fault", LOST)
def test_a_payment_whose_answer_was_lost_is_found_by_confirming_again(api, alice, stripe, fault):
    intent = stripe.begin(alice)
    with stripe.bench.server.failing(fault, path="/confirm"):
        lost = api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_visa"})
    found = api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_visa"})

    assert (lost.status_code, lost.json()["message"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    assert found.status_code == 200
    intent.refresh_from_db()
    assert (intent.status, top_ups(intent), cash(alice)) == (Status.SUCCEEDED, 1, Decimal("48.25"))


# Declined, asked, given up ----------------------------------------------------------------------------------------


def test_the_third_decline_ends_the_payment(api, alice, stripe):
    intent = stripe.begin(alice)
    answers = [
        api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_visa_chargeDeclined"})
        for _ in range(4)
    ]

    assert [each.json()["message"] for each in answers] == [
        "PAYMENT_FAILED",
        "PAYMENT_FAILED",
        "PAYMENT_FAILED",
        "PAYMENT_CONFIRMATION_ATTEMPTS_EXCEEDED",
    ]
    assert [each.json()["data"]["attempts_left"] for each in answers[:3]] == [2, 1, 0]
    intent.refresh_from_db()
    assert (intent.status, intent.confirmation_attempts) == (Status.FAILED, 3)
    assert stripe.bench.server.of("payment_intent")[0]["status"] == "canceled"
    assert cash(alice) == Decimal("0.00")


def test_a_declined_payment_may_be_paid_by_another_card(api, alice, desk):
    intent = desk.begin(alice)
    state = desk.bench.provider.retrieve(intent.provider_payment_id)
    declined = api.post(path(intent, "confirm"), {"payment_method_id": desk.bench.decline(state)})
    if desk.bench.name == "paypal":
        desk.bench.server.declines = False

    paid = api.post(path(intent, "confirm"), {"payment_method_id": desk.bench.good})

    assert (declined.status_code, declined.json()["message"]) == (422, "PAYMENT_FAILED")
    assert paid.status_code == 200
    assert cash(alice) == Decimal("48.25")


def test_3d_secure_keeps_the_payment_and_says_where_to_go(api, alice, stripe):
    intent = stripe.begin(alice)

    asked = api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_authenticationRequired"})

    assert (asked.status_code, asked.json()["message"]) == (409, "PAYMENT_REQUIRES_ACTION")
    assert asked.json()["data"]["client_secret"]
    assert asked.json()["data"]["next_action_url"]
    intent.refresh_from_db()
    assert (intent.status, intent.confirmation_attempts) == (Status.REQUIRES_ACTION, 0)
    stripe.bench.server.authenticate(intent.provider_payment_id)

    assert status_of(api, intent)["status"] == "succeeded"
    assert cash(alice) == Decimal("48.25")


def test_a_failed_authentication_leaves_the_payment_open_for_another_card(api, alice, stripe):
    intent = stripe.begin(alice)
    api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_authenticationRequired"})
    stripe.bench.server.authenticate(intent.provider_payment_id, succeed=False)

    nothing = status_of(api, intent)
    paid = api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_visa"})

    assert nothing["error_code"] == "payment_intent_authentication_failure"
    assert paid.status_code == 200
    assert cash(alice) == Decimal("48.25")


def test_confirming_without_a_card_asks_for_one(api, alice, stripe):
    intent = stripe.begin(alice)

    answer = api.post(path(intent, "confirm"), {})

    assert answer.status_code in (409, 422)
    assert answer.json()["message"] in ("PAYMENT_REQUIRES_CONFIRMATION", "PAYMENT_FAILED")
    intent.refresh_from_db()
    assert intent.is_open


def test_a_payment_in_progress_is_told_as_such_and_arrives_later(api, alice, stripe):
    stripe.bench.server.is_slow_to_settle = True
    intent = stripe.begin(alice)

    waits = api.post(path(intent, "confirm"), {"payment_method_id": "pm_card_visa"})

    assert (waits.status_code, waits.json()["message"]) == (202, "PAYMENT_PROCESSING")
    assert waits.json()["data"]["wallet"] is None
    stripe.bench.server.settle(intent.provider_payment_id)
    assert status_of(api, intent)["status"] == "succeeded"
    assert cash(alice) == Decimal("48.25")


def test_cancelling_ends_it_at_the_provider_too(api, alice, desk):
    intent = desk.begin(alice)

    answer = api.post(path(intent, "cancel"), {"reason": "Changed my mind"})
    later = api.post(path(intent, "confirm"), {"payment_method_id": desk.bench.good})

    assert (answer.status_code, answer.json()["message"]) == (200, "PAYMENT_CANCELLED")
    assert answer.json()["data"]["status"] == "cancelled"
    assert later.json()["message"] == "PAYMENT_INTENT_CANNOT_BE_CONFIRMED"
    intent.refresh_from_db()
    assert (intent.status, intent.cancel_reason) == (Status.CANCELLED, "Changed my mind")


def test_a_payment_that_got_through_cannot_be_cancelled(api, alice, desk):
    intent = desk.pay_unseen(alice)

    answer = api.post(path(intent, "cancel"), {})

    assert (answer.status_code, answer.json()["message"]) == (409, "PAYMENT_INTENT_CANNOT_BE_CANCELLED")
    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, Decimal("48.25"))


def test_a_reason_has_an_end(api, alice, stripe):
    intent = stripe.begin(alice)

    answer = api.post(path(intent, "cancel"), {"reason": "x" * 201})

    assert (answer.status_code, answer.json()["message"]) == (422, "CANCELLATION_REASON_TOO_LONG")
    intent.refresh_from_db()
    assert intent.status == Status.PENDING


# Whose payment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", [lambda intent: intent.pk, lambda intent: "nonsense"])
@pytest.mark.parametrize(
    ("action", "method"), [("confirm", "post"), ("cancel", "post"), ("refund", "post"), ("status", "get")]
)
def test_somebody_elses_payment_is_404(api, alice, stripe, action, method, spoil):
    intent = stripe.pay(UserFactory())

    answer = getattr(api, method)(path(spoil(intent), action))

    assert (answer.status_code, answer.json()["message"]) == (404, "PAYMENT_INTENT_NOT_FOUND")
    intent.refresh_from_db()
    assert intent.status == Status.SUCCEEDED


@pytest.mark.parametrize("count", [1, 3])
def test_history_is_private_and_costs_two_queries(api, alice, stripe, count, django_assert_num_queries):
    mine = {str(stripe.pay(alice).pk) for _ in range(count)}
    stripe.pay(UserFactory())

    with django_assert_num_queries(2):
        data = api.get("/api/payments/history").json()["data"]

    assert {row["intent_id"] for row in data["payments"]} == mine
    assert not any("client_secret" in row for row in data["payments"])


def test_history_filters_before_it_cuts(api, alice, stripe):
    paid = stripe.pay(alice)
    for _ in range(3):
        stripe.begin(alice)

    data = api.get("/api/payments/history?limit=2&status=succeeded").json()["data"]
    wrong = api.get("/api/payments/history?status=perhaps")

    assert [row["intent_id"] for row in data["payments"]] == [str(paid.pk)]
    assert data["pagination"]["total_count"] == 1
    assert (wrong.status_code, wrong.json()["message"]) == (422, "INVALID_STATUS_FILTER")


# Fees and means ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "fee", "net"),
    [
        ("amount=100", 3.20, 96.80),
        ("amount=50&payment_method=card", 1.75, 48.25),
        ("amount=100&payment_method=bank_transfer", 1.05, 98.95),
    ],
)
def test_fees_are_reckoned_as_they_are_charged(api, alice, query, fee, net):
    data = api.get(f"/api/payments/fees/calculate?{query}").json()["data"]

    assert (data["processing_fee"], data["net_amount"]) == (fee, net)
    covered = data["with_fees_covered"]
    assert round(covered["amount"] - covered["total_fee"], 2) == data["amount"]


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ("amount=0.20", "INVALID_AMOUNT"),
        ("amount=x", "INVALID_AMOUNT"),
        ("", "INVALID_AMOUNT"),
        ("amount=NaN", "INVALID_AMOUNT"),
        ("amount=10&payment_method=gold", "INVALID_PAYMENT_METHOD"),
        ("amount=10&currency=USD", "PAYMENT_CURRENCY_NOT_SUPPORTED"),
    ],
)
def test_fees_of_nonsense_are_refused(api, alice, query, constant):
    answer = api.get(f"/api/payments/fees/calculate?{query}")

    assert (answer.status_code, answer.json()["message"]) == (422, constant)


def test_the_means_of_payment_say_what_they_cost_and_whether_they_work(api, alice, stripe):
    data = api.get("/api/payments/methods").json()["data"]

    by_id = {each["id"]: each for each in data["payment_methods"]}
    assert data["default_currency"] == "EUR"
    assert by_id["card"]["fees"] == {"percentage": 2.9, "fixed": 0.3}
    assert by_id["bank_transfer"]["fees"] == {"percentage": 0.8, "fixed": 0.25}
    assert {name: each["is_available"] for name, each in by_id.items()} == {
        "card": True,
        "paypal": False,
        "bank_transfer": False,
    }


def test_a_card_is_kept_used_and_forgotten(api, alice, stripe):
    stripe.pay(alice, save_method=True)
    stripe.pay(UserFactory(), save_method=True)

    kept = api.get("/api/payments/saved-methods").json()["data"]["saved_methods"]
    again = api.post(INTENT, {"amount": 20, "saved_method_id": kept[0]["id"]}).json()["data"]
    paid = api.post(path(again["intent_id"], "confirm"))
    gone = api.delete(f"/api/payments/saved-methods/{kept[0]['id']}")
    used = api.post(INTENT, {"amount": 20, "saved_method_id": kept[0]["id"]})

    assert [(each["last4"], each["is_default"]) for each in kept] == [("4242", True)]
    assert paid.status_code == 200
    assert (gone.status_code, gone.json()["message"]) == (200, "SAVED_PAYMENT_METHOD_REMOVED")
    assert api.get("/api/payments/saved-methods").json()["data"]["saved_methods"] == []
    assert used.status_code == 404
    assert cash(alice) == Decimal("48.25") + Decimal("19.12")


def test_tokens_are_unreadable_in_the_database(alice, stripe):
    stripe.pay(alice, save_method=True)
    saved = SavedPaymentMethod.objects.get()

    with connection.cursor() as cursor:
        cursor.execute("SELECT token, customer FROM donations_savedpaymentmethod")
        token, customer = cursor.fetchone()

    assert saved.token
    assert saved.token not in token
    assert saved.customer not in customer


def test_somebody_elses_card_is_404(api, alice, stripe):
    stripe.pay(UserFactory(), save_method=True)
    saved = SavedPaymentMethod.objects.get()

    answers = [
        api.delete(f"/api/payments/saved-methods/{saved.pk}"),
        api.post(INTENT, {"amount": 20, "saved_method_id": str(saved.pk)}),
    ]

    assert {(each.status_code, each.json()["message"]) for each in answers} == {
        (404, "SAVED_PAYMENT_METHOD_NOT_FOUND")
    }
    saved.refresh_from_db()
    assert saved.removed_at is None
