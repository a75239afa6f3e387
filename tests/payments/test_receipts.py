"""The means of payment on a receipt: traceable, as the law asks for."""

from decimal import Decimal

import pytest
from django.utils import timezone

from donations.models import Donation, PaymentIntent
from donations.operations import giving, receipts
from tests.factories.accounts import UserFactory
from tests.factories.donations import give_credits
from tests.factories.receipts import registered_onlus
from tests.payments.benches import paypal_bench, stripe_bench
from tests.payments.intents import Desk, account_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe(stripe_server):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(api):
    user = UserFactory()
    api.force_authenticate(user)
    return user


def methods_of(donation):
    return receipts.current(donation=donation, now=timezone.now()).facts["payment_methods"]


def give(player, onlus, amount="20.00"):
    return giving.donate(donor=player, onlus_id=onlus.pk, amount=Decimal(amount), now=timezone.now())


def test_a_gift_from_the_wallet_names_what_filled_it(alice, stripe, paypal_server):
    onlus = registered_onlus()
    stripe.pay(alice, "30.00")
    only_card = give(alice, onlus)
    bench = paypal_bench(paypal_server)
    Desk(bench, account_at(bench)).pay(alice, "30.00")
    both = give(alice, onlus)

    assert (methods_of(only_card), methods_of(both)) == (["card"], ["card", "paypal"])


def test_a_gift_paid_at_once_names_its_own_payment(api, alice, stripe):
    onlus = registered_onlus()
    answer = api.post(
        "/api/donations/create", {"amount": "50.00", "onlus_id": str(onlus.pk), "payment_method": "card"}
    )
    payment = answer.json()["data"]["payment"]
    stripe.approve(PaymentIntent.objects.get(pk=payment["intent_id"]))
    api.post(f"/api/payments/{payment['intent_id']}/confirm", {"payment_method_id": stripe.bench.good})

    assert methods_of(Donation.objects.get()) == ["card"]


def test_credits_earned_by_playing_were_paid_by_no_means(alice):
    give_credits(alice, "20.00")

    assert methods_of(give(alice, registered_onlus())) == []
