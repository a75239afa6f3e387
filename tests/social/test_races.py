"""Deeds of one player that are counted at the same moment, with real threads and real commits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from goodplay.lib.ids import new_id
from goodplay.lib.time import ROME
from social import operations
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import UserFactory
from tests.factories.social import give, onlus_id, play

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)


def at_once(*calls):
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(run, calls))


def test_the_first_deeds_of_a_player_all_count():
    alice = UserFactory()

    at_once(
        *(
            lambda number=number: play(alice, minutes=10, at=NOON, game=f"game {number}")
            for number in range(4)
        ),
        *(lambda number=number: give(alice, "1.00", at=NOON, onlus=f"onlus {number}") for number in range(4)),
    )

    score = ImpactScore.objects.get()
    assert score.gaming_details["play_time_score"] == "14.00"
    assert score.gaming_details["game_variety_score"] == "100.00"
    assert score.donation_details["total_donated"] == "4.00"
    assert score.donation_details["diversity_score"] == "160.00"
    assert ImpactScoreHistory.objects.get().score == score.score
    assert set(Standing.objects.values_list("score", flat=True)) == {score.score}
    assert Standing.objects.count() == 4


def test_the_same_deed_at_once_counts_once():
    alice, session_id, donation_id = UserFactory(), new_id(), new_id()

    at_once(
        *([lambda: play(alice, minutes=10, at=NOON, session_id=session_id)] * 4),
        *([lambda: give(alice, "9.00", at=NOON, donation_id=donation_id)] * 4),
    )

    assert (CountedSession.objects.count(), CountedDonation.objects.count()) == (1, 1)
    assert ImpactScore.objects.get().score == Decimal("164.80")  # 0.30 * 36.00 + 0.50 * (200 + 80) * 1.10


def test_a_donation_and_its_refund_at_once_count_what_remains():
    alice, donation_id = UserFactory(), new_id()

    def take_back():
        operations.count_refund(
            donation_id=donation_id,
            user_id=alice.pk,
            onlus_id=onlus_id(),
            remaining_amount=Decimal("4.00"),
            given_at=NOON,
            refunded_at=NOON,
            now=NOON,
        )

    at_once(*[lambda: give(alice, "10.00", at=NOON, donation_id=donation_id), take_back] * 2)

    assert CountedDonation.objects.get().amount == Decimal("4.00")
    assert ImpactScore.objects.get().donation_details["total_donated"] == "4.00"
