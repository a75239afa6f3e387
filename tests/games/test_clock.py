"""Play time: the stretches between start or resume and pause or end, idle time left out."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from games import operations
from games.models import GameSession
from tests.factories.games import (
    NOW,
    open_session,
    play,
    wrong_moves,
)
from tests.games.calls import CALLS, end, pause, resume, trail

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_pauses_are_not_play_time():
    session = open_session()
    pause(session, NOW + 2 * MINUTE)
    assert session.played_until(NOW + 9 * MINUTE) == 2 * MINUTE
    resume(session, NOW + 30 * MINUTE)
    assert session.played_until(NOW + 31 * MINUTE) == 3 * MINUTE
    pause(session, NOW + 31 * MINUTE)
    resume(session, NOW + 60 * MINUTE)
    end(session, now=NOW + 64 * MINUTE)

    assert session.played_for == 7 * MINUTE
    assert (session.started_at, session.ended_at) == (NOW, NOW + 64 * MINUTE)
    assert (session.paused_at, session.resumed_at) == (NOW + 31 * MINUTE, NOW + 60 * MINUTE)


def test_ending_a_paused_session_adds_nothing():
    session = open_session()
    pause(session, NOW + 2 * MINUTE)

    end(session, now=NOW + 50 * MINUTE)

    assert session.played_for == 2 * MINUTE


def test_a_clock_that_went_back_takes_nothing_away():
    session = open_session()
    GameSession.objects.filter(pk=session.pk).update(running_since=NOW + MINUTE)

    end(session, now=NOW + MINUTE - timedelta(seconds=5))

    assert session.played_for == timedelta(0)


@pytest.mark.parametrize(
    ("after", "played", "events"),
    [
        (5 * MINUTE, 7 * MINUTE, ["start", "end"]),
        (5 * MINUTE + timedelta(microseconds=1), 2 * MINUTE, ["start", "pause", "end"]),
        (3 * 24 * 60 * MINUTE, 2 * MINUTE, ["start", "pause", "end"]),
    ],
)
def test_idle_time_is_not_play_time_even_when_nobody_noticed_yet(after, played, events):
    session = open_session()
    play(session, 1, now=NOW + 2 * MINUTE)

    end(session, now=NOW + 2 * MINUTE + after)

    assert session.played_for == played
    assert [kind for kind, _, _ in trail(session)] == events


def test_move_after_idle_time_is_refused_and_the_session_stays_paused():
    session = open_session()
    first, second = wrong_moves(session, 2)
    play(session, first, now=NOW + 2 * MINUTE)

    with pytest.raises(operations.SessionNotActive):
        play(session, second, now=NOW + 8 * MINUTE)

    session.refresh_from_db()
    assert (session.status, session.paused_at, session.played_for) == ("paused", NOW + 2 * MINUTE, 2 * MINUTE)
    resume(session, NOW + 9 * MINUTE)
    play(session, second, now=NOW + 10 * MINUTE)
    end(session, now=NOW + 11 * MINUTE)
    assert session.played_for == 4 * MINUTE


def test_idle_session_pauses_and_resumes_as_of_its_last_call():
    paused, resumed = open_session(), open_session()

    pause(paused, NOW + 20 * MINUTE)
    resume(resumed, NOW + 20 * MINUTE)

    assert (paused.status, paused.played_for, paused.paused_at) == ("paused", timedelta(0), NOW)
    assert (resumed.status, resumed.played_for) == ("active", timedelta(0))
    assert trail(resumed) == [
        ("start", "player", NOW),
        ("pause", "idle", NOW),
        ("resume", "player", NOW + 20 * MINUTE),
    ]


# Any order of calls -----------------------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(st.sampled_from([*CALLS, "wait"]), st.integers(0, 600)), min_size=1, max_size=12)


class AnyOrderOfCalls(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(steps=STEPS)
    def test_clock_counts_exactly_the_stretches_that_ran(self, steps):
        """A second clock, kept by the simplest rule, must agree whatever the order of the calls."""
        session, now, last, played, running = open_session(), NOW, NOW, timedelta(0), True
        for name, seconds in steps:
            now += timedelta(seconds=seconds)
            if name == "wait":
                continue
            session.refresh_from_db()
            idle = running and now - last > 5 * MINUTE
            try:
                self._call(name, session, now)
            except (
                operations.SessionNotActive,
                operations.SessionNotPaused,
                operations.InvalidMove,
            ) as refusal:
                if idle and isinstance(refusal, operations.SessionNotActive):
                    running = False
                continue
            except operations.SessionAlreadyEnded:
                continue
            if running and not idle:
                played += now - last
            last, running = now, name in {"move", "resume"}
        session.refresh_from_db()

        if running and now - last <= 5 * MINUTE:
            played += now - last
        assert session.played_until(now) == played

    def _call(self, name, session, now):
        if name == "move":
            play(session, 50, now=now)
        elif name in {"pause", "resume"}:
            {"pause": pause, "resume": resume}[name](session, now)
        else:
            end(session, {"complete": "completed", "abandon": "abandoned"}[name], now)
