"""The log of who looked at sensitive data: written before the look, never changed, read by those with the right."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, transaction
from django.urls import reverse

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.access_log.operations import PurposeRequired, record_access
from tests.factories.accounts import OnlusFactory, StaffFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def look(actor=None, target=None, **facts):
    return record_access(
        **{
            "actor": actor,
            "target": target or OnlusFactory(),
            "purpose": " Yearly check. ",
            "what": "IBAN",
            "now": NOW,
            **facts,
        }
    )


def test_a_look_is_written_down():
    person, onlus = StaffFactory(), OnlusFactory()

    look(person, onlus, address="192.0.2.7")

    row = DataAccess.objects.get()
    assert (row.actor, row.target_type, row.target_id) == (person, "accounts.onlus", str(onlus.pk))
    assert (row.what, row.purpose, row.address, row.recorded_at) == (
        "IBAN",
        "Yearly check.",
        "192.0.2.7",
        NOW,
    )


@pytest.mark.parametrize("missing", [{"purpose": "  "}, {"what": ""}])
def test_nobody_looks_without_saying_why(missing):
    with pytest.raises(PurposeRequired):
        look(**missing)

    assert not DataAccess.objects.exists()


def test_the_log_cannot_be_changed():
    row = look()

    for change in (lambda: DataAccess.objects.update(purpose="x"), row.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

    assert DataAccess.objects.get().purpose == "Yearly check."


def test_the_screen_shows_who_looked_at_a_thing_and_changes_nothing(client):
    person, seen = StaffFactory(display_name="Giulia Ferri"), OnlusFactory()
    row, _other = look(person, seen), look(person)
    client.force_login(StaffFactory())
    address = reverse("admin:access_log_dataaccess_changelist")

    found = client.get(address, {"q": str(seen.pk)})
    posted = client.post(reverse("admin:access_log_dataaccess_change", args=[row.pk]), {"purpose": "x"})

    assert list(found.context["cl"].result_list) == [row]
    assert ("Giulia Ferri" in found.text, posted.status_code) == (True, 403)


def test_the_log_needs_its_own_right(client):
    look()
    stranger = StaffFactory(is_superuser=False)
    stranger.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(stranger)

    assert client.get(reverse("admin:access_log_dataaccess_changelist")).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client, count, django_assert_num_queries):
    for _number in range(count):
        look(StaffFactory())
    client.force_login(StaffFactory())
    address = reverse("admin:access_log_dataaccess_changelist")
    client.get(address)

    with django_assert_num_queries(5):
        assert len(client.get(address).context["cl"].result_list) == count
