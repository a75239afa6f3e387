"""One thing done to many people: a reason, an entry for each, and a list of what became of them."""

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import BulkAction, LoginSession, User
from accounts.operations import bulk, sign_in
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_roles import NOW, REASON, member_of
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:accounts_user_changelist")


@pytest.fixture
def admin(client):
    admin = member_of("admin")
    client.force_login(admin)
    return admin


@pytest.fixture
def act(client, django_capture_on_commit_callbacks):
    def run(action, *people, **form):
        body = {"action": action, "_selected_action": [str(each.pk) for each in people], **form}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(LIST, body)

    return run


def outcomes():
    return {row["user_id"]: (row["status"], row["message"]) for row in BulkAction.objects.get().results}


def test_a_page_asks_for_the_reason_first_and_nothing_happens(act, admin):
    player = UserFactory(email="anna@example.org")

    page = act("suspend_all", player)
    without = act("suspend_all", player, apply="yes", reason="no")

    assert "anna@example.org" in page.content.decode()
    assert without.context["form"].errors["reason"]
    assert User.objects.get(pk=player.pk).is_active
    assert not BulkAction.objects.exists()


def test_each_person_is_suspended_written_down_and_told_why(act, admin, client):
    anna = UserFactory(preferred_language="it")
    ben, gone, colleague = UserFactory(), UserFactory(is_active=False), member_of("analyst")

    answer = act("suspend_all", anna, ben, gone, colleague, admin, apply="yes", reason=REASON)

    assert outcomes() == {
        str(anna.pk): ("success", ""),
        str(ben.pk): ("success", ""),
        str(gone.pk): ("skipped", "USER_ALREADY_SUSPENDED"),
        str(colleague.pk): ("skipped", "STAFF_EXCLUDED"),
        str(admin.pk): ("skipped", "STAFF_EXCLUDED"),
    }
    assert set(User.objects.filter(is_active=False)) == {anna, ben, gone}
    entries = AuditEntry.objects.filter(action="user_suspend", actor=admin, reason=REASON)
    assert {entry.target_id for entry in entries} == {str(anna.pk), str(ben.pk)}
    letters = {message.to[0]: message for message in mail.outbox}
    assert set(letters) == {anna.email, ben.email}
    assert letters[ben.email].subject == "Your account is suspended"
    assert all(REASON in letter.body for letter in letters.values())
    shown = client.get(answer.url).content.decode()
    assert anna.email in shown
    assert "USER_ALREADY_SUSPENDED" in shown


def test_sign_out_confirmation_and_coming_back_work_the_same_way(act, admin):
    player = UserFactory(email_verified_at=None, is_active=False)
    sign_in.open_session(user=player, device=sign_in.Device("phone", "127.0.0.1"), now=NOW)

    for action in ("activate_all", "sign_out_all", "verify_all", "verify_all"):
        act(action, player, apply="yes", reason=REASON)

    player.refresh_from_db()
    assert player.is_active
    assert player.is_verified
    assert not LoginSession.objects.filter(ended_at=None).exists()
    results = [row.results[0]["message"] for row in BulkAction.objects.order_by("asked_at")]
    assert results == ["", "", "", "EMAIL_ALREADY_VERIFIED"]
    actions = AuditEntry.objects.filter(target_id=str(player.pk)).order_by("sequence")
    assert [entry.action for entry in actions] == ["user_activate", "sign_out_everywhere", "user_verify"]


def test_it_happens_once_and_not_after_the_right_is_gone(admin):
    player = UserFactory()
    asked = bulk.ask(kind="suspend", user_ids=[player.pk], reason=REASON, asked_by=admin, now=NOW)
    admin.groups.clear()

    bulk.perform(action_id=asked.pk, now=NOW)
    bulk.perform(action_id=asked.pk, now=NOW)

    assert outcomes() == {str(player.pk): ("error", "ACCESS_DENIED")}
    assert User.objects.get(pk=player.pk).is_active


def test_who_may_not_suspend_is_offered_nothing(act, client):
    client.force_login(member_of("auditor"))
    player = UserFactory()

    act("suspend_all", player, apply="yes", reason=REASON)

    assert not BulkAction.objects.exists()
    assert User.objects.get(pk=player.pk).is_active


def test_more_than_five_hundred_are_refused(admin):
    with pytest.raises(bulk.TooMany):
        bulk.ask(kind="suspend", user_ids=[admin.pk] * 501, reason=REASON, asked_by=admin, now=NOW)
    with pytest.raises(bulk.NobodyChosen):
        bulk.ask(kind="suspend", user_ids=[], reason=REASON, asked_by=admin, now=NOW)
    assert not BulkAction.objects.exists()
