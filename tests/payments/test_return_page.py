"""The page a payer comes back to, whether the notification was there first or not."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from donations.models import PaymentIntent
from donations.operations import payment_intents, payment_providers
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import BENCHES, stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, cash, deliver, top_ups
from tests.payments.local_server import Fault


@pytest.fixture(params=EVERY)
def desk(request, db):
    fixture, make = EVERY[request.param]
    bench = make(request.getfixturevalue(fixture))
    return Desk(bench, account_at(bench))


@pytest.fixture
def stripe(stripe_server, db):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


def come_back(client, intent, **headers):
    PaymentIntent.objects.filter(pk=intent.pk).update(checked_at=None)
    return client.get(f"/payments/return/{intent.pk}/", headers=headers)


def test_the_page_finds_the_payment_before_the_notification(client, api, desk):
    player = UserFactory()
    intent = desk.pay_unseen(player)

    page = come_back(client, intent)
    deliver(api, desk, desk.webhook(desk.bench.paid_event, intent))

    text = page.content.decode()
    assert "48.25 are in your wallet." in text.replace("\xa0", " ")
    assert (cash(player), top_ups(intent)) == (Decimal("48.25"), 1)


def test_the_page_works_after_the_notification(client, api, desk):
    player = UserFactory()
    intent = desk.pay_unseen(player)
    deliver(api, desk, desk.webhook(desk.bench.paid_event, intent))

    page = come_back(client, intent)

    assert "Thank you" in page.content.decode()
    assert (cash(player), top_ups(intent)) == (Decimal("48.25"), 1)


def test_coming_back_from_paypal_captures_what_was_approved(client, paypal_server, db):
    bench = BENCHES["paypal"][1](paypal_server)
    desk, player = Desk(bench, account_at(bench)), UserFactory()
    intent = desk.begin(player)
    desk.approve(intent)

    page = come_back(client, intent)

    assert "Thank you" in page.content.decode()
    assert cash(player) == Decimal("48.25")


def test_the_page_names_nobody_and_no_secret(client, stripe):
    player = UserFactory()
    intent = payment_intents.start_gift_payment(
        donor=player, onlus_id=OnlusFactory().pk, amount=Decimal("20.00"), now=timezone.now()
    )

    page = come_back(client, intent)

    text = page.content.decode()
    assert page.status_code == 200
    for hidden in (player.display_name, player.email, intent.client_secret, intent.donation.onlus_name):
        assert hidden not in text
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "cancelled", "processed_at": timezone.now()}, "Nothing was paid"),
        ({"status": "failed", "processed_at": timezone.now()}, "The payment failed"),
    ],
)
@pytest.mark.unbalanced
def test_the_page_tells_what_became_of_it(client, stripe, change, said):
    intent = stripe.begin(UserFactory())
    PaymentIntent.objects.filter(pk=intent.pk).update(**change)

    assert said in come_back(client, intent).content.decode()


def test_the_page_looks_again_while_the_provider_is_silent(client, stripe):
    intent = stripe.pay_unseen(UserFactory())

    with stripe.bench.server.failing(Fault.SERVER_ERROR):
        page = come_back(client, intent).content.decode()

    assert "We are waiting for an answer" in page
    assert 'http-equiv="refresh"' in page


def test_the_page_asks_at_most_every_few_seconds(client, stripe):
    intent = stripe.begin(UserFactory())
    come_back(client, intent)
    calls = len(stripe.bench.server.calls)

    for _ in range(5):
        client.get(f"/payments/return/{intent.pk}/")

    assert len(stripe.bench.server.calls) == calls


def test_there_is_no_page_of_nothing(client, db):
    assert client.get(f"/payments/return/{uuid4()}/").status_code == 404


def test_providers_are_known_by_their_means(db):
    with pytest.raises(payment_providers.PaymentProviderNotSupported):
        payment_providers.choose("bank_transfer")
    with pytest.raises(payment_providers.PaymentProviderUnavailable):
        payment_providers.choose("paypal")
