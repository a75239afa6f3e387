"""The sandbox keeps the contract of a provider."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from donations.payments.contract import (
    DisputeStatus,
    ProviderRefused,
    ProviderUnavailable,
    RefundStatus,
    Status,
)
from donations.payments.sandbox.models import (
    SandboxPayment,
)
from donations.payments.sandbox.operations import disputes, payments, refunds, settling
from tests.factories.ids import UNKNOWN_ID
from tests.payments.sandboxes import (
    NOW,
    created,
    everything,
    fresh_key,
    kinds,
    new_payment,
    paid,
    refused,
    row_of,
    sandbox,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


# Making and paying ------------------------------------------------------------------------------------------------


def test_a_new_payment_waits_for_its_payer():
    new = new_payment(return_url="https://goodplay.example/back", cancel_url="http://127.0.0.1:3000/no")

    state = sandbox().create(new, idempotency_key=fresh_key())

    row = row_of(state)
    assert (state.status, state.amount, state.captured, state.currency) == (
        Status.PENDING,
        Decimal("50.00"),
        Decimal("0.00"),
        "EUR",
    )
    assert (state.reference, state.fee, state.method, state.is_test) == (str(new.reference), None, None, True)
    assert state.next_action_url == f"http://127.0.0.1:9/sandbox/pay/{row.pk}/{row.token}/"
    assert state.client_secret == f"{row.pk}_secret_{row.token}"
    assert len(row.token) >= 40
    assert sandbox().retrieve(state.provider_payment_id) == state


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": "0.49"}, "amount_too_small"),
        ({"method": "paypal"}, "payment_method_not_supported"),
        ({"return_url": "javascript:alert(1)"}, "url_invalid"),
        ({"cancel_url": "https://"}, "url_invalid"),
        ({"return_url": "//elsewhere.example/"}, "url_invalid"),
        ({"return_url": "http://[broken/"}, "url_invalid"),
        ({"return_url": "https://goodplay.example/" + "x" * 2000}, "url_invalid"),
        ({"saved_method": "kept_by_nobody"}, "payment_method_unknown"),
        ({"saved_method": "test_no_such_card"}, "payment_method_unknown"),
        ({"is_off_session": True}, "payment_method_required"),
    ],
)
def test_create_refuses(changes, code):
    assert refused(created, **changes) == code


def test_a_paid_payment_says_what_was_kept_and_by_which_card():
    state = paid("mastercard")

    assert (state.status, state.captured, state.fee) == (Status.SUCCEEDED, Decimal("50.00"), Decimal("1.75"))
    assert (state.method.kind, state.method.brand, state.method.last4) == ("card", "mastercard", "4444")
    assert (state.method.expires_on, state.method.token, state.next_action_url) == ("2039-12", "", "")
    assert kinds(state) == ["payment.succeeded"]


def test_a_long_description_is_shown_in_part():
    assert row_of(created(description="à" * 5000)).description == "à" * 500


def test_the_fee_is_the_one_of_the_configured_account():
    provider = sandbox(fee_percentage=Decimal("1.5"), fee_fixed=Decimal("0.25"))
    made = provider.create(new_payment("10.01"), idempotency_key=fresh_key())

    state = provider.confirm(made.provider_payment_id, method="test_succeeds", idempotency_key=fresh_key())

    assert state.fee == Decimal("0.40")  # 0.15015 + 0.25


@pytest.mark.parametrize(
    ("slug", "code"),
    [("declined", "card_declined"), ("no_money", "insufficient_funds"), ("expired", "expired_card")],
)
def test_a_declined_card_leaves_the_payment_open_for_another(slug, code):
    made = created()

    with pytest.raises(ProviderRefused) as error:
        sandbox().confirm(made.provider_payment_id, method=f"test_{slug}", idempotency_key=fresh_key())

    state = sandbox().retrieve(made.provider_payment_id)
    assert (error.value.code, error.value.provider_payment_id) == (code, made.provider_payment_id)
    assert (state.status, state.error_code, state.captured, state.method) == (Status.PENDING, code, 0, None)
    assert state.error_message.endswith("Use another one.")
    assert kinds(state) == ["payment.failed"]
    state = sandbox().confirm(made.provider_payment_id, method="test_succeeds", idempotency_key=fresh_key())
    assert (state.status, state.error_code) == (Status.SUCCEEDED, "")


def test_confirm_without_a_card_answers_what_stands():
    made = created()

    assert sandbox().confirm(made.provider_payment_id, method="", idempotency_key=fresh_key()) == made
    done = paid()
    again = sandbox().confirm(done.provider_payment_id, method="test_declined", idempotency_key=fresh_key())
    assert again == done


def test_a_payment_that_asks_keeps_asking_until_it_is_answered():
    state = paid("asks")
    row = row_of(state)

    assert state.status == Status.REQUIRES_ACTION
    assert state.next_action_url == f"http://127.0.0.1:9/sandbox/pay/{row.pk}/{row.token}/authenticate/"
    same = sandbox().confirm(state.provider_payment_id, method="", idempotency_key=fresh_key())
    assert same == state
    payments.authenticate(payment_id=row.pk, is_holder=True, now=NOW)
    assert sandbox().retrieve(state.provider_payment_id).status == Status.SUCCEEDED


@pytest.mark.parametrize(("slug", "is_holder"), [("asks", False), ("asks_in_vain", True)])
def test_a_failed_authentication_leaves_the_payment_open(slug, is_holder):
    state = paid(slug)

    payments.authenticate(payment_id=row_of(state).pk, is_holder=is_holder, now=NOW)

    state = sandbox().retrieve(state.provider_payment_id)
    assert (state.status, state.error_code) == (Status.PENDING, "authentication_failed")


@pytest.mark.parametrize(
    ("slug", "status", "error", "last"),
    [
        ("slow", Status.SUCCEEDED, "", "payment.succeeded"),
        ("slow_failure", Status.FAILED, "payment_failed", "payment.failed"),
    ],
)
def test_a_slow_payment_is_decided_when_its_time_has_come(clock, slug, status, error, last):
    state = paid(slug)

    assert state.status == Status.PROCESSING
    clock.shift(timedelta(seconds=19))
    assert sandbox().retrieve(state.provider_payment_id).status == Status.PROCESSING
    clock.shift(timedelta(seconds=1))
    decided = sandbox().retrieve(state.provider_payment_id)
    assert (decided.status, decided.error_code) == (status, error)
    assert kinds(state) == ["payment.processing", last]


def test_the_job_decides_what_is_due_once(clock):
    slow, slower = paid("slow"), paid("slow_refund")
    sandbox().refund(
        slower.provider_payment_id, amount=Decimal("5.00"), reference=uuid4(), idempotency_key=fresh_key()
    )

    assert settling.settle_due(now=NOW + timedelta(seconds=19)) == 0
    assert settling.settle_due(now=NOW + timedelta(seconds=20)) == 2
    assert settling.settle_due(now=NOW + timedelta(seconds=21)) == 0
    assert row_of(slow).succeeded_at == NOW + timedelta(seconds=20)
    assert kinds(slow) == ["payment.processing", "payment.succeeded"]


@pytest.mark.parametrize("slug", ["", "asks"])
def test_an_open_payment_can_be_cancelled_again_and_again(slug):
    state = paid(slug) if slug else created()

    first = sandbox().cancel(state.provider_payment_id, idempotency_key=fresh_key())
    again = sandbox().cancel(state.provider_payment_id, idempotency_key=fresh_key())

    assert (first.status, first.next_action_url) == (Status.CANCELLED, "")
    assert again == first
    assert kinds(state) == ["payment.canceled"]


@pytest.mark.parametrize("slug", ["succeeds", "slow"])
def test_a_payment_on_its_way_cannot_be_cancelled(slug):
    state = paid(slug)

    code = refused(sandbox().cancel, state.provider_payment_id, idempotency_key=fresh_key())
    assert code == "payment_unexpected_state"


def test_a_cancelled_payment_takes_no_card():
    state = created()
    sandbox().cancel(state.provider_payment_id, idempotency_key=fresh_key())

    code = refused(
        sandbox().confirm, state.provider_payment_id, method="test_succeeds", idempotency_key=fresh_key()
    )
    assert code == "payment_unexpected_state"


@pytest.mark.parametrize("payment_id", ["", "nonsense", UNKNOWN_ID])
def test_payments_nobody_made_are_refused(payment_id):
    key = fresh_key()

    assert refused(sandbox().retrieve, payment_id) == "resource_missing"
    assert refused(sandbox().cancel, payment_id, idempotency_key=key) == "resource_missing"
    assert refused(sandbox().confirm, payment_id, method="", idempotency_key=key) == "resource_missing"


# Breaking down ----------------------------------------------------------------------------------------------------


def test_a_breakdown_before_leaves_nothing_behind():
    made, before = created(), everything()

    with pytest.raises(ProviderUnavailable):
        sandbox().confirm(made.provider_payment_id, method="test_broken", idempotency_key=fresh_key())

    assert everything() == before


def test_a_lost_answer_is_given_when_the_call_is_made_again():
    made, key = created(), fresh_key()

    with pytest.raises(ProviderUnavailable):
        sandbox().confirm(made.provider_payment_id, method="test_answer_lost", idempotency_key=key)

    state = sandbox().confirm(made.provider_payment_id, method="test_answer_lost", idempotency_key=key)
    assert state.status == Status.SUCCEEDED
    assert kinds(state) == ["payment.succeeded"]


# Idempotency ------------------------------------------------------------------------------------------------------


def test_calls_made_again_have_one_effect():
    new, key = new_payment(), fresh_key()
    first = sandbox().create(new, idempotency_key=key)
    assert sandbox().create(new, idempotency_key=key) == first
    assert sandbox().create(replace(new, amount=Decimal("50.0")), idempotency_key=key) == first
    assert SandboxPayment.objects.count() == 1

    paid_id, key = paid().provider_payment_id, fresh_key()
    refund = {"amount": Decimal("20"), "reference": uuid4(), "idempotency_key": key}
    given = sandbox().refund(paid_id, **refund)
    assert sandbox().refund(paid_id, **refund | {"amount": Decimal("20.00")}) == given
    assert len(sandbox().retrieve(paid_id).refunds) == 1


def test_a_refusal_is_repeated_without_trying_the_card_again():
    made, key = created(), fresh_key()

    for _ in range(2):
        with pytest.raises(ProviderRefused, match="declined"):
            sandbox().confirm(made.provider_payment_id, method="test_declined", idempotency_key=key)

    assert kinds(made) == ["payment.failed"]


def test_a_key_serves_one_call_only():
    key = fresh_key()
    made = sandbox().create(new_payment(), idempotency_key=key)

    assert refused(sandbox().create, new_payment(), idempotency_key=key) == "idempotency_key_reused"
    code = refused(sandbox().cancel, made.provider_payment_id, idempotency_key=key)
    assert code == "idempotency_key_reused"


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_call_needs_a_key(key):
    assert refused(sandbox().create, new_payment(), idempotency_key=key) == "idempotency_key_invalid"


@pytest.mark.race
def test_twins_of_one_call_have_one_effect(real_transactions):
    new, key = new_payment(), fresh_key()

    states = at_once(6, lambda number: sandbox().create(new, idempotency_key=key))

    assert len({state.provider_payment_id for state in states}) == 1
    assert SandboxPayment.objects.count() == 1


@pytest.mark.race
def test_refunds_at_once_never_give_back_more_than_was_paid(real_transactions):
    payment_id = paid().provider_payment_id

    def refund(number):
        return sandbox().refund(
            payment_id, amount=Decimal("20.00"), reference=uuid4(), idempotency_key=fresh_key()
        )

    results = at_once(5, refund)

    assert sum(isinstance(result, ProviderRefused) for result in results) == 3
    assert sum(refund.amount for refund in sandbox().retrieve(payment_id).refunds) == Decimal("40.00")


# Refunds ----------------------------------------------------------------------------------------------------------


def test_refunds_add_up_to_what_was_paid_and_no_further():
    payment_id, reference = paid().provider_payment_id, uuid4()

    first = sandbox().refund(
        payment_id, amount=Decimal("20.00"), reference=reference, idempotency_key=fresh_key()
    )
    too_much = {"amount": Decimal("30.01"), "reference": uuid4(), "idempotency_key": fresh_key()}
    assert refused(sandbox().refund, payment_id, **too_much) == "refund_amount_invalid"
    at_the_provider = refunds.refund_rest(payment_id=row_of(sandbox().retrieve(payment_id)).pk, now=NOW)

    assert (first.status, first.amount, first.reference) == (
        RefundStatus.SUCCEEDED,
        Decimal("20.00"),
        str(reference),
    )
    state = sandbox().retrieve(payment_id)
    assert [refund.reference for refund in state.refunds] == [str(reference), ""]
    assert state.refunds[1].provider_refund_id == str(at_the_provider.pk)
    assert sum(refund.amount for refund in state.refunds) == state.captured
    assert kinds(state) == ["payment.succeeded", "refund.updated", "refund.updated"]


@pytest.mark.parametrize(
    ("slug", "status"),
    [("slow_refund", RefundStatus.SUCCEEDED), ("failing_refund", RefundStatus.FAILED)],
)
def test_a_slow_refund_is_pending_first(clock, slug, status):
    payment_id = paid(slug).provider_payment_id

    made = sandbox().refund(
        payment_id, amount=Decimal("50.00"), reference=uuid4(), idempotency_key=fresh_key()
    )
    assert made.status == RefundStatus.PENDING
    clock.shift(timedelta(seconds=20))
    state = sandbox().retrieve(payment_id)

    assert [refund.status for refund in state.refunds] == [status]
    assert kinds(state) == ["payment.succeeded", "refund.updated", "refund.updated"]


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_refund_of_nothing_is_refused(amount):
    refund = {"amount": Decimal(amount), "reference": uuid4(), "idempotency_key": fresh_key()}

    assert refused(sandbox().refund, paid().provider_payment_id, **refund) == "refund_amount_invalid"


def test_a_reference_is_refunded_once_even_under_another_key():
    payment_id, reference = paid().provider_payment_id, uuid4()
    refund = {"amount": Decimal("1.00"), "reference": reference}
    sandbox().refund(payment_id, **refund, idempotency_key=fresh_key())

    code = refused(sandbox().refund, payment_id, **refund, idempotency_key=fresh_key())
    assert code == "refund_reference_used"


def test_an_unpaid_payment_cannot_be_refunded():
    refund = {"amount": Decimal("1.00"), "reference": uuid4(), "idempotency_key": fresh_key()}

    assert refused(sandbox().refund, created().provider_payment_id, **refund) == "payment_unexpected_state"


# Disputes ---------------------------------------------------------------------------------------------------------


def test_a_disputed_payment_is_disputed_at_once():
    state = paid("disputed")

    [dispute] = state.disputes
    assert (state.status, dispute.status, dispute.reason) == (
        Status.SUCCEEDED,
        DisputeStatus.OPEN,
        "fraudulent",
    )
    assert (dispute.amount, dispute.fee, dispute.lost_amount) == (Decimal("50.00"), Decimal("15.00"), 0)
    assert kinds(state) == ["payment.succeeded", "dispute.opened"]


@pytest.mark.parametrize(
    ("lost", "status"),
    [("0.00", DisputeStatus.WON), ("50.00", DisputeStatus.LOST), ("12.34", DisputeStatus.LOST)],
)
def test_a_dispute_is_decided(lost, status):
    state = paid("disputed")

    disputes.decide_dispute(
        dispute_id=state.disputes[0].provider_dispute_id, lost_amount=Decimal(lost), now=NOW
    )

    state = sandbox().retrieve(state.provider_payment_id)
    assert [(each.status, each.lost_amount) for each in state.disputes] == [(status, Decimal(lost))]
    assert kinds(state)[-1] == "dispute.closed"


def test_a_dispute_takes_what_refunds_left_and_blocks_refunds():
    payment_id = paid().provider_payment_id
    sandbox().refund(payment_id, amount=Decimal("20.00"), reference=uuid4(), idempotency_key=fresh_key())

    dispute = disputes.open_dispute(payment_id=payment_id, now=NOW)

    assert dispute.amount == Decimal("30.00")
    refund = {"amount": Decimal("1.00"), "reference": uuid4(), "idempotency_key": fresh_key()}
    assert refused(sandbox().refund, payment_id, **refund) == "charge_disputed"
    with pytest.raises(disputes.AlreadyDisputed):
        disputes.open_dispute(payment_id=payment_id, now=NOW)
    with pytest.raises(disputes.LossImpossible):
        disputes.decide_dispute(dispute_id=dispute.pk, lost_amount=Decimal("30.01"), now=NOW)
    disputes.decide_dispute(dispute_id=dispute.pk, lost_amount=Decimal("10.00"), now=NOW)
    with pytest.raises(disputes.DisputeDecided):
        disputes.decide_dispute(dispute_id=dispute.pk, lost_amount=Decimal("0.00"), now=NOW)
    rest = sandbox().refund(
        payment_id, amount=Decimal("20.00"), reference=uuid4(), idempotency_key=fresh_key()
    )
    assert rest.status == RefundStatus.SUCCEEDED
    with pytest.raises(disputes.NothingToDispute):
        disputes.open_dispute(payment_id=payment_id, now=NOW)
