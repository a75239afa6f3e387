"""Reading one state of the database while others write."""

import pytest

from accounts.models import User
from goodplay.lib.db import one_snapshot
from tests.factories.accounts import UserFactory
from tests.threads import at_once


@pytest.mark.postgresql
@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_what_is_committed_meanwhile_is_not_seen():
    with one_snapshot():
        before = User.objects.count()
        at_once(1, lambda number: UserFactory().pk)
        assert User.objects.count() == before

    assert User.objects.count() == before + 1


@pytest.mark.django_db
def test_inside_a_transaction_it_is_an_ordinary_one():
    with one_snapshot():
        UserFactory()

    assert User.objects.count() == 1
