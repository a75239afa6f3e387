"""A sealed day shows what was done to it."""

import pytest
from django.db import connection

from donations.models import Transfer
from donations.operations import closing
from donations.queries.books import contradictions
from goodplay.lib.db import install_append_only_triggers
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW, give_credits

pytestmark = pytest.mark.django_db


def forge(**changes):
    """Do what only somebody with the database's own rights could."""
    table = Transfer._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER "{table}_no_update"')
        else:
            cursor.execute(f'DROP TRIGGER "{table}_append_only" ON "{table}"')
    Transfer.objects.update(**changes)
    install_append_only_triggers(connection)


@pytest.mark.unbalanced
def test_a_reason_written_afterwards_breaks_the_seal():
    give_credits(UserFactory(), "10.00", now=NOW)
    closing.seal_days(now=NOW.replace(day=NOW.day + 2))
    assert contradictions() == []

    forge(reason="a reason nobody gave")

    assert [each.invariant for each in contradictions()] == ["I10"]
