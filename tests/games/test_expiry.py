"""What becomes of sessions nobody comes back to."""

from datetime import timedelta

import pytest
import time_machine
from django_celery_beat.models import PeriodicTask

from games import operations, tasks
from games.models import Game
from games.signals import game_session_complete
from goodplay.lib.events.models import Event
from goodplay.lib.jobs.models import JobRun
from tests.factories.games import NOW, finished_session, open_session, play, stay

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def swept(now, *, paused=0, abandoned=0, failed=0):
    found = operations.expire_stale_sessions(now=now)
    assert found == operations.Swept(paused=paused, abandoned=abandoned, failed=failed)


def test_idle_session_is_paused_as_of_its_last_call():
    idle, busy = open_session(), open_session()
    play(idle, 1, now=NOW + 2 * MINUTE)
    stay(busy, until=NOW + 9 * MINUTE)

    swept(NOW + 10 * MINUTE, paused=1)

    idle.refresh_from_db()
    busy.refresh_from_db()
    assert (idle.status, idle.paused_at, idle.played_for) == ("paused", NOW + 2 * MINUTE, 2 * MINUTE)
    assert busy.status == "active"
    event = idle.events.get(kind="pause")
    assert (event.cause, event.happened_at, event.recorded_at) == (
        "idle",
        NOW + 2 * MINUTE,
        NOW + 10 * MINUTE,
    )


def test_five_minutes_are_not_yet_idle():
    open_session()

    swept(NOW + 5 * MINUTE)
    swept(NOW + 5 * MINUTE + timedelta(microseconds=1), paused=1)


def test_session_paused_for_a_day_is_abandoned_and_frees_the_game():
    session = open_session()
    operations.pause_session(player=session.user, session_id=session.pk, now=NOW + MINUTE)

    swept(NOW + MINUTE + 24 * HOUR)
    swept(NOW + 2 * MINUTE + 24 * HOUR, abandoned=1)

    session.refresh_from_db()
    assert (session.status, session.played_for, session.score) == ("abandoned", MINUTE, None)
    assert not session.credits_earned
    assert session.events.get(kind="end").cause == "expired"
    assert Event.objects.get(name="game_session_complete").payload["status"] == "abandoned"
    assert open_session(session.user, now=NOW + 25 * HOUR).status == "active"


def test_forgotten_session_is_paused_and_abandoned_in_one_run():
    open_session()

    swept(NOW + 48 * HOUR, paused=1, abandoned=1)
    swept(NOW + 48 * HOUR)


def test_ended_sessions_are_left_alone():
    finished_session()

    swept(NOW + 48 * HOUR)


def test_a_session_that_fails_holds_up_no_other():
    bad, good = open_session(), open_session(now=NOW + MINUTE)
    for session in (bad, good):
        operations.pause_session(player=session.user, session_id=session.pk, now=NOW + 2 * MINUTE)

    def fail_for_one(sender, session, **kwargs):
        if session.pk == bad.pk:
            raise RuntimeError

    game_session_complete.connect(fail_for_one)
    try:
        swept(NOW + 48 * HOUR, abandoned=1, failed=1)
    finally:
        game_session_complete.disconnect(fail_for_one)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("paused", "abandoned")
    swept(NOW + 48 * HOUR, abandoned=1)


def test_session_of_a_game_without_engine_expires_too():
    session = open_session()
    Game.objects.filter(pk=session.game_id).update(engine_name="gone")

    swept(NOW + 48 * HOUR, paused=1, abandoned=1)


def test_job_is_scheduled_and_says_what_it_did():
    open_session()

    with time_machine.travel(NOW + HOUR, tick=False):
        tasks.expire_stale_sessions()

    task = PeriodicTask.objects.get(task="games.tasks.expire_stale_sessions")
    assert (task.enabled, task.interval.every, task.interval.period) == (True, 5, "minutes")
    run = JobRun.objects.get(name="games.tasks.expire_stale_sessions")
    assert (run.result, run.last_error) == ("1 paused, 0 abandoned, 0 failed", "")
