"""One bulk action carried out by several workers at once: each person is touched once."""

import pytest
from django.core import mail

from accounts.models import BulkAction, User
from accounts.operations import bulk, people
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_roles import NOW, REASON, member_of
from tests.factories.accounts import UserFactory
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


@pytest.fixture(autouse=True)
def quiet(settings):
    """Let events wait: what is raced here is called by name."""
    settings.EVENT_DELIVERY = "sweep"


def test_a_bulk_action_run_by_many_workers_happens_once():
    players = UserFactory.create_batch(5)
    asked = bulk.ask(
        kind="suspend",
        user_ids=[each.pk for each in players],
        reason=REASON,
        asked_by=member_of("admin"),
        now=NOW,
    )

    results = at_once(crowd(6, 3), lambda _number: bulk.perform(action_id=asked.pk, now=NOW))

    assert [each for each in results if each is not None] == []
    assert {row["status"] for row in BulkAction.objects.get().results} == {"success"}
    assert AuditEntry.objects.filter(action="user_suspend").count() == 5
    assert not User.objects.filter(pk__in=[each.pk for each in players], is_active=True).exists()
    assert len(mail.outbox) <= 5


def test_two_bulk_actions_and_a_person_suspend_everybody_once():
    players = UserFactory.create_batch(4)
    anna, bruno, carla = (member_of("admin") for _each in range(3))
    keys = [each.pk for each in players]
    asked = [
        bulk.ask(kind="suspend", user_ids=order, reason=REASON, asked_by=who, now=NOW)
        for order, who in ((keys, anna), (keys[::-1], bruno))
    ]
    calls = [
        lambda: bulk.perform(action_id=asked[0].pk, now=NOW),
        lambda: bulk.perform(action_id=asked[1].pk, now=NOW),
        lambda: people.suspend(user=players[2], actor=carla, reason=REASON, now=NOW, address=""),
    ]

    at_once(3, lambda number: calls[number]())

    assert AuditEntry.objects.filter(action="user_suspend").count() == 4
    assert all(row.finished_at for row in BulkAction.objects.all())
    told = [each["status"] for row in BulkAction.objects.all() for each in row.results]
    assert set(told) <= {"success", "skipped"}
