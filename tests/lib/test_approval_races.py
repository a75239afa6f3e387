"""Approvals with real threads and real commits: whoever comes second finds it decided."""

import pytest
from django.db import transaction

from accounts.models import Onlus
from goodplay.lib.approvals import operations
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.registry import KINDS
from tests.factories.accounts import OnlusFactory, StaffFactory
from tests.lib import approving
from tests.lib.approving import LATER, ask, decisions, now_is
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


@pytest.fixture(autouse=True)
def kinds():
    known = set(KINDS)
    approving.declare()
    yield
    for name in set(KINDS) - known:
        del KINDS[name]


def outcomes(results):
    return sorted(type(each).__name__ for each in results)


def test_many_approve_at_once_and_it_is_done_once():
    onlus = OnlusFactory(city="Trento", mission_statement="Trees")
    count = crowd(on_postgresql=12, elsewhere=3)
    asked, people = ask(onlus, StaffFactory()), StaffFactory.create_batch(count)

    results = at_once(
        count, lambda number: operations.approve(request=asked, decided_by=people[number], now=LATER)
    )

    assert outcomes(results) == sorted(["ApprovalRequest", *["AlreadyDecided"] * (count - 1)])
    assert now_is(asked, onlus) == ("approved", "Roma", "Trees+", False)


def test_approved_and_rejected_at_once_is_one_of_them():
    onlus = OnlusFactory(city="Trento", mission_statement="Trees")
    asked, people = ask(onlus, StaffFactory()), StaffFactory.create_batch(2)

    results = at_once(2, lambda number: decisions(asked, people[number])[number]())

    assert outcomes(results) == ["AlreadyDecided", "ApprovalRequest"]
    assert now_is(asked, onlus) in (
        ("approved", "Roma", "Trees+", False),
        ("rejected", "Trento", "Trees", True),
    )


def test_many_ask_at_once_and_one_request_waits():
    onlus = OnlusFactory(city="Trento")
    count = crowd(on_postgresql=12, elsewhere=3)
    people = StaffFactory.create_batch(count)

    results = at_once(count, lambda number: ask(onlus, people[number]))

    assert outcomes(results) == sorted(["ApprovalRequest", *["AlreadyRequested"] * (count - 1)])
    assert ApprovalRequest.objects.count() == 1


@pytest.mark.postgresql
def test_asking_while_it_is_approved_neither_waits_nor_doubles():
    """The one who approves waits for the organisation that the one who asks has locked."""
    onlus = OnlusFactory(city="Trento", mission_statement="Trees")
    asked, people = ask(onlus, StaffFactory()), StaffFactory.create_batch(2)

    def ask_with_the_row_locked():
        with transaction.atomic():
            locked = Onlus.objects.select_for_update().get(pk=onlus.pk)
            return ask(locked, people[0])

    results = at_once(
        2,
        lambda number: (
            ask_with_the_row_locked()
            if number
            else operations.approve(request=asked, decided_by=people[1], now=LATER)
        ),
    )

    assert type(results[0]).__name__ == "ApprovalRequest"
    assert type(results[1]).__name__ in {"AlreadyRequested", "ApprovalRequest"}
    assert now_is(asked, onlus)[:3] == ("approved", "Roma", "Trees+")
