"""What only PayPal does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests
import time_machine

from donations.payments.contract import (
    DisputeStatus,
    ProviderRefused,
    ProviderUnavailable,
    Status,
    WebhookRefused,
)
from donations.payments.providers import paypal_signature
from goodplay.lib.money import NotMoney
from tests.payments.benches import key, new_payment, paypal_bench
from tests.payments.local_server import Fault


@pytest.fixture
def bench(paypal_server):
    return paypal_bench(paypal_server)


def test_the_payer_approves_on_paypals_page_and_comes_back(bench):
    made = bench.create()
    assert made.status is Status.REQUIRES_ACTION

    page = requests.get(made.next_action_url, allow_redirects=False, timeout=5)

    assert page.headers["Location"].startswith("https://goodplay.example/back?token=")
    approved = bench.now(made)
    assert (approved.status, approved.captured, approved.next_action_url) == (
        Status.PENDING,
        Decimal("0.00"),
        "",
    )
    paid = bench.provider.confirm(made.provider_payment_id, method="", idempotency_key=key())
    assert (paid.status, paid.method.kind) == (Status.SUCCEEDED, "paypal")


def test_confirming_before_the_payer_approved_says_where_to_approve(bench):
    made = bench.create()

    state = bench.provider.confirm(made.provider_payment_id, method="", idempotency_key=key())

    assert state == made
    assert state.next_action_url


def test_a_fraction_of_a_cent_is_never_sent(bench):
    with pytest.raises(NotMoney):
        bench.create("1.005")

    assert bench.server.orders == {}


def test_a_long_description_is_cut_to_what_paypal_takes(bench):
    bench.create(description="d" * 200)

    (order,) = bench.server.orders.values()
    assert len(order["purchase_units"][0]["description"]) == 127


def test_another_try_after_a_decline_pays(bench):
    made = bench.create()
    bench.decline(made)
    with pytest.raises(ProviderRefused):
        bench.provider.confirm(made.provider_payment_id, method="", idempotency_key=key())

    bench.server.declines = False

    paid = bench.provider.confirm(made.provider_payment_id, method="", idempotency_key=key())
    assert paid.captured == Decimal("19.99")


def test_a_capture_that_paypal_denies_fails(bench):
    bench.server.is_slow_to_settle = True
    waiting = bench.pay()
    (capture,) = bench.server.orders[waiting.provider_payment_id]["purchase_units"][0]["payments"]["captures"]

    capture |= {"status": "DECLINED", "status_details": {"reason": "DECLINED_BY_RISK_FRAUD_FILTERS"}}

    after = bench.now(waiting)
    assert (after.status, after.captured) == (Status.FAILED, Decimal("0.00"))
    assert after.error_code == "DECLINED_BY_RISK_FRAUD_FILTERS"


def test_a_key_used_for_other_words_is_no_refusal(bench):
    idempotency_key = key()
    bench.provider.create(new_payment("5.00"), idempotency_key=idempotency_key)

    with pytest.raises(ProviderUnavailable):
        bench.provider.create(new_payment("6.00"), idempotency_key=idempotency_key)

    assert len(bench.server.orders) == 1


# Kept accounts ----------------------------------------------------------------------------------------------------


def test_a_kept_account_pays_again_without_its_payer(bench):
    kept = bench.pay(save_method=True).method
    assert kept.token
    assert kept.customer

    again = bench.create("7.00", saved_method=kept.token, customer=kept.customer, is_off_session=True)

    assert (again.status, again.captured) == (Status.SUCCEEDED, Decimal("7.00"))


def test_a_kept_account_pays_on_confirmation_while_its_payer_is_there(bench):
    kept = bench.pay(save_method=True).method
    made = bench.create(saved_method=kept.token, customer=kept.customer)
    assert (made.status, made.captured) == (Status.REQUIRES_ACTION, Decimal("0.00"))

    paid = bench.provider.confirm(made.provider_payment_id, method=kept.token, idempotency_key=key())

    assert paid.captured == Decimal("19.99")


def test_the_second_kept_account_of_a_payer_is_of_the_same_customer(bench):
    first = bench.pay(save_method=True).method

    second = bench.pay(save_method=True, customer=first.customer).method

    assert second.customer == first.customer


def test_a_kept_account_that_is_declined_without_its_payer_is_refused(bench):
    kept = bench.pay(save_method=True).method
    bench.server.declines = True

    with pytest.raises(ProviderRefused) as error:
        bench.create(saved_method=kept.token, is_off_session=True)

    assert error.value.code == "INSTRUMENT_DECLINED"
    assert len(bench.server.orders) == 1


def test_nothing_asks_a_payer_who_is_not_there(bench):
    bench.server.wants_payer = True
    kept = bench.pay(save_method=True).method

    with pytest.raises(ProviderRefused) as error:
        bench.create(saved_method=kept.token, is_off_session=True)

    assert error.value.code == "PAYER_ACTION_REQUIRED"
    assert bench.provider.retrieve(error.value.provider_payment_id).captured == Decimal("0.00")


def test_a_forgotten_account_pays_no_more_and_may_be_forgotten_twice(bench):
    kept = bench.pay(save_method=True).method

    bench.provider.forget_method(token=kept.token, customer=kept.customer)
    bench.provider.forget_method(token=kept.token, customer=kept.customer)

    with pytest.raises(ProviderRefused):
        bench.create(saved_method=kept.token, is_off_session=True)


# Signing in -------------------------------------------------------------------------------------------------------


def test_one_token_serves_many_calls(bench):
    bench.pay()
    bench.pay()

    assert len([call for call in bench.server.calls if call.path == "/v1/oauth2/token"]) == 1


def test_a_token_taken_back_is_replaced(bench):
    made = bench.create()

    bench.server.take_back_tokens()

    assert bench.now(made) == made


@pytest.mark.parametrize("fault", Fault)
def test_a_failing_sign_in_is_no_refusal(bench, fault):
    provider = bench.with_settings(timeout=0.2)

    with bench.server.failing(fault, path="/v1/oauth2/token"), pytest.raises(ProviderUnavailable):
        provider.check_health()

    bench.provider.check_health()


def test_an_answer_that_would_make_objects_is_not_decoded(bench):
    made = bench.create()
    order = bench.server.orders[made.provider_payment_id]
    order["py/object"] = "decimal.Decimal"

    with pytest.raises(ProviderUnavailable):
        bench.now(made)


def test_dollars_are_never_taken_for_euros(bench):
    made = bench.create()
    order = bench.server.orders[made.provider_payment_id]
    order["purchase_units"][0]["amount"]["currency_code"] = "USD"

    with pytest.raises(ProviderRefused) as error:
        bench.now(made)

    assert error.value.code == "CURRENCY_NOT_SUPPORTED"


# Disputes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "status", "lost"),
    [
        ("RESOLVED_BUYER_FAVOUR", DisputeStatus.LOST, "12.00"),
        ("ACCEPTED", DisputeStatus.LOST, "12.00"),
        ("RESOLVED_SELLER_FAVOUR", DisputeStatus.WON, "0.00"),
        ("RESOLVED_WITH_PAYOUT", DisputeStatus.WON, "0.00"),
        ("CANCELED_BY_BUYER", DisputeStatus.WON, "0.00"),
        ("DENIED", DisputeStatus.WON, "0.00"),
        ("NONE", DisputeStatus.WON, "0.00"),
    ],
)
def test_a_verdict_without_movements_is_read_from_its_outcome(bench, outcome, status, lost):
    paid = bench.pay("20.00")
    dispute_id = bench.server.open_dispute(paid.provider_payment_id, Decimal("12.00"))
    bench.server.disputes[dispute_id] |= {
        "status": "RESOLVED",
        "dispute_outcome": {"outcome_code": outcome},
    }

    (dispute,) = bench.now(paid).disputes

    assert (dispute.status, dispute.lost_amount) == (status, Decimal(lost))


# Notifications ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
        "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com@evil.example/v1/notifications/certs/CERT-1",
        "http://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com/v1/other/CERT-1",
        "https://api.sandbox.paypal.com/v1/notifications/certs/../../CERT-1",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1?next=1",
        "https://api.sandbox.paypal.com:444/v1/notifications/certs/CERT-1",
        "https://[",
        "file:///etc/hostname",
        "",
    ],
)
def test_a_certificate_of_another_place_is_not_even_asked_for(bench, address):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers | {"PAYPAL-CERT-URL": address}, now=now)


def test_a_certificate_is_asked_for_once(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    for _ in range(3):
        body, headers = bench.webhook(bench.paid_event, paid, at=now)
        bench.provider.verify_webhook(body=body, headers=headers, now=now)

    assert len([call for call in bench.server.calls if "/certs/" in call.path]) == 1


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SERVER_ERROR, Fault.RATE_LIMITED, Fault.HALF_ANSWER])
def test_a_certificate_that_cannot_be_had_lets_paypal_deliver_again(bench, fault):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)

    with bench.server.failing(fault, path="/certs/"), pytest.raises(ProviderUnavailable):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)

    assert bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_a_certificate_that_does_not_exist_is_refused(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)
    address = f"{bench.server.url}/v1/notifications/certs/CERT-of-nobody"

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers | {"PAYPAL-CERT-URL": address}, now=now)


def test_a_certificate_out_of_date_is_refused(bench):
    now = datetime(2051, 1, 1, tzinfo=UTC)
    body, headers = bench.webhook(bench.paid_event, bench.pay(), at=now)

    with pytest.raises(WebhookRefused, match="out of date"):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_a_certificate_of_another_name_is_refused(bench):
    bench.server.signer = "messageverificationcerts.sandbox.paypal.com.evil.example"
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)

    with pytest.raises(WebhookRefused, match="not that of PayPal"):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_another_algorithm_is_refused(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers | {"PAYPAL-AUTH-ALGO": "none"}, now=now)


def test_each_mode_has_its_own_hosts():
    assert not set(paypal_signature.LIVE_ORIGINS) & set(paypal_signature.TEST_ORIGINS)
    assert all(origin.startswith("https://") for origin in paypal_signature.LIVE_ORIGINS)


def test_a_dispute_of_somebody_elses_sale_is_about_no_payment_of_ours(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    bench.server.open_dispute(paid.provider_payment_id)

    def of_another_sale(event):
        event["resource"]["disputed_transactions"][0]["seller_transaction_id"] = "OF-ANOTHER-SHOP"
        return event

    body, headers = bench.webhook(bench.dispute_event, paid, at=now, change=of_another_sale)

    assert bench.provider.verify_webhook(body=body, headers=headers, now=now).provider_payment_id == ""


def test_a_notification_whose_order_cannot_be_asked_for_is_to_be_delivered_again(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    bench.server.open_dispute(paid.provider_payment_id)
    body, headers = bench.webhook(bench.dispute_event, paid, at=now)

    with bench.server.failing(Fault.SERVER_ERROR, path="/captures/"), pytest.raises(ProviderUnavailable):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_an_approval_is_notified_by_its_order(bench):
    made, now = bench.create(), datetime.now(UTC)
    bench.server.approve(made.provider_payment_id)
    body, headers = bench.webhook("CHECKOUT.ORDER.APPROVED", made, at=now)

    notification = bench.provider.verify_webhook(body=body, headers=headers, now=now)

    assert notification.provider_payment_id == made.provider_payment_id


# The report -------------------------------------------------------------------------------------------------------


def test_a_long_report_is_asked_for_in_windows_and_pages(bench):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(0, 100, 10):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            bench.server.pay_out(Decimal(day + 1))
    for _ in range(600):
        bench.server.pay_out(Decimal("0.01"))

    days = list(bench.provider.balance_report(since=start, until=start + timedelta(days=100)))
    today = list(
        bench.provider.balance_report(
            since=datetime.now(UTC) - timedelta(hours=1), until=datetime.now(UTC) + timedelta(hours=1)
        )
    )

    assert [entry.gross for entry in days] == [Decimal(-day - 1) for day in range(0, 100, 10)]
    assert len({entry.entry_id for entry in today}) == len(today) == 600


@pytest.mark.parametrize(
    "change",
    [
        {"transaction_id": None},
        {"transaction_amount": {"currency_code": "EUR", "value": "much"}},
    ],
)
def test_a_report_that_cannot_be_read_is_no_answer(bench, change):
    bench.server.pay_out(Decimal("1.00"))
    line = bench.server.report[-1]
    line.update(change)
    if None in change.values():
        del line["transaction_id"]
    now = datetime.now(UTC)

    with pytest.raises(ProviderUnavailable):
        list(bench.provider.balance_report(since=now - timedelta(hours=1), until=now + timedelta(hours=1)))


def test_a_line_on_the_seam_of_two_windows_is_told_once(bench):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with time_machine.travel(start + timedelta(days=31), tick=False):
        bench.server.pay_out(Decimal("1.00"))

    entries = list(bench.provider.balance_report(since=start, until=start + timedelta(days=62)))

    assert [entry.gross for entry in entries] == [Decimal("-1.00")]
