"""Every screen of the back office, its roles, and what it writes on the trail."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.models import LoginSession, Onlus, User
from accounts.operations import sign_in
from accounts.roles import ROLES
from donations.models import Donation, Transfer
from games.models import Game, GameSession
from goodplay.lib.admin import pages
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.audit.trail import broken_entries
from goodplay.lib.jobs.models import JobRun
from tests.factories.accounts import THEN, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.games import finished_session

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


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (User, "password__startswith"),
        (User, "password"),
        (User, "one_time_tokens__token_hash__startswith"),
        (User, "login_sessions__refresh_jti__startswith"),
        (User, "groups__user__password__startswith"),
        (LoginSession, "user__password__startswith"),
        (LoginSession, "refresh_jti__startswith"),
        (GameSession, "seed__startswith"),
        (GameSession, "private_state__icontains"),
        (GameSession, "private_state__secret"),
        (GameSession, "user__password__startswith"),
        (Transfer, "debit_account__player__password__startswith"),
        (AuditEntry, "actor__password__startswith"),
        (Donation, "donor__one_time_tokens__token_hash__gte"),
    ],
    ids=lambda part: part if isinstance(part, str) else part._meta.model_name,
)
def test_no_list_is_filtered_by_a_secret(client, boss, model, lookup):
    finished_session()
    make_donation(UserFactory(), OnlusFactory())

    assert client.get(url(model, "changelist"), {lookup: "a"}).status_code == 400


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        (User, {"email__iendswith": "@example.org"}, 3),
        (User, {"created_at__year": "2026"}, 3),
        (User, {"is_staff__exact": "1"}, 1),
        (User, {"groups__id__exact": "1"}, 0),
        (LoginSession, {"user__email": "nobody@example.org"}, 0),
        (GameSession, {"status__exact": "completed"}, 1),
        (Game, {"pk__in": "00000000-0000-0000-0000-000000000000"}, 0),
        (Donation, {"status__exact": "completed", "completed_at__gte": "2026-01-01T00:00:00+00:00"}, 1),
    ],
    ids=lambda part: "&".join(part) if isinstance(part, dict) else "",
)
def test_lists_are_filtered_by_what_they_offer(client, boss, model, query, found):
    player = UserFactory()
    finished_session(player=player)
    make_donation(player, OnlusFactory())
    UserFactory()

    answer = client.get(url(model, "changelist"), query)

    assert answer.status_code == 200
    assert answer.context["cl"].result_count == found


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


def test_signing_somebody_out_ends_every_device(client, boss, django_capture_on_commit_callbacks):
    user = UserFactory()
    for _ in range(2):
        sign_in.open_session(user=user, device=sign_in.Device("phone", "127.0.0.1"), now=THEN)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            url(User, "changelist"),
            {
                "action": "sign_out_all",
                "_selected_action": [str(user.pk)],
                "apply": "yes",
                "reason": "A lost phone.",
            },
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


def test_the_schedule_is_changed_on_the_trail(client, boss):
    task = PeriodicTask.objects.get(name="donations.tasks.verify_books")
    chosen = {"_selected_action": [str(task.pk)]}

    for action in ("disable_tasks", "enable_tasks"):
        client.post(url(PeriodicTask, "changelist"), {"action": action, **chosen})

    off, on = AuditEntry.objects.order_by("sequence")
    assert (off.actor, off.target_id) == (boss, str(task.pk))
    assert (off.before["enabled"], off.after["enabled"]) == ("True", "False")
    assert (on.before["enabled"], on.after["enabled"]) == ("False", "True")


def test_a_job_run_by_hand_is_on_the_trail(client, boss):
    task = PeriodicTask.objects.get(name="donations.tasks.verify_books")
    body = {"action": "run_tasks", "_selected_action": [str(task.pk)]}

    client.post(url(PeriodicTask, "changelist"), body)

    assert JobRun.objects.get(name=task.name).succeeded_at is not None
    assert AuditEntry.objects.get().action == "job_run"


def test_a_changed_interval_is_on_the_trail_and_none_is_deleted(client, boss):
    every = IntervalSchedule.objects.create(every=7, period="minutes")
    job = PeriodicTask.objects.create(name="seven", task="donations.tasks.verify_books", interval=every)
    tasks = "periodictask_set"
    form = {"every": "1", "period": "days", f"{tasks}-TOTAL_FORMS": "1", f"{tasks}-INITIAL_FORMS": "1"}
    form |= {f"{tasks}-0-id": str(job.pk), f"{tasks}-0-interval": str(every.pk)}

    saved = client.post(url(IntervalSchedule, "change", every.pk), form)
    deleted = client.post(url(IntervalSchedule, "delete", every.pk), {"post": "yes"})

    assert (saved.status_code, deleted.status_code) == (302, 403)
    entry = AuditEntry.objects.get(action="change")
    assert entry.before == {"every": "7", "period": "minutes"}
    assert entry.after == {"every": "1", "period": "days"}


def test_every_screen_that_writes_is_audited():
    writing = [
        model._meta.label
        for model, screen in admin.site._registry.items()
        if not isinstance(screen, AuditedAdmin | ReadOnlyAdmin)
    ]

    assert writing == []


def pages_of_transfers(client, monkeypatch, per_page=2):
    monkeypatch.setattr(admin.site._registry[Transfer], "list_per_page", per_page)
    return lambda **query: client.get(url(Transfer, "changelist"), query)


@pytest.mark.parametrize("query", [{}, {"p": "2"}, {"all": ""}, {"q": "example.org"}, {"_facets": "True"}])
def test_the_ledger_is_never_counted(client, boss, monkeypatch, query):
    for _ in range(3):
        make_donation(UserFactory(), OnlusFactory())
    page = pages_of_transfers(client, monkeypatch)

    with CaptureQueriesContext(connection) as captured:
        answer = page(**query)

    touching = [each["sql"] for each in captured if "donations_transfer" in each["sql"].lower()]
    assert answer.status_code == 200
    assert len(touching) == 2
    assert not any("COUNT(" in sql.upper() for sql in touching)
    assert all("LIMIT" in sql for sql in touching)


def test_pages_of_the_ledger_follow_each_other_to_the_last(client, boss, monkeypatch):
    for _ in range(3):
        make_donation(UserFactory(), OnlusFactory())
    rows = list(Transfer.objects.order_by("-created_at", "-id"))
    page = pages_of_transfers(client, monkeypatch, per_page=len(rows) - 1)

    first, last, beyond = page(), page(p="2"), page(p="3")

    assert list(first.context["cl"].result_list) == rows[:-1]
    assert list(last.context["cl"].result_list) == rows[-1:]
    assert f"{len(rows) - 1}+ transfers" in first.text
    assert f"{len(rows)} transfers" in last.text
    assert "p=2" in first.text
    assert beyond.url.endswith("?e=1")


@pytest.mark.parametrize("asked", ["0", "-1", "99999999999999999999", "x", "1.5"])
def test_odd_pages_of_the_ledger_are_refused_calmly(client, boss, monkeypatch, asked):
    make_donation(UserFactory(), OnlusFactory())

    answer = pages_of_transfers(client, monkeypatch, per_page=1)(p=asked)

    assert answer.status_code in {200, 302}


def test_the_ledger_ends_where_searching_is_better(client, boss, monkeypatch):
    monkeypatch.setattr(pages, "DEEPEST", 2)
    for _ in range(3):
        make_donation(UserFactory(), OnlusFactory())
    page = pages_of_transfers(client, monkeypatch, per_page=1)

    assert "p=3" not in page(p="2").text
    assert page(p="3").url.endswith("?e=1")


def test_the_history_of_a_row_opens_on_any_page(client, boss):
    make_donation(UserFactory(), OnlusFactory())
    address = url(Transfer, "history", Transfer.objects.first().pk)

    assert client.get(address, {"p": "99999999999999999999"}).status_code == 200
