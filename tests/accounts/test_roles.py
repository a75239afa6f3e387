"""Who may make whom what: levels, a second person, rights that are lent."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import StaffSession, TemporaryGrant, User
from accounts.operations import people, roles
from accounts.roles import LEVELS, ROLES, grant_role_rights
from accounts.tasks import end_lent_rights
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import DomainError
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
REASON = "She takes over from Mario."


def member_of(role, **columns):
    user = UserFactory(is_staff=True, **columns)
    user.groups.add(Group.objects.get(name=role))
    return user


def ask(user, role, by):
    return roles.request_role(user=user, role=role, requested_by=by, reason=REASON, now=NOW)


def approve(asked, by):
    return approvals.approve(request=asked, decided_by=by, now=NOW)


def right(name):
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def lend(user, name, by, hours=8, now=NOW):
    return roles.lend_right(
        user=user, permission=right(name), hours=hours, granted_by=by, reason=REASON, now=now
    )


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_every_role_has_a_level():
    assert set(LEVELS) == set(ROLES)


def test_a_role_changes_when_a_second_person_approves_and_not_before():
    asker, approver, player = member_of("super_admin"), member_of("super_admin"), UserFactory()

    asked = ask(player, "moderator", asker)
    before = roles.role_of(fresh(player))
    approve(asked, approver)

    changed = fresh(player)
    assert before == ""
    assert (roles.role_of(changed), changed.is_staff) == ("moderator", True)
    entry = AuditEntry.objects.get(action="permission_grant")
    assert (entry.actor, entry.target_id, entry.reason) == (approver, str(player.pk), REASON)
    assert entry.before == {"role": "", "rights": []}
    assert entry.after == {"role": "moderator", "rights": []}


def test_nobody_approves_what_they_asked_for():
    asker, player = member_of("super_admin"), UserFactory()
    asked = ask(player, "analyst", asker)

    with pytest.raises(approvals.FourEyesRequired):
        approve(asked, asker)

    assert not fresh(player).is_staff


def test_changing_the_role_ends_every_right_of_ones_own_and_every_sign_in(client):
    boss, other, mod = member_of("super_admin"), member_of("super_admin"), member_of("moderator")
    mod.user_permissions.add(right("donations.view_donation"))
    lend(mod, "audit.view_auditentry", boss)
    client.force_login(mod)

    approve(ask(mod, "analyst", boss), other)

    changed = fresh(mod)
    assert list(changed.groups.values_list("name", flat=True)) == ["analyst"]
    assert not changed.user_permissions.exists()
    assert not TemporaryGrant.objects.filter(ended_at=None).exists()
    assert client.get("/admin/").status_code == 302
    assert StaffSession.objects.get(user=mod).ended_because == "staff"
    revoked = AuditEntry.objects.get(action="permission_revoke")
    assert revoked.before == {"role": "moderator", "rights": ["donations.view_donation"]}


@pytest.mark.parametrize("actor", LEVELS)
@pytest.mark.parametrize("target", ["", *LEVELS])
def test_staff_manage_strictly_lower_levels_only(actor, target):
    by, user = member_of(actor), member_of(target) if target else UserFactory()
    other = "analyst" if target != "analyst" else "auditor"
    level = LEVELS[actor]
    may = actor == "super_admin" or (level > LEVELS.get(target, 0) and level > LEVELS[other])

    if may:
        assert ask(user, other, by).is_pending
    else:
        with pytest.raises(roles.NotBelowYou):
            ask(user, other, by)
        assert not ApprovalRequest.objects.exists()


def test_an_administrator_makes_no_equal():
    with pytest.raises(roles.NotBelowYou):
        ask(UserFactory(), "admin", member_of("admin"))


@pytest.mark.parametrize("role", ["admin", "", "super_admin"])
def test_nobody_changes_their_own_role(role):
    boss = member_of("super_admin")
    member_of("super_admin")

    with pytest.raises(roles.NotBelowYou):
        ask(boss, role, boss)


def test_the_last_active_super_administrator_stays():
    boss, root, admin = member_of("super_admin"), member_of("super_admin"), member_of("admin")
    asked = ask(boss, "analyst", root)
    User.objects.filter(pk=root.pk).update(is_active=False)

    with pytest.raises(roles.LastSuperAdministrator):
        people.suspend(user=boss, actor=root, reason=REASON, now=NOW)  # who was just suspended, unseen
    with pytest.raises(DomainError):
        approve(asked, admin)

    assert roles.role_of(fresh(boss)) == "super_admin"
    assert fresh(boss).is_active


def test_a_request_about_somebody_who_changed_meanwhile_is_refused():
    boss, other, mod = member_of("super_admin"), member_of("super_admin"), member_of("moderator")
    asked = ask(mod, "analyst", boss)
    mod.groups.set(Group.objects.filter(name="finance"))

    with pytest.raises(roles.RoleChanged):
        approve(asked, other)

    assert roles.role_of(fresh(mod)) == "finance"


@pytest.mark.parametrize(("role", "error"), [("wizard", roles.UnknownRole), ("analyst", roles.SameRole)])
def test_what_makes_no_sense_is_not_asked_for(role, error):
    with pytest.raises(error):
        ask(member_of("analyst"), role, member_of("super_admin"))

    assert not ApprovalRequest.objects.exists()


# Rights that are lent -------------------------------------------------------------------------------------------


def test_a_lent_right_counts_until_it_expires_to_the_second():
    boss, mod = member_of("super_admin"), member_of("moderator")

    lend(mod, "audit.view_auditentry", boss, hours=2)

    with time_machine.travel(NOW + timedelta(hours=1, minutes=59, seconds=59), tick=False):
        assert fresh(mod).has_perm("audit.view_auditentry")
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert not fresh(mod).has_perm("audit.view_auditentry")
        assert end_lent_rights() == "1 ended"
        assert end_lent_rights() == "0 ended"
    granted, revoked = AuditEntry.objects.order_by("sequence")
    assert (granted.action, granted.after["right"]) == ("permission_grant", "audit.view_auditentry")
    assert (revoked.action, revoked.actor) == ("permission_revoke", None)


def test_nobody_lends_what_they_do_not_hold_nor_upwards_nor_to_themselves():
    admin, mod, boss = member_of("admin"), member_of("moderator"), member_of("super_admin")

    refusals = [
        (mod, "donations.release_payoutrun", admin, roles.RightNotHeld),
        (boss, "accounts.view_user", admin, roles.NotBelowYou),
        (admin, "accounts.view_user", admin, roles.NotBelowYou),
        (UserFactory(), "accounts.view_user", admin, roles.NotBelowYou),
        (mod, "accounts.view_user", boss, roles.RightAlreadyHeld),
    ]

    for user, name, by, error in refusals:
        with pytest.raises(error):
            lend(user, name, by)
    assert not TemporaryGrant.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("hours", [0, -1, 73])
def test_rights_are_lent_for_hours_not_for_ever(hours):
    with pytest.raises(roles.LoanTooLong):
        lend(member_of("moderator"), "audit.view_auditentry", member_of("super_admin"), hours=hours)


# Suspending -----------------------------------------------------------------------------------------------------


def test_a_suspended_player_comes_back_with_their_reason_on_the_trail():
    admin, player = member_of("admin"), UserFactory()

    people.suspend(user=player, actor=admin, reason=REASON, now=NOW)
    with pytest.raises(people.AlreadySuspended):
        people.suspend(user=player, actor=admin, reason=REASON, now=NOW)
    people.activate(user=player, actor=admin, reason=REASON, now=NOW)
    with pytest.raises(people.AlreadyActive):
        people.activate(user=player, actor=admin, reason=REASON, now=NOW)

    assert fresh(player).is_active
    actions = AuditEntry.objects.order_by("sequence").values_list("action", "reason")
    assert list(actions) == [("user_suspend", REASON), ("user_activate", REASON)]


def test_staff_are_suspended_from_above_only_and_never_by_themselves():
    admin, peer, boss = member_of("admin"), member_of("admin"), member_of("super_admin")

    for actor, user in [(admin, peer), (admin, boss), (admin, admin), (boss, boss)]:
        with pytest.raises(DomainError):
            people.suspend(user=user, actor=actor, reason=REASON, now=NOW)

    assert not User.objects.filter(is_active=False).exists()


def test_no_loan_brings_together_what_is_kept_apart():
    boss, finance, compliance = member_of("super_admin"), member_of("finance"), member_of("compliance")

    for person, name in [
        (finance, "donations.close_case"),
        (finance, "donations.publish_riskrule"),
        (compliance, "donations.release_payoutrun"),
        (compliance, "donations.close_month"),
    ]:
        with pytest.raises(roles.RightKeptApart):
            lend(person, name, boss)

    assert not TemporaryGrant.objects.exists()


def test_what_is_kept_from_a_role_is_taken_from_it_with_the_next_migrate():
    finance = Group.objects.get(name="finance")
    finance.permissions.add(
        right("donations.close_case"), right("donations.view_case"), right("games.view_game")
    )
    finance.permissions.remove(right("donations.close_month"))

    grant_role_rights("default")

    held = set(finance.permissions.values_list("codename", flat=True))
    assert held & {"close_case", "view_case", "close_month", "view_game"} == {"view_game"}


# In the back office ---------------------------------------------------------------------------------------------


def test_the_page_of_a_person_offers_what_one_may_do(client):
    admin, mod, boss = member_of("admin"), member_of("moderator"), member_of("super_admin")
    client.force_login(admin)

    def offered(user):
        page = client.get(reverse("admin:accounts_user_change", args=[user.pk]))
        return [str(each["button"].label) for each in page.context["buttons"]]

    assert offered(mod) == ["Suspend", "Sign out on every device", "Change the role", "Lend a right"]
    assert offered(boss) == offered(admin) == []
    assert client.post(reverse("admin:accounts_user_do", args=[boss.pk, "suspend"])).status_code == 403


def test_a_role_is_asked_for_by_a_button(client):
    boss, player = member_of("super_admin"), UserFactory()
    client.force_login(boss)

    client.post(
        reverse("admin:accounts_user_do", args=[player.pk, "change_role"]),
        {"role": "finance", "reason": REASON},
    )

    asked = ApprovalRequest.objects.get()
    assert (asked.kind, asked.facts["to"], asked.requested_by) == ("staff_role", "finance", boss)


def test_a_form_sends_no_role_and_no_flag_past_the_buttons(client):
    player = UserFactory()
    client.force_login(member_of("super_admin"))
    form = {"display_name": "Ada", "preferred_language": "en", "is_staff": "on", "is_superuser": "on"}

    client.post(
        reverse("admin:accounts_user_change", args=[player.pk]),
        {**form, "groups": [str(Group.objects.get(name="super_admin").pk)]},
    )

    changed = fresh(player)
    assert (changed.display_name, changed.is_staff, changed.is_superuser) == ("Ada", False, False)
    assert not changed.groups.exists()


def test_nobody_edits_a_role_of_their_own_and_no_role_of_the_house_goes(client):
    client.force_login(member_of("super_admin"))
    own = Group.objects.get(name="super_admin")

    changed = client.post(reverse("admin:auth_group_change", args=[own.pk]), {"name": "gods"})
    deleted = client.post(
        reverse("admin:auth_group_delete", args=[Group.objects.get(name="analyst").pk]), {"post": "yes"}
    )

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
