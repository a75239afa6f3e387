"""Many payments given back at once, while their provider tells news of them."""

from decimal import Decimal

import pytest
from django.db import OperationalError
from django.utils import timezone

from donations.models import PaymentIntent
from donations.operations import payment_exchange, payment_refunds
from goodplay.lib.approvals.operations import approve
from tests.factories.accounts import StaffFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import Desk, account_at
from tests.threads import at_once

EUR = Decimal


def look(intent):
    return payment_exchange.ask(
        intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now()
    )


@pytest.mark.race
def test_bulk_refunds_and_news_of_the_same_payments_wait_for_each_other(real_transactions, stripe_server):
    stripe = Desk(stripe_bench(stripe_server), account_at(stripe_bench(stripe_server)))
    asker, second = StaffFactory(is_superuser=True), StaffFactory(is_superuser=True)
    for _ in range(4):
        alice = UserFactory()
        intents = sorted((stripe.pay(alice) for _ in range(4)), key=lambda intent: intent.pk)
        request = payment_refunds.request_many(
            provider=stripe.provider,
            intent_ids=[intent.pk for intent in intents],
            requested_by=asker,
            reason="Sent twice",
            now=timezone.now(),
        )
        for intent in intents:
            key = stripe.bench.server.open_dispute(intent.provider_payment_id, EUR("1.00"))
            stripe.bench.server.win_dispute(key)

        def act(number, request=request, intents=intents):
            if number == 0:
                return approve(request=request, decided_by=second, now=timezone.now())
            return look(intents[-1 - number % 3])

        results = at_once(6, act)

        assert [each for each in results if isinstance(each, OperationalError)] == []
