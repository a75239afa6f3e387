"""Every screen of the back office, its roles, and what it writes on the trail."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import LoginSession, Onlus, User
from accounts.operations import sign_in
from accounts.roles import ROLES
from donations.models import Transfer
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.audit.trail import broken_entries
from tests.factories.accounts import THEN, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
SCREENS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


def member_of(role):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model._meta.label)
def test_every_list_opens_searches_and_filters(client, boss, model):
    make_donation(UserFactory(), OnlusFactory())

    for query in ("", "?q=00000000-0000-0000-0000-000000000000", "?o=1"):
        assert client.get(url(model, "changelist") + query).status_code == 200


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model._meta.label)
def test_every_form_opens(client, boss, model):
    make_donation(UserFactory(), OnlusFactory())
    site = admin.site._registry[model]

    for row in model._default_manager.all()[:1]:
        assert client.get(url(model, "change", row.pk)).status_code == 200
    expected = 200 if site.has_add_permission(client.get("/admin/").wsgi_request) else 403
    assert client.get(url(model, "add")).status_code == expected


@pytest.mark.parametrize("page", ["change", "delete"])
def test_nobody_writes_to_the_ledger(client, boss, page):
    make_donation(UserFactory(), OnlusFactory())
    transfer = Transfer.objects.first()

    answer = client.post(url(Transfer, page, transfer.pk), {"amount": "1000000.00", "post": "yes"})

    assert answer.status_code == 403
    assert Transfer.objects.get(pk=transfer.pk).amount == transfer.amount


@pytest.mark.parametrize(
    ("role", "sees", "does_not_see"),
    [
        ("finance", "/admin/donations/transfer/", "/admin/accounts/user/"),
        ("compliance", "/admin/accounts/user/", "/admin/impact/impactstory/"),
        ("moderator", "/admin/impact/impactstory/", "/admin/donations/transfer/"),
        ("analyst", "/admin/donations/donation/", "/admin/accounts/user/"),
        ("admin", "/admin/accounts/onlus/", "/admin/audit/auditentry/"),
        ("super_admin", "/admin/audit/auditentry/", None),
    ],
)
def test_roles_see_what_their_work_needs(client, role, sees, does_not_see):
    client.force_login(member_of(role))

    assert client.get(sees).status_code == 200
    if does_not_see:
        assert client.get(does_not_see).status_code == 403


def test_every_role_is_there_after_a_migrate():
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_players_do_not_enter(client):
    client.force_login(UserFactory())

    assert client.get("/admin/").status_code == 302


def test_verifying_an_organisation_opens_it_and_is_on_the_trail(client, boss):
    onlus = OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    body = {"action": "verify", "_selected_action": [str(onlus.pk)]}

    for _ in range(2):
        client.post(url(Onlus, "changelist"), body)

    onlus.refresh_from_db()
    assert onlus.accepts_donations
    [entry] = AuditEntry.objects.filter(action="onlus_verify")
    assert (entry.actor, entry.target_id) == (boss, str(onlus.pk))


def test_signing_somebody_out_ends_every_device(client, boss):
    user = UserFactory()
    for _ in range(2):
        sign_in.open_session(user=user, device=sign_in.Device("phone", "127.0.0.1"), now=THEN)

    client.post(
        url(User, "changelist"), {"action": "sign_out_everywhere", "_selected_action": [str(user.pk)]}
    )

    assert not LoginSession.objects.filter(user=user, ended_at=None).exists()
    assert AuditEntry.objects.get().action == "sign_out_everywhere"


def test_a_change_is_on_the_trail_with_before_and_after(client, boss):
    user = UserFactory(display_name="Before")
    form = {
        "display_name": "After",
        "first_name": "",
        "last_name": "",
        "preferred_language": "en",
        "is_active": "on",
    }

    answer = client.post(url(User, "change", user.pk), form)

    assert answer.status_code == 302, answer.context["errors"]
    entry = AuditEntry.objects.get()
    assert (entry.before["display_name"], entry.after["display_name"]) == ("Before", "After")
    assert entry.address == "127.0.0.1"
    assert broken_entries() == []


def test_nobody_raises_themselves(client):
    staff = member_of("admin")
    client.force_login(staff)
    form = {
        "display_name": staff.display_name,
        "first_name": "A",
        "last_name": "B",
        "preferred_language": "en",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [str(Group.objects.get(name="super_admin").pk)],
    }

    client.post(url(User, "change", staff.pk), form)

    staff.refresh_from_db()
    assert not staff.is_superuser
    assert [group.name for group in staff.groups.all()] == ["admin"]
