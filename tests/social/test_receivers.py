"""From announced facts to scores: through stored events, their delivery, and their replay."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from goodplay.lib.events.delivery import run_handler
from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.models import Delivery, Event
from goodplay.lib.ids import new_id
from goodplay.lib.time import ROME
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import UserFactory
from tests.factories.social import game_id, onlus_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)
HOUR = timedelta(hours=1)


def session_ended(user, *, minutes=10, at=NOON, game="chess", **changes):
    payload = {
        "session_id": str(new_id()),
        "user_id": str(user.pk),
        "game_id": str(game_id(game)),
        "category": "logic",
        "status": "completed",
        "score": 120,
        "normalized_score": "0.80",
        "play_duration_ms": minutes * 60_000,
        "session_type": "single",
        "is_verified": True,
        "ended_at": at.isoformat(),
        **changes,
    }
    return _event("game_session_complete", payload, at)


def donation_made(user, euros="10.00", *, at=NOON, onlus="parks", **changes):
    payload = {
        "donation_id": str(new_id()),
        "user_id": str(user.pk),
        "onlus_id": str(onlus_id(onlus)),
        "amount": euros,
        "earned_amount": euros,
        "paid_amount": "0.00",
        "currency": "EUR",
        "origin": "wallet",
        "is_anonymous": False,
        "completed_at": at.isoformat(),
        **changes,
    }
    return _event("donation_complete", payload, at)


def _event(name, payload, at):
    return Event.objects.create(name=name, payload=payload, aggregate=payload["user_id"], recorded_at=at)


def deliver(event):
    """Hand the event to social alone: other apps' handlers want the sessions and donations themselves."""
    mine = {"game_session_complete": "social.count_session", "donation_complete": "social.count_donation"}
    assert run_handler(HANDLERS[mine[event.name]], event)


def numbers():
    """Everything the projections say, without the keys and clock readings of the rows themselves."""
    return {
        "sessions": list(CountedSession.objects.order_by("pk").values()),
        "donations": list(CountedDonation.objects.order_by("pk").values()),
        "scores": list(
            ImpactScore.objects.order_by("user_id").values(
                "user_id",
                "score",
                "gaming_component",
                "social_component",
                "donation_component",
                "gaming_details",
                "social_details",
                "donation_details",
                "takes_part",
                "due_on",
            )
        ),
        "standings": list(
            Standing.objects.order_by("user_id", "period", "starts_on").values(
                "user_id", "period", "starts_on", "score", "baseline", "reached_at", "is_listed"
            )
        ),
        "today": list(
            ImpactScoreHistory.objects.filter(day=NOON.date()).order_by("user_id").values("user_id", "score")
        ),
    }


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


def test_both_handlers_may_be_replayed_and_keep_order():
    for name in ("social.count_session", "social.count_donation"):
        assert (HANDLERS[name].replayable, HANDLERS[name].in_order) == (True, True)
