"""What only Stripe does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import requests
import stripe

from donations.payments.contract import (
    DisputeStatus,
    ProviderRefused,
    ProviderUnavailable,
    Status,
    WebhookRefused,
)
from donations.payments.providers.stripe import RETRIES, StripeProvider
from donations.payments.providers.stripe_objects import STATUSES
from goodplay.lib.money import NotMoney
from tests.payments.benches import key, new_payment, stripe_bench
from tests.payments.local_server import Fault

DECLINED = "pm_card_visa_chargeDeclined"
ASKS = "pm_card_authenticationRequired"


@pytest.fixture
def bench(stripe_server):
    return stripe_bench(stripe_server)


def test_statuses_are_mapped_as_specified():
    assert {name: str(status) for name, status in STATUSES.items() if name != "requires_capture"} == {
        "requires_payment_method": "pending",
        "requires_confirmation": "pending",
        "requires_action": "requires_action",
        "processing": "processing",
        "succeeded": "succeeded",
        "canceled": "cancelled",
    }


def test_no_key_is_global(bench):
    bench.pay()

    assert stripe.api_key is None


def test_amounts_are_sent_in_whole_cents(bench):
    bench.create("19.99")
    bench.create("1.15")

    assert [intent["amount"] for intent in bench.server.of("payment_intent")] == [1999, 115]


def test_a_fraction_of_a_cent_is_never_sent(bench):
    with pytest.raises(NotMoney):
        bench.create("1.005")

    assert bench.server.of("payment_intent") == []


def test_every_change_carries_its_own_key(bench):
    paid = bench.pay(save_method=True)
    bench.refund(paid, "1.00")
    bench.refund(paid, "1.00")

    changes = [call for call in bench.server.calls if call.method == "POST"]
    keys = [call.headers["Idempotency-Key"] for call in changes]
    assert len(keys) == len(set(keys)) == 5  # customer, intent, confirmation, two refunds


def test_an_intent_knows_our_keys(bench):
    payment = new_payment()

    bench.provider.create(payment, idempotency_key=key())

    (intent,) = bench.server.of("payment_intent")
    assert intent["metadata"]["reference"] == str(payment.reference)
    assert intent["metadata"]["payer"] == str(payment.payer)
    assert intent["description"] == payment.description
    assert intent["payment_method_types"] == ["card"]


def test_a_card_is_shown_by_its_last_digits(bench):
    method = bench.pay().method

    assert (method.kind, method.brand, method.last4, method.expires_on) == (
        "card",
        "visa",
        "4242",
        "2030-08",
    )
    assert (method.token, method.customer) == ("", "")


def test_the_fee_may_come_later(bench):
    bench.server.has_late_fees = True

    assert bench.pay().fee is None


# Declines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "code"),
    [
        (DECLINED, "card_declined"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_declined_card_leaves_the_payment_pending_for_another(bench, method, code):
    made = bench.create()
    with pytest.raises(ProviderRefused) as error:
        bench.confirm(made, method=method)
    assert (error.value.code, str(error.value)) == (code, "Your card was declined.")

    after = bench.now(made)
    assert (after.status, after.error_code, after.captured) == (Status.PENDING, code, Decimal("0.00"))

    paid = bench.confirm(made)
    assert (paid.status, paid.error_code, paid.captured) == (Status.SUCCEEDED, "", Decimal("19.99"))


def test_a_decline_with_the_same_key_is_the_same_decline(bench):
    made, idempotency_key = bench.create(), key()

    for _ in range(2):
        with pytest.raises(ProviderRefused, match="declined"):
            bench.confirm(made, method=DECLINED, idempotency_key=idempotency_key)

    assert len(bench.server.of("charge")) == 1


def test_a_key_used_for_other_words_is_no_refusal(bench):
    idempotency_key = key()
    bench.provider.create(new_payment("5.00"), idempotency_key=idempotency_key)

    with pytest.raises(ProviderUnavailable):
        bench.provider.create(new_payment("6.00"), idempotency_key=idempotency_key)

    assert [intent["amount"] for intent in bench.server.of("payment_intent")] == [500]


def test_an_unknown_card_is_refused(bench):
    made = bench.create()

    with pytest.raises(ProviderRefused) as error:
        bench.confirm(made, method="pm_of_somebody_else")

    assert error.value.code == "resource_missing"
    assert bench.now(made) == made


# 3-D Secure -------------------------------------------------------------------------------------------------------


def test_3d_secure_sends_the_payer_to_the_bank_and_back(bench):
    made = bench.create(return_url="https://goodplay.example/back")
    asked = bench.confirm(made, method=ASKS)
    assert (asked.status, asked.captured, asked.error_code) == (
        Status.REQUIRES_ACTION,
        Decimal("0.00"),
        "",
    )
    assert asked.client_secret == made.client_secret
    assert asked.client_secret.startswith(made.provider_payment_id)

    page = requests.get(asked.next_action_url, allow_redirects=False, timeout=5)

    assert page.headers["Location"].startswith("https://goodplay.example/back?")
    paid = bench.now(made)
    assert (paid.status, paid.captured, paid.next_action_url) == (Status.SUCCEEDED, Decimal("19.99"), "")


def test_3d_secure_without_an_address_leaves_it_to_the_page(bench):
    asked = bench.confirm(bench.create(return_url=""), method=ASKS)

    assert (asked.status, asked.next_action_url) == (Status.REQUIRES_ACTION, "")
    assert asked.client_secret


def test_confirming_again_while_the_bank_asks_changes_nothing(bench):
    made = bench.create()
    asked = bench.confirm(made, method=ASKS)

    assert bench.confirm(made, method="") == asked


def test_a_failed_3d_secure_leaves_the_payment_pending_for_another_card(bench):
    made = bench.create()
    bench.confirm(made, method=ASKS)

    bench.server.authenticate(made.provider_payment_id, succeed=False)

    after = bench.now(made)
    assert (after.status, after.error_code) == (Status.PENDING, "payment_intent_authentication_failure")
    assert bench.confirm(made).status is Status.SUCCEEDED


def test_another_card_can_be_tried_while_the_bank_asks(bench):
    made = bench.create()
    bench.confirm(made, method=ASKS)

    assert bench.confirm(made, method="pm_card_mastercard").method.brand == "mastercard"


# Kept cards -------------------------------------------------------------------------------------------------------


def test_a_kept_card_pays_again_without_its_payer(bench):
    kept = bench.pay(save_method=True).method
    assert kept.token.startswith("pm_")
    assert kept.customer.startswith("cus_")

    again = bench.create("7.00", saved_method=kept.token, customer=kept.customer, is_off_session=True)

    assert (again.status, again.captured) == (Status.SUCCEEDED, Decimal("7.00"))
    assert again.method.last4 == kept.last4


def test_a_kept_card_is_chosen_when_the_payment_is_made(bench):
    kept = bench.pay(save_method=True).method
    made = bench.create(saved_method=kept.token, customer=kept.customer)
    assert (made.status, made.captured) == (Status.PENDING, Decimal("0.00"))

    assert bench.confirm(made, method="").captured == Decimal("19.99")


def test_a_payer_who_is_known_gets_no_second_customer(bench):
    kept = bench.pay(save_method=True).method

    bench.pay(save_method=True, customer=kept.customer)

    assert len(bench.server.of("customer")) == 1


def test_making_a_payment_again_makes_no_second_customer(bench):
    payment, idempotency_key = new_payment(save_method=True), key()
    with (
        bench.server.failing(Fault.LOST_ANSWER, path="/v1/payment_intents"),
        pytest.raises(ProviderUnavailable),
    ):
        bench.provider.create(payment, idempotency_key=idempotency_key)

    bench.provider.create(payment, idempotency_key=idempotency_key)

    assert len(bench.server.of("customer")) == len(bench.server.of("payment_intent")) == 1


@pytest.mark.parametrize(("method", "code"), [(DECLINED, "card_declined"), (ASKS, "authentication_required")])
def test_a_kept_card_that_fails_without_its_payer_names_the_payment(bench, method, code):
    with pytest.raises(ProviderRefused) as error:
        bench.create(saved_method=method, is_off_session=True)

    assert error.value.code == code
    after = bench.provider.retrieve(error.value.provider_payment_id)
    assert (after.status, after.error_code, after.captured) == (Status.PENDING, code, Decimal("0.00"))


def test_somebody_elses_kept_card_is_refused(bench):
    alices = bench.pay(save_method=True).method
    bobs = bench.pay(save_method=True).method

    with pytest.raises(ProviderRefused):
        bench.create(saved_method=alices.token, customer=bobs.customer, is_off_session=True)

    assert len(bench.server.of("charge")) == 2


def test_a_forgotten_card_pays_no_more_and_may_be_forgotten_twice(bench):
    kept = bench.pay(save_method=True).method

    bench.provider.forget_method(token=kept.token, customer=kept.customer)
    bench.provider.forget_method(token=kept.token, customer=kept.customer)
    bench.provider.forget_method(token="pm_unknown", customer=kept.customer)

    with pytest.raises(ProviderRefused):
        bench.create(saved_method=kept.token, customer=kept.customer, is_off_session=True)


# Disputes, retries, modes -----------------------------------------------------------------------------------------


def test_an_inquiry_is_no_dispute_until_it_becomes_one(bench):
    paid = bench.pay()
    dispute_id = bench.server.open_dispute(paid.provider_payment_id, is_inquiry=True)
    assert bench.now(paid).disputes == ()

    bench.server.objects[dispute_id]["status"] = "needs_response"

    assert [dispute.status for dispute in bench.now(paid).disputes] == [DisputeStatus.OPEN]


def test_a_won_dispute_is_won_before_the_money_is_back(bench):
    paid = bench.pay()
    dispute_id = bench.server.open_dispute(paid.provider_payment_id)

    bench.server.win_dispute(dispute_id, is_paid_back=False)

    (dispute,) = bench.now(paid).disputes
    assert (dispute.status, dispute.lost_amount) == (DisputeStatus.WON, Decimal("0.00"))


def test_a_disputed_payment_is_not_refunded_besides(bench):
    paid = bench.pay()
    bench.server.open_dispute(paid.provider_payment_id)

    with pytest.raises(ProviderRefused, match="charged back"):
        bench.refund(paid, "1.00")


def test_a_call_without_an_answer_is_made_once_more_with_the_same_key(bench):
    made = bench.create()
    with bench.server.failing(Fault.RESET, path="confirm"), pytest.raises(ProviderUnavailable):
        bench.confirm(made)

    tries = [call for call in bench.server.calls if call.path.endswith("/confirm")]
    assert len(tries) == 1 + RETRIES
    assert len({call.headers["Idempotency-Key"] for call in tries}) == 1


def test_a_payment_says_its_mode(bench):
    bench.server.livemode = True

    assert bench.create().is_test is False


def test_a_key_of_the_other_mode_is_unwell(bench):
    bench.server.livemode = True

    with pytest.raises(ProviderRefused) as error:
        bench.provider.check_health()

    assert error.value.code == "wrong_mode"
    bench.with_settings(is_test_mode=False).check_health()


def test_dollars_are_never_taken_for_euros(bench):
    paid = bench.pay()
    for made in (*bench.server.of("payment_intent"), *bench.server.of("charge")):
        made["currency"] = "usd"

    with pytest.raises(ProviderRefused) as error:
        bench.now(paid)

    assert error.value.code == "currency_not_supported"


def test_a_second_time_in_the_signature_does_not_make_it_young(bench):
    paid, sent_at = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=sent_at)
    now = sent_at + timedelta(hours=1)
    late = {"Stripe-Signature": f"{headers['Stripe-Signature']},t={int(now.timestamp())}"}

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=late, now=now)


@pytest.mark.parametrize("mode", [None, "false", 2, []])
def test_a_notification_without_a_mode_is_refused(bench, mode):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(
        bench.paid_event, paid, at=now, change=lambda event: event | {"livemode": mode}
    )

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_two_accounts_do_not_mix(stripe_server):
    other = replace(stripe_server.settings(), credentials={"secret_key": "sk_test_other"})
    StripeProvider(stripe_server.settings()).check_health()

    with pytest.raises(ProviderRefused):
        StripeProvider(other).check_health()
    StripeProvider(stripe_server.settings()).create(new_payment(), idempotency_key=str(uuid4()))
