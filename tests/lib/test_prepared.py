"""A prepared query answers as its queryset does."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from donations.queries.wallet import _rows, _wallet
from goodplay.lib.prepared import PreparedQuery
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import Kind, fund_pool, give_credits, make_donation
from tests.factories.games import finished_session

pytestmark = pytest.mark.django_db


def player_with_history():
    player = UserFactory()
    finished_session(player, minutes=10)
    give_credits(player, "0.10")
    give_credits(player, "0.20", kind=Kind.PLAYER_CASH)
    make_donation(player, OnlusFactory(), "3.33")
    return player


def test_it_reads_what_the_queryset_reads_for_one_key_after_another(django_assert_num_queries):
    players = [player_with_history(), UserFactory()]
    fund_pool()
    players.append(player_with_history())

    for player in players:
        with django_assert_num_queries(1):
            rows = _wallet.rows(player.pk)

        assert rows == list(_rows(player.pk))
        assert [[type(value) for value in row.values()] for row in rows] == [
            [type(value) for value in row.values()] for row in _rows(player.pk)
        ]
    assert _wallet.rows(UUID(int=7)) == []


def test_values_come_out_as_python_knows_them():
    player = player_with_history()

    row = _wallet.rows(player.pk)[0]

    assert (row["donated"], row["ledger_accounts__created_at"].tzinfo) == (Decimal("3.33"), UTC)
    assert isinstance(row["changed_at"], datetime)


def test_the_query_is_built_once():
    built = []

    def build(key):
        built.append(key)
        return _rows(key)

    prepared = PreparedQuery(build)
    for _ in range(3):
        prepared.rows(UserFactory().pk)

    assert len(built) == 1
