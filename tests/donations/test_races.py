"""The promises about money, with real threads and real commits."""

from collections import Counter
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from donations.models import Donation, LedgerAccount, Receipt, Transfer
from donations.operations import giving, ledger, receipts
from goodplay.lib.idempotency.models import IdempotencyKey
from tests.factories.accounts import PASSWORD, OnlusFactory, UserFactory
from tests.factories.donations import NOW, balance, give_credits, make_donation
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


def test_the_last_credits_are_spent_exactly_once():
    spenders = crowd(on_postgresql=200, elsewhere=16)
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, spenders / 2)

    def spend(number):
        return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("1.00"), now=NOW)

    results = at_once(spenders, spend)

    assert Counter(type(result) for result in results) == {
        Donation: spenders // 2,
        ledger.InsufficientCredits: spenders // 2,
    }
    assert balance(donor) == 0
    assert Donation.objects.count() == spenders // 2


def test_one_idempotency_key_makes_one_donation_with_one_stored_answer():
    senders = crowd(on_postgresql=100, elsewhere=12)
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "50.00")

    def send(number):
        client = APIClient()
        client.force_authenticate(donor)
        body = {"amount": "2.00", "onlus_id": str(onlus.pk)}
        return client.post("/api/donations/create", body, HTTP_IDEMPOTENCY_KEY="give-once")

    answers = at_once(senders, send)

    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in made}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in made) == 1
    assert {a.json()["message"] for a in answers if a.status_code == 409} <= {"IDEMPOTENCY_KEY_IN_USE"}
    assert balance(donor) == Decimal("48.00")
    assert Donation.objects.count() == IdempotencyKey.objects.count() == 1


def test_receipt_numbers_have_no_gap_under_concurrency():
    count = crowd(on_postgresql=40, elsewhere=8)
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, count)
    donations = [
        giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("1.00"), now=NOW) for _ in range(count)
    ]
    Receipt.objects.count()

    def issue(number):
        return receipts.bring_in_line(donation_id=donations[number // 2].pk, now=NOW)

    results = at_once(count, issue)

    assert not [result for result in results if isinstance(result, Exception)]
    numbers = Receipt.objects.values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_first_account_opens_once():
    player = UserFactory()
    results = at_once(
        crowd(on_postgresql=20, elsewhere=6),
        lambda number: (
            ledger.player_account(player_id=player.pk, kind=LedgerAccount.Kind.PLAYER_CREDITS, now=NOW).pk
        ),
    )

    assert len(set(results)) == 1


def test_a_thousand_credits_do_not_queue_on_the_pool():
    """The reward pool is hot: crediting different players at once touches no shared row."""
    count = crowd(on_postgresql=50, elsewhere=6)
    players = UserFactory.create_batch(count)

    results = at_once(count, lambda number: give_credits(players[number], "1.00"))

    assert [type(result) for result in results] == [Transfer] * count
    pool = LedgerAccount.objects.get(kind=LedgerAccount.Kind.REWARD_POOL)
    assert (pool.version, pool.balance) == (1, None)


def test_a_hold_is_resolved_once_under_concurrency():
    player = UserFactory()
    give_credits(player, "10.00")
    account = ledger.player_account(player_id=player.pk, kind=LedgerAccount.Kind.PLAYER_CREDITS, now=NOW)
    cause = ledger.Cause(player.pk, player.pk, Transfer.Kind.FEE, player.pk)
    fees = ledger.system_account(LedgerAccount.Kind.PLATFORM_FEES)
    pending = ledger.hold(debit=account, credit=fees, amount=Decimal("4.00"), cause=cause, now=NOW)

    def resolve(number):
        return (ledger.post if number % 2 else ledger.void)(pending=pending, now=NOW).phase

    results = at_once(crowd(on_postgresql=20, elsewhere=6), resolve)

    [winner] = [result for result in results if isinstance(result, str)]
    assert balance(player) == (Decimal("6.00") if winner == "post" else Decimal("10.00"))


def test_receipts_print_at_the_same_moment():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = make_donation(donor, onlus)

    def download(number):
        client = APIClient()
        client.force_authenticate(donor)
        return client.get(f"/api/donations/{donation.pk}/receipt/download")

    answers = at_once(8, download)

    assert [answer.status_code for answer in answers] == [200] * 8
    assert Receipt.objects.count() == 1


def test_guesses_at_the_same_moment_do_not_pass_the_lock():
    user = UserFactory()

    def guess(number):
        body = {"email": user.email, "password": "wrong password"}
        return APIClient().post("/api/auth/login", body, format="json").status_code

    assert Counter(at_once(20, guess)) == {401: 5, 429: 15}
    right = APIClient().post("/api/auth/login", {"email": user.email, "password": PASSWORD}, format="json")
    assert right.status_code == 429
