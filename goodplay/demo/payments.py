"""Own money: top-ups, gifts by card, what became of them; paid with the sandbox's test cards, on the dates of the past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F

from accounts.models import Onlus, User
from donations.models import Campaign, GivingPool, PaymentIntent, RecurringDonation, SavedPaymentMethod
from donations.operations import (
    giving,
    payment_confirming,
    payment_exchange,
    payment_intents,
    payment_providers,
    payment_refunds,
    recurring,
    refunds,
    webhooks,
)
from donations.payments.sandbox import signatures
from donations.payments.sandbox.models import (
    SandboxEvent,
    SandboxMethod,
    SandboxPayment,
    SandboxRefund,
    SandboxRequest,
)
from donations.payments.sandbox.operations import disputes
from donations.payments.sandbox.operations import payments as sandbox
from donations.payments.sandbox.queries import signing_secret
from donations.queries.recurring import due_charges, due_notices
from goodplay.demo import people
from goodplay.demo.history import History, Scene
from goodplay.lib.time import rome_day

GIULIA, MARCO, CHIARA, LUCA, SOFIA, MATTEO, ELENA, DAVIDE, EMMA, TOMMASO, ANNA, JONAS = people.PLAYERS
WOODS, KITCHEN, SCHOOL, SHELTER, SEA, HOMES, MUSIC, PEACE, GARDENS = range(9)
RECURRING_FOR = 45  # days
ABANDONED = "Changed my mind"


def scenes(history: History) -> list[Scene]:
    """Tell who paid what, oldest first. What lies before the story's first day is left out."""
    told = [
        (history.ago(days, 9 + place % 11, 7 * place % 60), act)
        for place, (days, act) in enumerate(_told(history))
    ]
    told += [
        (history.ago(days, 6, 30), partial(_carry_out_recurring, history)) for days in range(RECURRING_FOR)
    ]
    return [scene for scene in told if history.start + timedelta(days=1) < scene[0] < history.now]


def _told(history: History) -> list[tuple[int, Callable[[datetime], None]]]:
    top_up, gift = partial(partial, _top_up, history), partial(partial, _gift, history)
    return [
        (58, top_up(GIULIA, "30.00", card="mastercard", save_method=True)),
        (56, gift(MARCO, KITCHEN, "25.00", cover_fees=True, is_for_campaign=True)),
        (54, top_up(EMMA, "60.00", card="asks")),
        (53, gift(CHIARA, WOODS, "30.00", is_for_campaign=True, message="Per il bosco di Tesero.")),
        (52, gift(ANNA, SCHOOL, "40.00", is_anonymous=True)),
        (51, top_up(LUCA, "20.00", card="declined")),
        (51, top_up(LUCA, "20.00")),
        (50, gift(ELENA, SHELTER, "18.00", cover_fees=True)),
        (49, gift(JONAS, SEA, "35.00", in_honour_of="Oma Trude")),
        (47, gift(SOFIA, MUSIC, "22.00")),
        (45, partial(_promise, history)),
        (44, partial(_give_to_pool, history)),
        (41, top_up(MATTEO, "60.00")),
        (39, partial(_dispute, history)),
        (37, top_up(DAVIDE, "35.00")),
        (36, partial(_refund_top_up, history)),
        (30, gift(SOFIA, PEACE, "15.00")),
        (30, partial(_cancel_gift, history)),
        (28, gift(JONAS, HOMES, "50.00")),
        (27, partial(_refund_by_staff, history)),
        (25, partial(_win_dispute, history)),
        (20, gift(CHIARA, WOODS, "24.00", cover_fees=True, is_for_campaign=True)),
        (18, partial(_abandon, history)),
        (12, top_up(EMMA, "100.00", card="asks")),
        (10, gift(ANNA, GARDENS, "15.00", is_for_campaign=True)),
        (8, gift(LUCA, MUSIC, "12.00")),
        (6, top_up(MARCO, "200.00")),
        (5, partial(_give_much, history)),
        (4, gift(DAVIDE, PEACE, "180.00")),
        (2, gift(ELENA, KITCHEN, "20.00", cover_fees=True)),
        (1, top_up(TOMMASO, "25.00", card="mastercard")),
    ]


# Paying -----------------------------------------------------------------------------------------------------------


def _top_up(
    history: History,
    player: people.Player,
    amount: str,
    moment: datetime,
    *,
    card: str = "succeeds",
    **options: Any,
) -> None:
    user = history.players[player.email]
    intent = payment_intents.start_top_up(player=user, amount=Decimal(amount), now=moment, **options)
    _pay(history, user, intent, card, moment)


def _gift(
    history: History,
    player: people.Player,
    place: int,
    amount: str,
    moment: datetime,
    *,
    is_for_campaign: bool = False,
    **options: Any,
) -> None:
    user, onlus = history.players[player.email], history.organisations[place]
    if is_for_campaign:
        options["campaign_id"] = Campaign.objects.get(onlus=onlus).pk
    intent = payment_intents.start_gift_payment(
        donor=user, onlus_id=onlus.pk, amount=Decimal(amount), now=moment, **options
    )
    _pay(history, user, intent, "succeeds", moment)


def _pay(history: History, user: User, intent: PaymentIntent, card: str, moment: datetime) -> None:
    """Show a test card, and say yes when the bank asks. A declined card leaves the payment as it is."""
    try:
        payment_confirming.confirm(player=user, intent_id=intent.pk, method=f"test_{card}", now=moment)
    except payment_confirming.PaymentRequiresAction:
        payment_id = UUID(PaymentIntent.objects.get(pk=intent.pk).provider_payment_id)
        sandbox.authenticate(payment_id=payment_id, is_holder=True, now=moment)
    except payment_confirming.PaymentFailed:
        payment_exchange.cancel(player=user, intent_id=intent.pk, reason=ABANDONED, now=moment)
    hear(history, moment)


def hear(history: History, moment: datetime) -> None:
    """Date what the sandbox did, and bring its notifications to the inbox: it reads the clock, as providers do."""
    for rows, column in (
        (SandboxPayment, "created_at"),
        (SandboxPayment, "succeeded_at"),
        (SandboxRefund, "created_at"),
        (SandboxRefund, "succeeded_at"),
        (SandboxMethod, "created_at"),
        (SandboxRequest, "created_at"),
        (SandboxEvent, "created_at"),
    ):
        rows.objects.filter(**{f"{column}__gt": history.now}).update(**{column: moment})
    for event in SandboxEvent.objects.filter(delivered_at=None).order_by("pk"):
        _hear_one(event, moment)


def _hear_one(event: SandboxEvent, moment: datetime) -> None:
    body = event.body.encode()
    headers = {signatures.HEADER: signatures.sign(body, secret=signing_secret(), now=moment)}
    stored = webhooks.accept(provider_type="sandbox", body=body, headers=headers, now=moment)
    SandboxEvent.objects.filter(pk=event.pk).update(
        delivered_at=moment, next_attempt_at=None, attempts=F("attempts") + 1, last_error=""
    )
    if stored:
        webhooks.process(event_id=stored, now=moment)


# What became of it ------------------------------------------------------------------------------------------------


def _latest(history: History, player: people.Player) -> PaymentIntent:
    own = PaymentIntent.objects.of_player(history.players[player.email].pk)
    return own.order_by("-created_at", "-pk")[0]


def _refund_top_up(history: History, moment: datetime) -> None:
    user = history.players[DAVIDE.email]
    payment_refunds.refund_own(
        player=user, intent_id=_latest(history, DAVIDE).pk, reason="Paid twice", now=moment
    )
    hear(history, moment)


def _cancel_gift(history: History, moment: datetime) -> None:
    donation = _latest(history, SOFIA).donation
    assert donation is not None  # noqa: S101  (the scene before)
    user = history.players[SOFIA.email]
    refunds.cancel_donation(donor_id=user.pk, donation_id=donation.pk, reason=ABANDONED, now=moment)


def _refund_by_staff(history: History, moment: datetime) -> None:
    payment_refunds.refund_by_staff(
        intent_id=_latest(history, JONAS).pk,
        staff=history.staff(1),
        amount=Decimal("20.00"),
        reason="He meant to give 30",
        now=moment,
    )
    hear(history, moment)


def _dispute(history: History, moment: datetime) -> None:
    """The bank asks for Matteo's payment back: his wallet is frozen until it decides."""
    disputes.open_dispute(payment_id=UUID(_latest(history, MATTEO).provider_payment_id), now=moment)
    hear(history, moment)


def _win_dispute(history: History, moment: datetime) -> None:
    payment = SandboxPayment.objects.get(pk=_latest(history, MATTEO).provider_payment_id)
    disputes.decide_dispute(dispute_id=payment.disputes.get().pk, lost_amount=Decimal("0.00"), now=moment)
    hear(history, moment)


def _abandon(history: History, moment: datetime) -> None:
    user = history.players[TOMMASO.email]
    intent = payment_intents.start_top_up(player=user, amount=Decimal("50.00"), now=moment)
    payment_exchange.cancel(player=user, intent_id=intent.pk, reason=ABANDONED, now=moment)
    hear(history, moment)


# From the wallet --------------------------------------------------------------------------------------------------


def _give_to_pool(history: History, moment: datetime) -> None:
    pool = GivingPool.objects.order_by("name")[0]
    giving.give_to_pool(
        donor=history.players[EMMA.email], pool_id=pool.pk, amount=Decimal("12.50"), now=moment
    )


def _give_much(history: History, moment: datetime) -> None:
    """Above the threshold: the gift waits for a review."""
    onlus = history.organisations[WOODS]
    giving.donate(donor=history.players[MARCO.email], onlus_id=onlus.pk, amount=Decimal("160.00"), now=moment)


def _promise(history: History, moment: datetime) -> None:
    """Giulia gives every month with the card she keeps, Emma every week from her wallet; Chiara pauses."""
    giulia = history.players[GIULIA.email]
    _set_up(
        history,
        GIULIA,
        WOODS,
        "10.00",
        "monthly",
        moment,
        source=RecurringDonation.Source.SAVED_METHOD,
        saved_method_id=SavedPaymentMethod.objects.get(player=giulia).pk,
        cover_fees=True,
    )
    _set_up(history, EMMA, SCHOOL, "3.00", "weekly", moment)
    paused = _set_up(history, CHIARA, SEA, "5.00", "monthly", moment, starts_on=rome_day(history.now))
    recurring.pause(donor_id=paused.donor_id, recurring_id=paused.pk, now=moment)


def _set_up(
    history: History,
    player: people.Player,
    place: int,
    amount: str,
    interval: str,
    moment: datetime,
    **options: Any,
) -> RecurringDonation:
    onlus: Onlus = history.organisations[place]
    return recurring.set_up(
        donor=history.players[player.email],
        onlus_id=onlus.pk,
        amount=Decimal(amount),
        interval=interval,
        now=moment,
        **options,
    )


def _carry_out_recurring(history: History, moment: datetime) -> None:
    """Do what the jobs do every day."""
    for promise in list(due_notices(rome_day(moment))):
        recurring.give_notice(recurring_id=promise.pk, now=moment)
    recurring.open_due_charges(now=moment)
    for charge in list(due_charges(moment)):
        recurring.attempt(charge_id=charge.pk, now=moment)
    hear(history, moment)


def open_till(history: History) -> None:
    payment_providers.check_all(now=history.start)
