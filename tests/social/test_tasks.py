from datetime import datetime, timedelta

import pytest
from django_celery_beat.models import PeriodicTask

from goodplay.lib.jobs.models import JobRun
from goodplay.lib.time import ROME
from social import queries, tasks
from social.boards import Period
from social.models import ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import UserFactory
from tests.factories.social import play

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)


def test_the_hourly_refresh_ranks_yesterday_before_it_touches_scores(time_machine):
    alice, bob = UserFactory(), UserFactory()
    play(bob, minutes=90, at=NOON - timedelta(days=6))
    play(alice, minutes=60, at=NOON)
    play(bob, minutes=1, at=NOON)
    time_machine.move_to(datetime(2026, 11, 19, 0, 1, tzinfo=ROME))

    tasks.refresh_scores()

    closed = ImpactScoreHistory.objects.filter(day=NOON.date()).order_by("rank")
    assert list(closed.values_list("user_id", "rank")) == [(bob.pk, 1), (alice.pk, 2)]
    assert JobRun.objects.get(pk="social.tasks.refresh_scores").result == "1 scores, 2 ranks"
    assert not ImpactScore.objects.due(NOON.date() + timedelta(days=1)).exists()

    tasks.refresh_scores()
    assert JobRun.objects.get(pk="social.tasks.refresh_scores").result == "0 scores, 0 ranks"


def test_the_refresh_of_listings(time_machine):
    time_machine.move_to(NOON)
    alice = UserFactory()
    play(alice, at=NOON)
    alice.preferences.privacy["leaderboard_participation"] = False
    alice.preferences.save()

    tasks.refresh_listings()

    assert not Standing.objects.filter(is_listed=True).exists()
    assert JobRun.objects.get(pk="social.tasks.refresh_listings").result == "1"


def test_large_boards_are_added_up(time_machine, monkeypatch):
    time_machine.move_to(NOON)
    monkeypatch.setattr(queries, "LARGE_BOARD", 1)
    play(UserFactory(), at=NOON)

    tasks.refresh_board_figures()

    assert JobRun.objects.get(pk="social.tasks.refresh_board_figures").result == "4"
    assert queries.figures_of(queries.global_board(Period.DAILY, NOON.date())).ladder.steps


@pytest.mark.parametrize(
    ("name", "when"),
    [("refresh_scores", "1 * * * *"), ("refresh_listings", "31 * * * *"), ("refresh_board_figures", "5")],
)
def test_the_jobs_are_scheduled(name, when):
    planned = PeriodicTask.objects.get(task=f"social.tasks.{name}")

    crontab, interval = planned.crontab, planned.interval
    assert when == (f"{crontab.minute} {crontab.hour} * * *" if crontab else str(interval.every))
    assert planned.enabled
    assert getattr(tasks, name).name == planned.task
