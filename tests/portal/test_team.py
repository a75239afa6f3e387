"""The team in the portal: who owns the organisation invites, changes roles and takes seats away."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import OneTimeToken, OnlusInvitation, OnlusMembership, SecondFactor, User
from accounts.operations import registration, second_factor, sign_in, team
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_second_step import code_of
from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory, UserFactory
from tests.portal.conftest import NOON

Role = OnlusMembership.Role


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Do something, then what follows after the commit: the mails."""

    def run(act):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            return act()

    return run


def invite(client, onlus, email="nuova@example.org", role="editor"):
    return client.post(f"/portal/{onlus.pk}/team/invite/", {"email": email, "role": role})


def link():
    """The address in the last mail, without its host."""
    return re.search(r"http://[^/]+(/portal/invitations/\S+)", mail.outbox[-1].body).group(1)


def roles(onlus):
    return {seat.user.email: seat.role for seat in onlus.memberships.select_related("user")}


def make_invitation(onlus, owner, email="nuova@example.org", role="editor"):
    """An invitation whose mail went out, with the token of its link."""
    offered = team.invite(onlus=onlus, email=email, role=role, invited_by=owner, now=NOON)
    return team.new_token(invitation_id=offered.pk, now=NOON)


def test_somebody_new_comes_in_by_the_mail(portal, client, onlus, member, commits):
    commits(lambda: invite(portal, onlus, "Nuova@Example.org"))
    assert mail.outbox[0].to == ["nuova@example.org"]
    assert "Il Sentiero Verde" in mail.outbox[0].body
    address = link()
    client.logout()

    shown = client.get(address)
    taken = commits(
        lambda: client.post(
            address,
            {
                "first_name": "Nina",
                "last_name": "Nuova",
                "password": "una frase tutta mia",
                "preferred_language": "it",
            },
        )
    )

    assert "Join Il Sentiero Verde" in shown.text
    assert taken.url == f"/portal/{onlus.pk}/"
    newcomer = User.objects.get(email="nuova@example.org")
    assert (newcomer.get_full_name(), newcomer.is_verified, newcomer.preferred_language) == (
        "Nina Nuova",
        True,
        "it",
    )
    assert roles(onlus) == {member.email: "owner", "nuova@example.org": "editor"}
    assert client.get(f"/portal/{onlus.pk}/team/").status_code == 200
    assert [message.to for message in mail.outbox] == [[member.email]]  # the owner is told
    actions = AuditEntry.objects.order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["member_invite", "member_join"]


def test_the_link_works_once_and_only_for_a_week(portal, client, onlus, member):
    newcomer = UserFactory(email="nuova@example.org")
    offered, token = make_invitation(onlus, member)
    address = reverse("portal:invitation", args=[token])
    client.force_login(newcomer)

    with time_machine.travel(NOON + timedelta(days=7), tick=False):
        late = client.post(address)
    client.force_login(newcomer)  # a sign-in lasts for hours
    first, again = client.post(address), client.get(address)
    forged = client.get(address[:-2] + "x/")

    assert (late.status_code, first.status_code, again.status_code, forged.status_code) == (
        410,
        302,
        404,
        404,
    )
    assert "expired" in late.text
    assert "This invitation no longer works" in again.text
    assert roles(onlus) == {member.email: "owner", newcomer.email: "editor"}
    offered.refresh_from_db()
    assert offered.accepted_by == newcomer


def test_a_player_signs_in_on_the_way(client, onlus, member):
    player = UserFactory(email="nuova@example.org")
    _offered, token = make_invitation(onlus, member)
    address = reverse("portal:invitation", args=[token])

    asked = client.post(address)
    entered = client.post(asked.url, {"email": player.email, "password": PASSWORD})
    joined = client.post(entered.url)

    assert asked.url == f"/portal/sign-in/?next={address}"
    assert entered.url == address
    assert joined.url == f"/portal/{onlus.pk}/"
    assert roles(onlus)[player.email] == "editor"


NINA = {
    "first_name": "Nina",
    "last_name": "Nuova",
    "password": "una frase tutta mia",
    "preferred_language": "it",
}


def test_what_a_stranger_opened_with_the_address_is_of_no_use_to_them(client, api, onlus, member):
    account = UserFactory(email="nuova@example.org", email_verified_at=None, first_name="Eve")
    _offered, token = make_invitation(onlus, member)
    address = reverse("portal:invitation", args=[token])
    device = sign_in.Device(user_agent="", address="")
    tokens = sign_in.open_session(user=account, device=device, now=NOON)
    second_factor.begin(user=account)
    second_factor.confirm(user=account, code=code_of(account, NOON), now=NOON)
    registration.send_verification(user_id=account.pk, now=NOON)
    stranger = Client()
    stranger.force_login(account)

    shown = client.get(address)
    taken = client.post(address, NINA)
    own = client.get(f"/portal/{onlus.pk}/team/")

    assert "was never confirmed" in shown.text
    assert (taken.url, own.status_code) == (f"/portal/{onlus.pk}/", 200)
    assert roles(onlus) == {member.email: "owner", account.email: "editor"}
    account.refresh_from_db()
    assert (account.is_verified, account.first_name) == (True, "Nina")
    assert (account.check_password(PASSWORD), account.check_password(NINA["password"])) == (False, True)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
    assert api.get("/api/user/profile").status_code == 401
    assert api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token}).status_code == 401
    assert stranger.get(f"/portal/{onlus.pk}/team/").status_code == 302
    assert not OneTimeToken.objects.filter(user=account).exists()
    assert not SecondFactor.objects.filter(user=account).exists()
    assert AuditEntry.objects.filter(action="account_take_over").count() == 1


def test_looking_at_an_invitation_confirms_nothing(client, onlus, member):
    account = UserFactory(email="nuova@example.org", email_verified_at=None)
    _offered, token = make_invitation(onlus, member)
    address = reverse("portal:invitation", args=[token])

    client.get(address)
    refused = client.post(address, {**NINA, "password": "1234"})

    assert refused.status_code == 422
    account.refresh_from_db()
    assert (account.is_verified, account.check_password(PASSWORD)) == (False, True)
    assert roles(onlus) == {member.email: "owner"}


@pytest.mark.parametrize("columns", [{"email_verified_at": NOON}, {"is_staff": True}])
def test_no_invitation_sets_the_password_of_an_account_that_is_somebodys(client, onlus, member, columns):
    account = UserFactory(email="nuova@example.org", **{"email_verified_at": None, **columns})
    _offered, token = make_invitation(onlus, member)

    asked = client.post(reverse("portal:invitation", args=[token]), NINA)

    assert asked.url.startswith("/portal/sign-in/")
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    assert account.is_verified is (columns.get("email_verified_at") is not None)
    with pytest.raises(registration.EmailAlreadyRegistered):
        team.accept_as_new(token=token, now=NOON, **NINA)


def test_a_closed_account_is_not_taken_over(client, onlus, member):
    account = UserFactory(email="nuova@example.org", email_verified_at=None, is_active=False)
    _offered, token = make_invitation(onlus, member)

    refused = client.post(reverse("portal:invitation", args=[token]), NINA)

    assert refused.status_code == 422
    account.refresh_from_db()
    assert (account.check_password(PASSWORD), account.is_verified) == (True, False)
    assert roles(onlus) == {member.email: "owner"}


def test_an_invitation_is_for_its_address(client, onlus, member):
    stranger = UserFactory()
    offered, token = make_invitation(onlus, member)
    client.force_login(stranger)

    shown = client.get(reverse("portal:invitation", args=[token]))
    refused = client.post(reverse("portal:invitation", args=[token]))

    assert "You are signed in as" in shown.text
    assert refused.status_code == 403
    assert stranger.email not in roles(onlus)
    offered.refresh_from_db()
    assert offered.accepted_at is None


def test_a_weak_password_opens_no_account(client, onlus, member):
    _offered, token = make_invitation(onlus, member)
    entry = {"first_name": "Nina", "last_name": "Nuova", "password": "1234", "preferred_language": "it"}

    refused = client.post(reverse("portal:invitation", args=[token]), entry)

    assert refused.status_code == 422
    assert "longer or less common password" in refused.text
    assert not User.objects.filter(email="nuova@example.org").exists()


def test_sending_again_replaces_the_link_and_withdrawing_ends_it(portal, client, onlus, member, commits):
    offered, old = make_invitation(onlus, member)
    commits(lambda: portal.post(f"/portal/{onlus.pk}/team/invitations/{offered.pk}/again/"))
    fresh = link()

    replaced = client.get(reverse("portal:invitation", args=[old]))
    portal.post(f"/portal/{onlus.pk}/team/invitations/{offered.pk}/withdraw/")
    client.logout()
    withdrawn = client.get(fresh)

    assert (replaced.status_code, withdrawn.status_code) == (404, 404)
    assert roles(onlus) == {member.email: "owner"}


def test_an_organisation_sends_so_many_invitations_and_then_rests(
    portal, client, onlus, member, commits, monkeypatch
):
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "mail", "3/hour")
    colleague = MembershipFactory(onlus=onlus, role=Role.OWNER).user
    elsewhere = MembershipFactory(user=colleague, role=Role.OWNER).onlus
    at = f"/portal/{onlus.pk}/team/"

    def invite_and_withdraw():
        invite(portal, onlus)
        [offered] = onlus.invitations.filter(withdrawn_at=None)
        portal.post(f"{at}invitations/{offered.pk}/withdraw/")

    commits(lambda: [invite_and_withdraw() for _time in range(2)])
    commits(lambda: invite(portal, onlus))
    [offered] = onlus.invitations.filter(withdrawn_at=None)
    before = AuditEntry.objects.count()

    again = commits(lambda: portal.post(f"{at}invitations/{offered.pk}/again/", follow=True))
    refused = commits(lambda: invite(portal, onlus, "altra@example.org"))
    client.force_login(colleague)
    by_another = commits(lambda: invite(client, onlus, "altra@example.org"))

    assert "That was often" in again.text
    assert (refused.status_code, by_another.status_code) == (429, 429)
    assert (mail.outbox, AuditEntry.objects.count()) == ([], before)
    assert not onlus.invitations.filter(email="altra@example.org").exists()
    assert invite(client, elsewhere, "altra@example.org").status_code == 302


def test_five_colleagues_and_no_more(portal, onlus, member):
    MembershipFactory(onlus=onlus, role=Role.VIEWER)
    for number in range(4):
        invite(portal, onlus, f"collega{number}@example.org")

    refused = invite(portal, onlus, "sesta@example.org")

    assert refused.status_code == 422
    assert "five colleagues" in refused.text
    assert OnlusInvitation.objects.count() == 4


@pytest.mark.parametrize(
    ("email", "says"),
    [("member", "has a seat"), ("invited", "is invited already"), ("no address", "valid email")],
)
def test_nobody_is_invited_twice(portal, onlus, member, email, says):
    make_invitation(onlus, member)
    known = {"member": member.email, "invited": "nuova@example.org"}

    refused = invite(portal, onlus, known.get(email, email))

    assert refused.status_code == 422
    assert says in refused.text
    assert OnlusInvitation.objects.count() == 1


def test_an_owner_changes_a_role_and_takes_a_seat_away(portal, onlus, member, commits):
    seat = MembershipFactory(onlus=onlus, role=Role.VIEWER)
    address = f"/portal/{onlus.pk}/team/{seat.pk}/"

    commits(lambda: portal.post(address, {"role": "owner"}))
    told_of_role = [message.to for message in mail.outbox]
    commits(lambda: portal.post(f"{address}remove/"))

    assert told_of_role == [[seat.user.email]]
    assert [message.to for message in mail.outbox] == [[seat.user.email]]
    assert roles(onlus) == {member.email: "owner"}
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "member_role_change",
        "member_remove",
    ]


def test_the_last_owner_stays_until_there_is_another(portal, onlus, member):
    seat = onlus.memberships.get()
    MembershipFactory(onlus=onlus, role=Role.OWNER, user=UserFactory(is_active=False))
    address = f"/portal/{onlus.pk}/team/{seat.pk}/"

    demoted = portal.post(address, {"role": "viewer"})
    left = portal.post(f"/portal/{onlus.pk}/team/leave/", follow=True)

    assert "needs an owner" in demoted.text
    assert "needs an owner" in left.text
    assert roles(onlus)[member.email] == "owner"
    MembershipFactory(onlus=onlus, role=Role.OWNER)
    portal.post(f"/portal/{onlus.pk}/team/leave/")
    assert member.email not in roles(onlus)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_owners_decide_on_people(client, onlus, member, role):
    colleague = MembershipFactory(onlus=onlus, role=role)
    offered, _token = make_invitation(onlus, member, "altra@example.org")
    client.force_login(colleague.user)
    base, before = f"/portal/{onlus.pk}/team", roles(onlus)

    answers = [
        invite(client, onlus),
        client.post(f"{base}/{colleague.pk}/", {"role": "owner"}),
        client.post(f"{base}/{onlus.memberships.first().pk}/remove/"),
        client.post(f"{base}/invitations/{offered.pk}/withdraw/"),
        client.post(f"{base}/invitations/{offered.pk}/again/"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert roles(onlus) == before
    assert OnlusInvitation.objects.open(NOON).get() == offered
    page = client.get(f"{base}/").text
    assert "Invite a colleague" not in page
    assert member.email not in page  # addresses are for owners


def test_people_and_invitations_of_another_organisation_do_not_exist(portal, onlus):
    other = MembershipFactory(onlus=OnlusFactory())
    MembershipFactory(onlus=other.onlus, role=Role.OWNER)
    offered, _token = make_invitation(other.onlus, other.user)
    base = f"/portal/{onlus.pk}/team"

    answers = [
        portal.get(f"{base}/{other.pk}/"),
        portal.post(f"{base}/{other.pk}/", {"role": "viewer"}),
        portal.post(f"{base}/{other.pk}/remove/"),
        portal.post(f"{base}/invitations/{offered.pk}/withdraw/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert other.onlus.memberships.count() == 2
    assert OnlusInvitation.objects.open(NOON).get() == offered


@pytest.mark.parametrize("count", [1, 3])
def test_the_team_costs_the_same_however_large_it_is(portal, onlus, member, count, django_assert_num_queries):
    for number in range(count):
        MembershipFactory(onlus=onlus, role=Role.VIEWER)
        if number < 2:
            make_invitation(onlus, member, f"collega{number}@example.org")

    with django_assert_num_queries(6):
        portal.get(f"/portal/{onlus.pk}/team/")


def test_who_set_up_a_second_step_is_asked_for_it(client, onlus, member):
    second_factor.begin(user=member)
    second_factor.confirm(user=member, code=code_of(member, NOON), now=NOON)

    asked = client.post("/portal/sign-in/", {"email": member.email, "password": PASSWORD})
    early = client.get(f"/portal/{onlus.pk}/")
    wrong = client.post(asked.url, {"code": "000000"})
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        code = code_of(member, NOON + timedelta(minutes=1))
        entered = client.post(asked.url, {"code": code})

    assert asked.url == "/portal/sign-in/code/"
    assert early.status_code == 302  # the password alone opens nothing
    assert wrong.status_code == 422
    assert entered.url == "/portal/"
    assert client.get(f"/portal/{onlus.pk}/").status_code == 200
    assert SecondFactor.objects.get().failures == 0


def test_the_password_of_a_moment_ago_is_not_enough_forever(client, member):
    second_factor.begin(user=member)
    second_factor.confirm(user=member, code=code_of(member, NOON), now=NOON)
    asked = client.post("/portal/sign-in/", {"email": member.email, "password": PASSWORD})

    later = NOON + timedelta(minutes=6)
    with time_machine.travel(later, tick=False):
        refused = client.post(asked.url, {"code": code_of(member, later)})

    assert refused.url == "/portal/sign-in/"
    assert "_auth_user_id" not in client.session
