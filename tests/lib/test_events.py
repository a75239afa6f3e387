import socket
import time
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from structlog.testing import capture_logs

from goodplay.lib.events import delivery as mail
from goodplay.lib.events.models import Delivery, Event, SweepCursor
from tests.threads import at_once, crowd

pytestmark = pytest.mark.django_db


def announce(signal, **facts):
    with transaction.atomic():
        signal.announce(**facts)
    return Event.objects.latest("id")


def later(**length):
    return timezone.now() + timedelta(**length)


def test_a_fact_outside_a_transaction_is_refused(real_transactions, signal):
    with pytest.raises(transaction.TransactionManagementError, match="inside a transaction"):
        signal.announce(who="a")


def test_handlers_get_what_they_name_read_as_they_annotate(
    signal, handle, django_capture_on_commit_callbacks
):
    seen = []

    def note(*, who: UUID, amount: Decimal, event_id: UUID, missing: str = "default"):
        seen.append((who, amount, event_id, missing))

    handle(signal, note)
    who = uuid4()
    with django_capture_on_commit_callbacks(execute=True):
        event = announce(signal, who=str(who), amount="1.50", other=1)

    assert seen == [(who, Decimal("1.50"), event.pk, "default")]
    assert Delivery.objects.get(event=event).status == Delivery.Status.DONE


def test_receivers_share_the_transaction_of_the_fact(signal):
    @receiver(signal, dispatch_uid="test.refuse")
    def refuse(sender, **kwargs):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"), transaction.atomic():
        signal.announce(who="a")

    assert not Event.objects.exists()


def test_delivering_twice_takes_effect_once(signal, handle):
    runs = []

    def count():
        runs.append(1)

    handle(signal, count)
    event = announce(signal, who="a")

    mail.deliver(event.pk)
    mail.deliver(event.pk)

    assert runs == [1]


def test_a_failing_handler_spares_the_others_and_is_retried_then_parked(signal, handle):
    runs = []

    def breaks():
        raise RuntimeError("mail server down")

    def works():
        runs.append(1)

    handle(signal, breaks)
    handle(signal, works)
    event = announce(signal, who="a")
    mail.deliver(event.pk)

    assert runs == [1]
    failed = Delivery.objects.get(handler="tests.breaks")
    assert (failed.status, failed.attempts) == (Delivery.Status.RETRYING, 1)
    assert "mail server down" in failed.last_error
    for _ in range(mail.MOST_ATTEMPTS - 1):
        mail.sweep(later(hours=1))
    failed.refresh_from_db()
    assert (failed.status, failed.next_attempt_at) == (Delivery.Status.PARKED, None)
    assert runs == [1]


def test_a_failed_handler_leaves_nothing_of_its_effect(signal, handle):
    def half():
        SweepCursor.objects.create(name="half")
        raise RuntimeError("crash")

    handle(signal, half)
    event = announce(signal, who="a")

    mail.deliver(event.pk)

    assert not SweepCursor.objects.filter(name="half").exists()


def test_a_retry_that_works_is_done(signal, handle):
    broken = [True]

    def mends():
        if broken:
            raise RuntimeError("not yet")

    handle(signal, mends)
    event = announce(signal, who="a")
    mail.deliver(event.pk)
    broken.clear()

    assert mail.sweep(later(hours=1)) == 1
    assert Delivery.objects.get(event=event).status == Delivery.Status.DONE


def test_the_sweep_finds_what_a_crash_cut_off_and_moves_its_cursor(signal, handle):
    runs = []

    def count():
        runs.append(1)

    handle(signal, count)
    for _ in range(3):
        announce(signal, who="a")

    assert mail.sweep(timezone.now()) == 0
    assert mail.sweep(later(minutes=1)) == 3
    assert mail.sweep(later(minutes=2)) == 0
    assert runs == [1, 1, 1]
    assert SweepCursor.objects.get().swept_to < timezone.now()


def test_an_orderly_handler_waits_for_what_came_before(signal, handle):
    seen, stuck = [], ["first"]

    def follow(*, what: str):
        if what in stuck:
            raise RuntimeError("stuck")
        seen.append(what)

    handle(signal, follow, in_order=True)
    first = announce(signal, who="a", what="first")
    second = announce(signal, who="a", what="second")
    stranger = announce(signal, who="b", what="other")
    for event in (second, stranger, first):
        mail.deliver(event.pk)
    assert seen == ["other"]

    stuck.clear()
    mail.sweep(later(hours=1))

    assert seen == ["other", "first", "second"]


@pytest.fixture
def follower(signal, handle):
    """An orderly handler that breaks on what is in `stuck`; it tells what it was `asked` and what it has `seen`."""
    told = SimpleNamespace(stuck={"0"}, asked=[], seen=[])

    def follow(*, what: str):
        told.asked.append(what)
        if what in told.stuck:
            raise RuntimeError("stuck")
        told.seen.append(what)

    told.handler = handle(signal, follow, in_order=True)
    return told


def announce_some(signal, count):
    return [announce(signal, who="a", what=str(number)) for number in range(count)]


def deliveries_of(follower):
    rows = Delivery.objects.filter(handler=follower.handler.name).order_by("event_id")
    return [(row.status, row.attempts) for row in rows]


def test_those_behind_a_failed_event_do_not_hurry_its_retries(signal, follower):
    for event in announce_some(signal, 5):
        mail.deliver(event.pk)

    assert follower.asked == ["0"]
    assert deliveries_of(follower) == [("retrying", 1)] + [("retrying", 0)] * 4


def test_the_next_event_carries_along_what_waits_once_the_failed_one_is_due(signal, follower):
    for event in announce_some(signal, 3):
        mail.deliver(event.pk)
    follower.stuck.clear()
    mail.deliver(announce(signal, who="a", what="early").pk)
    assert follower.seen == []

    Delivery.objects.filter(attempts=1).update(next_attempt_at=timezone.now())
    mail.deliver(announce(signal, who="a", what="late").pk)

    assert follower.seen == ["0", "1", "2", "early", "late"]
    assert set(deliveries_of(follower)) == {("done", 0), ("done", 1)}


def test_those_behind_a_parked_event_wait_and_follow_when_it_is_mended(signal, follower):
    first, *others = announce_some(signal, 3)
    for event in (first, *others):
        mail.deliver(event.pk)
    for _ in range(mail.MOST_ATTEMPTS + 3):
        mail.sweep(later(hours=1))
    assert follower.asked == ["0"] * mail.MOST_ATTEMPTS
    assert deliveries_of(follower) == [("parked", mail.MOST_ATTEMPTS), ("retrying", 0), ("retrying", 0)]

    mail.run_handler(follower.handler, first)
    assert deliveries_of(follower)[0] == ("parked", mail.MOST_ATTEMPTS)
    follower.stuck.clear()
    mail.run_handler(follower.handler, first)
    mail.sweep(later(hours=1))

    assert follower.seen == ["0", "1", "2"]


def test_order_holds_behind_more_than_one_slice(signal, follower, monkeypatch):
    monkeypatch.setattr(mail, "SWEEP_SLICE", 3)
    follower.stuck.clear()
    *_, last = announce_some(signal, 8)

    assert [mail.run_handler(follower.handler, last) for _ in range(3)] == [False, False, True]

    assert follower.seen == [str(number) for number in range(8)]


def test_an_error_no_database_can_store_is_noted_all_the_same(signal, handle):
    def breaks():
        raise RuntimeError("half a character \ud800, then \x00")

    handle(signal, breaks)
    event = announce(signal, who="a")

    mail.sweep(later(minutes=1))

    assert Delivery.objects.get(event=event).last_error == "RuntimeError: half a character ?, then ?"


def test_an_event_that_cannot_even_be_noted_stops_no_other_and_is_not_forgotten(signal, handle):
    class SilentError(Exception):
        broken = True

        def __str__(self):
            raise ValueError("no words")

    seen = []

    def breaks(*, what: str):
        if what == "poison" and SilentError.broken:
            raise SilentError
        seen.append(what)

    handle(signal, breaks)
    for what in ("poison", "cure"):
        announce(signal, who="a", what=what)

    mail.sweep(later(minutes=1))
    assert seen == ["cure"]
    SilentError.broken = False
    mail.sweep(later(hours=1))

    assert seen == ["cure", "poison"]


def test_deliveries_of_a_handler_that_is_gone_hold_up_nobody(signal, handle, monkeypatch):
    monkeypatch.setattr(mail, "SWEEP_SLICE", 1)
    broken, runs = [True], []

    def mends():
        if broken:
            raise RuntimeError("not yet")
        runs.append(1)

    handle(signal, mends)
    event = announce(signal, who="a")
    now = timezone.now()
    Delivery.objects.create(
        event=event, handler="gone.away", status="retrying", next_attempt_at=now, updated_at=now
    )
    mail.deliver(event.pk)
    broken.clear()

    mail.sweep(later(hours=1))

    assert runs == [1]


@pytest.fixture
def broker(settings, monkeypatch):
    """The address of a broker: a socket that nobody listens on yet."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        monkeypatch.setitem(current_app.conf, "task_always_eager", False)
        settings.EVENT_DELIVERY = "celery"
        yield mute


def test_a_broker_that_is_away_costs_the_caller_nothing_and_the_sweep_delivers(
    real_transactions, signal, handle, broker
):
    seen = []

    def note(*, what: str):
        seen.append(what)

    handle(signal, note)
    with capture_logs() as logs:
        announce(signal, who="a", what="first")

    assert [(line["event"], "OperationalError" in line["reason"]) for line in logs] == [
        ("left to the sweep", True)
    ]
    assert seen == []
    assert mail.sweep(later(minutes=1)) == 1
    assert seen == ["first"]


@pytest.mark.slow
def test_a_broker_that_hangs_holds_the_caller_for_a_moment_only(real_transactions, signal, broker):
    broker.listen()
    began = time.monotonic()
    event = announce(signal, who="a")

    assert 0.9 * mail.PUBLISH_WITHIN < time.monotonic() - began < 5 * mail.PUBLISH_WITHIN
    assert Event.objects.filter(pk=event.pk).exists()


def test_replay_runs_a_replayable_handler_again_in_order(signal, handle):
    seen = []

    def build(*, what: str):
        seen.append(what)

    handle(signal, build, replayable=True)
    for what in ("one", "two"):
        mail.deliver(announce(signal, who="a", what=what).pk)

    out = StringIO()
    call_command("replay_events", "--handler", "tests.build", "--since", "2020-01-01", stdout=out)

    assert seen == ["one", "two", "one", "two"]
    assert out.getvalue() == "2 events replayed\n"


def test_replay_refuses_handlers_that_may_not_run_twice(signal, handle):
    def send():
        pass

    handle(signal, send)

    with pytest.raises(CommandError, match="not declared replayable"):
        call_command("replay_events", "--handler", "tests.send", "--since", "2020-01-01")


@pytest.mark.race
def test_one_event_delivered_by_many_at_once_takes_effect_once(real_transactions, signal, handle):
    def once(*, event_id: UUID):
        SweepCursor.objects.create(name=str(event_id)[:20])

    handle(signal, once)
    with transaction.atomic():
        event = Event.objects.create(name=signal.name, payload={"who": "a"}, recorded_at=timezone.now())

    results = at_once(crowd(on_postgresql=20, elsewhere=6), lambda number: mail.deliver(event.pk))

    assert results == [None] * len(results)
    assert SweepCursor.objects.count() == 1
    assert Delivery.objects.get().status == Delivery.Status.DONE
