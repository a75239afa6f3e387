"""The whole demo, in the order it would have happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from donations.operations import financial_reports
from donations.payments.sandbox.receivers import deliver_at_once
from donations.payments.sandbox.signals import event_queued
from goodplay.demo import applications, desk, history, oversight, payments


def tell(*, now: datetime, weeks: int) -> None:
    """Make everything of the last `weeks` weeks."""
    told = history.History(now=now, weeks=weeks)
    history.open_house(told)
    payments.open_till(told)
    desk.furnish(told)
    told.settle(told.start)
    scenes = [
        *history.visits(told),
        *payments.scenes(told),
        *desk.scenes(told),
        *oversight.scenes(told),
        *applications.scenes(told),
    ]
    with _without_the_post():
        for moment, act in sorted(scenes, key=lambda scene: scene[0]):
            act(moment)
            told.settle(moment)
    history.open_portal(told)
    financial_reports.make_due(now=now)
    told.settle(now)


@contextmanager
def _without_the_post() -> Iterator[None]:
    """Keep the sandbox from sending its notifications over HTTP: no server runs yet, and the story hands them over."""
    event_queued.disconnect(dispatch_uid="sandbox.deliver_at_once")
    try:
        yield
    finally:
        event_queued.connect(deliver_at_once, dispatch_uid="sandbox.deliver_at_once")
