"""The sandbox: kept cards, its account, and what its tables refuse."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from donations.payments.contract import (
    ProviderRefused,
    Status,
)
from donations.payments.sandbox.cards import CARDS
from donations.payments.sandbox.models import (
    SandboxMethod,
    SandboxPayment,
)
from donations.payments.sandbox.operations import disputes, settling
from tests.payments.sandboxes import (
    NOW,
    created,
    fresh_key,
    kinds,
    paid,
    refused,
    row_of,
    sandbox,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


# Kept cards -------------------------------------------------------------------------------------------------------


def test_a_kept_card_pays_again_without_its_holder():
    payer = uuid4()
    first = paid("mastercard", payer=payer, save_method=True)
    assert first.method.token
    assert first.method.customer == f"customer_{payer.hex}"

    again = created(
        payer=payer,
        saved_method=first.method.token,
        customer=first.method.customer,
        is_off_session=True,
        amount="12.00",
    )

    assert (again.status, again.captured, again.method) == (
        Status.SUCCEEDED,
        Decimal("12.00"),
        first.method,
    )
    assert SandboxMethod.objects.count() == 1


def test_a_kept_card_chosen_by_its_holder_is_charged_on_confirmation():
    payer = uuid4()
    kept = paid(payer=payer, save_method=True).method

    made = created(payer=payer, saved_method=kept.token, customer=kept.customer)
    assert (made.status, made.captured, made.method) == (Status.PENDING, 0, kept)

    state = sandbox().confirm(made.provider_payment_id, method="", idempotency_key=fresh_key())
    assert (state.status, state.method) == (Status.SUCCEEDED, kept)


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("only_present", "card_declined"),
        ("no_money", "insufficient_funds"),
        ("asks", "authentication_required"),
    ],
)
def test_a_card_that_fails_without_its_holder_ends_the_payment(slug, code):
    with pytest.raises(ProviderRefused) as error:
        created(saved_method=f"test_{slug}", is_off_session=True)

    state = sandbox().retrieve(error.value.provider_payment_id)
    assert error.value.code == code
    assert (state.status, state.error_code, state.captured) == (Status.FAILED, code, 0)
    assert kinds(state) == ["payment.failed"]


def test_a_card_good_only_in_presence_pays_in_presence():
    assert paid("only_present").status == Status.SUCCEEDED


def test_nobody_pays_with_another_ones_card():
    kept = paid(save_method=True).method

    theirs = {"saved_method": kept.token, "is_off_session": True}
    assert refused(created, **theirs) == "payment_method_unknown"
    assert refused(created, **theirs, customer=kept.customer) == "payment_method_unknown"
    mine = created()
    confirm = {"method": kept.token, "idempotency_key": fresh_key()}
    assert refused(sandbox().confirm, mine.provider_payment_id, **confirm) == "payment_method_unknown"


def test_a_forgotten_card_pays_no_more():
    payer = uuid4()
    kept = paid(payer=payer, save_method=True).method
    sandbox().forget_method(token=kept.token, customer="somebody_else")
    assert created(payer=payer, saved_method=kept.token).method == kept

    sandbox().forget_method(token=kept.token, customer=kept.customer)

    assert refused(created, payer=payer, saved_method=kept.token) == "payment_method_unknown"


def test_a_card_is_kept_only_when_that_was_agreed():
    assert paid().method.token == ""
    assert not SandboxMethod.objects.exists()


# The account ------------------------------------------------------------------------------------------------------


def test_the_balance_report_tells_every_movement(clock):
    plain = paid("slow_refund")
    clock.shift(timedelta(hours=1))
    sandbox().refund(
        plain.provider_payment_id, amount=Decimal("8.00"), reference=uuid4(), idempotency_key=fresh_key()
    )
    settling.settle_due(now=NOW + timedelta(hours=2))
    clock.move_to(NOW + timedelta(hours=3))
    disputed = paid("disputed", amount="10.00")
    half = {"dispute_id": disputed.disputes[0].provider_dispute_id, "lost_amount": Decimal("4.00")}
    disputes.decide_dispute(**half, now=NOW + timedelta(hours=4))
    created()

    report = sandbox().balance_report(since=NOW, until=NOW + timedelta(hours=5))

    assert [(each.kind, each.gross, each.fee, each.net) for each in report] == [
        ("payment", Decimal("50.00"), Decimal("1.75"), Decimal("48.25")),
        ("refund", Decimal("-8.00"), Decimal("0.00"), Decimal("-8.00")),
        ("dispute", Decimal("-10.00"), Decimal("15.00"), Decimal("-25.00")),
        ("payment", Decimal("10.00"), Decimal("0.59"), Decimal("9.41")),
        ("dispute", Decimal("6.00"), Decimal("0.00"), Decimal("6.00")),
    ]
    assert {each.provider_payment_id for each in report} == {
        plain.provider_payment_id,
        disputed.provider_payment_id,
    }
    assert {each.reference for each in report} == {plain.reference, disputed.reference}
    assert len({each.entry_id for each in report}) == 5
    first_half = list(sandbox().balance_report(since=NOW, until=NOW + timedelta(hours=3)))
    second_half = list(
        sandbox().balance_report(since=NOW + timedelta(hours=3), until=NOW + timedelta(hours=5))
    )
    assert first_half + second_half == list(report)


# What the database itself refuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "impossible",
    [
        {"amount": Decimal("0.00")},
        {"status": "succeeded"},
        {"status": "processing"},
        {"fee": Decimal("1.00")},
        {"status": "requires_action", "card": ""},
    ],
)
def test_impossible_payments_cannot_be_stored(impossible):
    row = row_of(created())

    with pytest.raises(IntegrityError), transaction.atomic():
        SandboxPayment.objects.filter(pk=row.pk).update(**impossible)


def test_card_numbers_are_told_apart_and_well_formed():
    numbers = [card.number for card in CARDS.values()]

    assert len(set(numbers)) == len(numbers)
    assert all(luhn(number) == 0 for number in numbers)
    assert all(CARDS[card.slug] is card for card in CARDS.values())


def luhn(number):
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]) % 10
