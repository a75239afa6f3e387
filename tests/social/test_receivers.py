"""From announced facts to scores: through stored events, their delivery, and their replay."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.models import Delivery, Event
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import UserFactory
from tests.factories.social import game_id, onlus_id
from tests.social.events import HANDLER_OF, NOON, deliver, donation_made, numbers, session_ended

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

HOUR = timedelta(hours=1)


def test_a_delivered_session_counts_and_its_score_is_announced():
    alice = UserFactory()
    event = session_ended(alice, minutes=60)

    deliver(event)

    counted = CountedSession.objects.get()
    assert (counted.user_id, counted.game_id, counted.played_for) == (alice.pk, game_id("chess"), HOUR)
    assert (counted.ended_at, counted.played_on) == (NOON, NOON.date())
    assert ImpactScore.objects.get(user=alice).score == Decimal("12.30")
    assert Event.objects.filter(name="impact_score_changed").count() == 1
    assert Delivery.objects.get(event=event, handler="social.count_session").status == Delivery.Status.DONE


def test_a_delivered_donation_counts():
    alice = UserFactory()

    deliver(donation_made(alice, "50.00"))

    counted = CountedDonation.objects.get()
    assert (counted.user_id, counted.onlus_id, counted.amount) == (
        alice.pk,
        onlus_id("parks"),
        Decimal("50.00"),
    )
    assert ImpactScore.objects.get(user=alice).score == Decimal("231.83")


def test_delivering_twice_counts_once():
    alice = UserFactory()
    event = session_ended(alice)

    deliver(event)
    before = numbers()
    deliver(event)

    assert numbers() == before
    assert Event.objects.filter(name="impact_score_changed").count() == 1


@pytest.mark.parametrize("refused", [{"status": "abandoned"}, {"is_verified": False}])
def test_abandoned_and_unverified_play_counts_nothing(refused):
    event = session_ended(UserFactory(), **refused)

    deliver(event)

    assert Delivery.objects.get(event=event, handler="social.count_session").status == Delivery.Status.DONE
    assert not CountedSession.objects.exists()
    assert not ImpactScore.objects.exists()
    assert not Standing.objects.exists()


def test_earlier_events_of_the_player_come_first():
    alice = UserFactory()
    first = session_ended(alice, at=NOON - HOUR)
    second = session_ended(alice, at=NOON)

    deliver(second)

    done = Delivery.objects.filter(handler="social.count_session", status=Delivery.Status.DONE)
    assert set(done.values_list("event_id", flat=True)) == {first.pk, second.pk}
    assert CountedSession.objects.count() == 2


def played_history():
    """Three players over two months, ending in a tie; every event delivered on its own day."""
    alice, bob, carol = UserFactory.create_batch(3)
    return [
        *(
            session_ended(alice, minutes=30 + days, at=NOON - timedelta(days=days))
            for days in range(50, 0, -7)
        ),
        donation_made(alice, "12.50", at=NOON - timedelta(days=45)),
        donation_made(alice, "3.10", at=NOON - timedelta(days=9), onlus="shelter"),
        session_ended(alice, minutes=5, game="sudoku", at=NOON - 2 * HOUR),
        session_ended(alice, status="abandoned"),
        session_ended(bob, minutes=20, at=NOON - HOUR),
        session_ended(carol, minutes=20, at=NOON),
    ]


def test_replay_changes_no_number(time_machine):
    for event in sorted(played_history(), key=lambda event: event.recorded_at):
        time_machine.move_to(event.recorded_at)
        deliver(event)
    time_machine.move_to(NOON)
    call_command("replay_events", handler="social.count_session", since="2026-01-01", stdout=StringIO())
    before, announced = numbers(), Event.objects.count()

    for handler in ("social.count_session", "social.count_donation"):
        call_command("replay_events", handler=handler, since="2026-01-01", stdout=StringIO())

    assert numbers() == before
    assert Event.objects.count() == announced
    assert Event.objects.filter(name="impact_score_changed").count() > 0


def test_replay_rebuilds_lost_projections(time_machine):
    for event in sorted(played_history(), key=lambda event: event.recorded_at):
        time_machine.move_to(event.recorded_at)
        deliver(event)
    time_machine.move_to(NOON)
    call_command("replay_events", handler="social.count_session", since="2026-01-01", stdout=StringIO())
    before = numbers()
    assert len(before["standings"]) > 12

    for model in (CountedSession, CountedDonation, ImpactScore, ImpactScoreHistory, Standing):
        model.objects.all().delete()
    for handler in ("social.count_session", "social.count_donation"):
        call_command("replay_events", handler=handler, since="2026-01-01", stdout=StringIO())

    assert numbers() == before


def test_the_handlers_may_be_replayed_and_keep_order():
    for name in HANDLER_OF.values():
        assert (HANDLERS[name].replayable, HANDLERS[name].in_order) == (True, True)
