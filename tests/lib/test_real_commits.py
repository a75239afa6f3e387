"""What the suite stands on: a test with real commits leaves the database as the migrations made it."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import User
from donations.models import LedgerAccount
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.audit.trail import record
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_gone_and_what_it_takes_away_is_back(real_transactions, turn):
    assert not User.objects.exists()
    assert not AuditEntry.objects.exists()
    assert PeriodicTask.objects.filter(name="donations.tasks.verify_books").exists()
    assert LedgerAccount.objects.filter(kind="bank", is_frozen=False).exists()

    with transaction.atomic():
        player = UserFactory()
        record(actor=player, action="tried", target=player, now=timezone.now())
    PeriodicTask.objects.all().delete()

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(action="changed")
    assert AuditEntry.objects.get().action == "tried"
