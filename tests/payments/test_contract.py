"""What every provider must do, asked of each by the same words. A new one joins in benches.BENCHES or benches.EMBEDDED.

`bench` is any of them, `remote` one behind a line that may break.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from donations.payments.contract import (
    ProviderRefused,
    ProviderUnavailable,
    Status,
    WebhookRefused,
)
from tests.payments.benches import BENCHES, EMBEDDED, key, new_payment
from tests.payments.local_server import BEFORE, Fault

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(params=[*BENCHES, *(pytest.param(name, marks=pytest.mark.django_db) for name in EMBEDDED)])
def bench(request):
    return bench_of(request)


@pytest.fixture(params=BENCHES)
def remote(request):
    return bench_of(request)


def bench_of(request):
    fixture, make = (BENCHES | EMBEDDED)[request.param]
    return make(request.getfixturevalue(fixture))


def refusal(call, *args, **options):
    with pytest.raises(ProviderRefused) as error:
        call(*args, **options)
    return error.value


# Paying -----------------------------------------------------------------------------------------------------------


def test_a_payment_is_made_confirmed_and_paid(bench):
    payment = new_payment("19.99")

    made = bench.provider.create(payment, idempotency_key=key())

    assert made.status in (Status.PENDING, Status.REQUIRES_ACTION)
    assert (made.amount, made.captured, made.currency) == (Decimal("19.99"), Decimal("0.00"), "EUR")
    assert (made.reference, made.fee, made.is_test) == (str(payment.reference), None, True)
    assert bench.now(made) == made

    paid = bench.confirm(made)

    assert (paid.provider_payment_id, paid.status) == (made.provider_payment_id, Status.SUCCEEDED)
    assert (paid.amount, paid.captured) == (Decimal("19.99"), Decimal("19.99"))
    assert (paid.fee, paid.error_code, paid.next_action_url) == (bench.fee, "", "")
    assert (paid.refunds, paid.disputes) == ((), ())
    assert bench.now(paid) == paid


@pytest.mark.parametrize("amount", ["0.50", "1.15", "19.99", "1.10", "2.30", "4.35", "8.20", "49999.99"])
def test_amounts_arrive_to_the_cent(bench, amount):
    assert bench.pay(amount).captured == Decimal(amount)


def test_a_paid_payment_is_not_paid_again(bench):
    paid = bench.pay()

    again = bench.provider.confirm(paid.provider_payment_id, method=bench.good, idempotency_key=key())

    assert again == paid


def test_a_declined_payment_takes_nothing_and_can_be_tried_again(bench):
    made = bench.create()
    method = bench.decline(made)

    declined = refusal(bench.provider.confirm, made.provider_payment_id, method=method, idempotency_key=key())

    assert declined.code == bench.decline_code
    after = bench.now(made)
    assert after.status is Status.PENDING
    assert (after.captured, after.refunds, after.disputes) == (Decimal("0.00"), (), ())


def test_a_payment_that_settles_later_is_processing_until_then(remote):
    remote.server.is_slow_to_settle = True
    waiting = remote.pay()
    assert (waiting.status, waiting.captured, waiting.fee) == (Status.PROCESSING, Decimal("0.00"), None)

    remote.server.settle(waiting.provider_payment_id)

    paid = remote.now(waiting)
    assert (paid.status, paid.captured, paid.fee) == (Status.SUCCEEDED, Decimal("19.99"), remote.fee)


def test_an_unpaid_payment_is_cancelled(bench):
    made = bench.create()

    cancelled = bench.provider.cancel(made.provider_payment_id, idempotency_key=key())
    again = bench.provider.cancel(made.provider_payment_id, idempotency_key=key())

    assert cancelled.status is again.status is Status.CANCELLED
    assert (cancelled.captured, cancelled.next_action_url) == (Decimal("0.00"), "")


def test_a_paid_payment_is_not_cancelled(bench):
    paid = bench.pay()

    refusal(bench.provider.cancel, paid.provider_payment_id, idempotency_key=key())

    assert bench.now(paid) == paid


def test_a_payment_that_does_not_exist_is_refused(bench):
    refusal(bench.provider.retrieve, "nothing_of_this_name")


# Lost answers and broken lines ------------------------------------------------------------------------------------


def test_making_a_payment_again_with_its_key_makes_one(remote):
    payment, idempotency_key = new_payment(), key()
    with remote.server.failing(Fault.LOST_ANSWER), pytest.raises(ProviderUnavailable):
        remote.provider.create(payment, idempotency_key=idempotency_key)

    first = remote.provider.create(payment, idempotency_key=idempotency_key)
    second = remote.provider.create(payment, idempotency_key=idempotency_key)

    assert first == second
    assert made_count(remote) == 1


def test_paying_again_with_the_key_of_a_lost_answer_takes_the_money_once(remote):
    made, idempotency_key = remote.create(), key()
    remote.approve(made.provider_payment_id)
    with (
        remote.server.failing(Fault.LOST_ANSWER, path=made.provider_payment_id),
        pytest.raises(ProviderUnavailable),
    ):
        remote.provider.confirm(made.provider_payment_id, method=remote.good, idempotency_key=idempotency_key)

    paid = remote.provider.confirm(
        made.provider_payment_id, method=remote.good, idempotency_key=idempotency_key
    )

    assert (paid.status, paid.captured) == (Status.SUCCEEDED, Decimal("19.99"))
    assert [entry.gross for entry in reported(remote)] == [Decimal("19.99")]


def test_refunding_again_with_the_key_of_a_lost_answer_refunds_once(remote):
    paid, idempotency_key, reference = remote.pay(), key(), uuid4()
    options = {"amount": "5.00", "reference": reference, "idempotency_key": idempotency_key}
    with remote.server.failing(Fault.LOST_ANSWER, path="refund"), pytest.raises(ProviderUnavailable):
        remote.refund(paid, **options)

    refund = remote.refund(paid, **options)

    assert remote.now(paid).refunds == (refund,)
    assert refund.amount == Decimal("5.00")


def test_the_same_call_again_is_the_same_payment_and_the_same_refund(bench):
    payment, keys, reference = new_payment("20.00"), [key() for _ in range(3)], uuid4()
    made = [bench.provider.create(payment, idempotency_key=keys[0]) for _ in range(2)]
    bench.approve(made[0].provider_payment_id)
    paid = [
        bench.provider.confirm(made[0].provider_payment_id, method=bench.good, idempotency_key=keys[1])
        for _ in range(2)
    ]
    refunds = [bench.refund(paid[0], "5.00", reference=reference, idempotency_key=keys[2]) for _ in range(2)]

    assert made[0] == made[1]
    assert paid[0] == paid[1]
    assert refunds[0] == refunds[1]
    assert bench.now(made[0]).refunds == (refunds[0],)
    assert sorted(entry.gross for entry in reported(bench)) == [Decimal("-5.00"), Decimal("20.00")]


@pytest.mark.parametrize("fault", Fault)
def test_every_broken_line_is_told_apart_from_a_refusal(remote, fault):
    made = remote.create()
    remote.approve(made.provider_payment_id)
    provider = remote.with_settings(timeout=0.2)

    with remote.server.failing(fault), pytest.raises(ProviderUnavailable):
        provider.confirm(made.provider_payment_id, method=remote.good, idempotency_key=key())
    with remote.server.failing(fault), pytest.raises(ProviderUnavailable):
        provider.retrieve(made.provider_payment_id)


@pytest.mark.parametrize("fault", BEFORE)
def test_a_call_that_did_not_arrive_changes_nothing(remote, fault):
    made = remote.create()
    remote.approve(made.provider_payment_id)

    with remote.server.failing(fault), pytest.raises(ProviderUnavailable):
        remote.provider.confirm(made.provider_payment_id, method=remote.good, idempotency_key=key())

    assert remote.now(made).captured == Decimal("0.00")
    assert reported(remote) == []


def test_a_server_that_is_gone_is_unavailable(remote):
    remote.provider.check_health()
    gone = remote.with_settings(api_endpoint="http://127.0.0.1:9")

    with pytest.raises(ProviderUnavailable):
        gone.check_health()


def test_wrong_credentials_are_refused(remote):
    wrong = dict.fromkeys(remote.settings.credentials, "not-this")

    refusal(remote.with_settings(credentials=wrong).check_health)
    refusal(remote.with_settings(credentials={}).check_health)


# Notifications ----------------------------------------------------------------------------------------------------


def test_a_genuine_notification_is_believed(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)

    notification = bench.provider.verify_webhook(body=body, headers=headers, now=now)

    assert notification.event_type == bench.paid_event
    assert notification.provider_payment_id == paid.provider_payment_id
    assert notification.event_id == json.loads(body)["id"]
    assert notification.created_at == now.replace(microsecond=0)


def test_header_names_may_be_written_in_any_case(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)
    lower = {name.lower(): value for name, value in headers.items()}

    assert bench.provider.verify_webhook(body=body, headers=lower, now=now)


def test_refunds_and_disputes_are_notified_by_payment(bench):
    paid, now = bench.pay("20.00"), datetime.now(UTC)
    bench.refund(paid, "5.00")
    bench.server.open_dispute(paid.provider_payment_id)

    for event in (bench.refund_event, bench.dispute_event):
        body, headers = bench.webhook(event, paid, at=now)
        notification = bench.provider.verify_webhook(body=body, headers=headers, now=now)
        assert notification.provider_payment_id == paid.provider_payment_id


def test_a_notification_about_no_payment_names_none(remote):
    now = datetime.now(UTC)
    if remote.name == "stripe":
        remote.server.pay_out(Decimal("5.00"))
    body, headers = remote.webhook(remote.other_event, None, at=now)

    assert remote.provider.verify_webhook(body=body, headers=headers, now=now).provider_payment_id == ""


def test_a_changed_body_is_refused(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body + b" ", headers=headers, now=now)


def test_a_notification_of_another_secret_is_refused(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now, secret="somebody_elses")

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_nothing_is_believed_while_our_secret_is_not_known(remote):
    paid, now = remote.pay(), datetime.now(UTC)
    body, headers = remote.webhook(remote.paid_event, paid, at=now, secret="")

    with pytest.raises(WebhookRefused):
        remote.with_settings(webhook_secret="").verify_webhook(body=body, headers=headers, now=now)


@pytest.mark.parametrize(("age", "is_believed"), [(299, True), (301, False), (-299, True), (-301, False)])
def test_only_a_fresh_notification_is_believed(bench, age, is_believed):
    paid, sent_at = bench.pay(), datetime.now(UTC).replace(microsecond=0)
    body, headers = bench.webhook(bench.paid_event, paid, at=sent_at)
    now = sent_at + timedelta(seconds=age)

    if is_believed:
        assert bench.provider.verify_webhook(body=body, headers=headers, now=now)
    else:
        with pytest.raises(WebhookRefused):
            bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_a_notification_of_the_other_mode_is_refused(bench):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now, livemode=True)

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


@pytest.mark.parametrize("missing", range(5))
def test_a_notification_without_one_of_its_headers_is_refused(bench, missing):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now)
    name = list(headers)[missing % len(headers)]

    for changed in ({**headers, name: ""}, {k: v for k, v in headers.items() if k != name}):
        with pytest.raises(WebhookRefused):
            bench.provider.verify_webhook(body=body, headers=changed, now=now)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: [],
        lambda event: None,
        lambda event: {},
        lambda event: dict.fromkeys(event),
        lambda event: {name: [] for name in event},
        lambda event: {name: {} for name in event},
        lambda event: dict.fromkeys(event, "1"),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(bench, change):
    paid, now = bench.pay(), datetime.now(UTC)
    body, headers = bench.webhook(bench.paid_event, paid, at=now, change=change)

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


def test_health_is_asked_for(bench):
    assert bench.provider.check_health() is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"[1]"])
def test_any_other_bytes_are_refused(bench, body):
    paid, now = bench.pay(), datetime.now(UTC)
    _, headers = bench.webhook(bench.paid_event, paid, at=now)

    with pytest.raises(WebhookRefused):
        bench.provider.verify_webhook(body=body, headers=headers, now=now)


# The provider's own account of our money --------------------------------------------------------------------------


def test_the_report_holds_every_movement_once(remote):
    payment = new_payment("20.00")
    paid = remote.confirm(remote.provider.create(payment, idempotency_key=key()))
    remote.refund(paid, "5.00")
    remote.server.pay_out(Decimal("10.00"))

    entries = {entry.kind: entry for entry in reported(remote)}

    assert set(entries) == {"payment", "refund", "payout"}
    assert len({entry.entry_id for entry in entries.values()}) == 3
    kept = entries["payment"]
    assert (kept.gross, kept.fee, kept.net) == (Decimal("20.00"), paid.fee, Decimal("20.00") - paid.fee)
    assert [entries[kind].gross for kind in ("refund", "payout")] == [Decimal("-5.00"), Decimal("-10.00")]
    for kind in ("payment", "refund"):
        entry = entries[kind]
        ours = {"stripe": entry.provider_payment_id, "paypal": entry.reference}[remote.name]
        assert ours == {"stripe": paid.provider_payment_id, "paypal": str(payment.reference)}[remote.name]


def test_the_report_keeps_to_its_bounds(bench):
    bench.pay("20.00")
    now = datetime.now(UTC)

    before = list(bench.provider.balance_report(since=now - timedelta(days=90), until=now - HALF_AN_HOUR))
    after = list(bench.provider.balance_report(since=now + HALF_AN_HOUR, until=now + timedelta(days=1)))

    assert before == after == []
    assert len(reported(bench)) == 1


def test_a_dispute_in_the_report_sums_to_what_stays_lost(bench):
    paid = bench.pay("20.00")
    dispute_id = bench.server.open_dispute(paid.provider_payment_id)
    bench.server.lose_dispute(dispute_id, Decimal("8.00"))

    entries = reported(bench)

    assert sum(entry.gross for entry in entries if entry.kind == "dispute") == Decimal("-8.00")
    kept = paid.fee + bench.dispute_fee
    assert sum(entry.net for entry in entries) == Decimal("20.00") - Decimal("8.00") - kept


def reported(bench):
    now = datetime.now(UTC)
    return list(bench.provider.balance_report(since=now - timedelta(days=40), until=now + HALF_AN_HOUR))


def made_count(bench):
    if bench.name == "stripe":
        return len(bench.server.of("payment_intent"))
    return len(bench.server.orders)
