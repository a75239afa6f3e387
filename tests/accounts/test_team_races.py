"""Two at the same moment on one team: the database decides, once."""

from datetime import UTC, datetime

from accounts.models import OnlusMembership
from accounts.operations import team
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.threads import at_once

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
Role = OnlusMembership.Role


def test_two_who_open_one_invitation_at_once_get_one_seat(real_transactions):
    owner = MembershipFactory()
    newcomer = UserFactory(email="nuova@example.org")
    offered = team.invite(
        onlus=owner.onlus, email=newcomer.email, role="editor", invited_by=owner.user, now=NOON
    )
    _offered, token = team.new_token(invitation_id=offered.pk, now=NOON)

    results = at_once(2, lambda _number: team.accept(token=token, user=newcomer, now=NOON))

    refused = [each for each in results if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [team.InvitationInvalid]
    assert OnlusMembership.objects.filter(user=newcomer).count() == 1


def test_of_two_owners_who_remove_each_other_one_stays(real_transactions):
    first = MembershipFactory()
    second = MembershipFactory(onlus=first.onlus)
    pairs = [(first, second.user), (second, first.user)]

    results = at_once(2, lambda number: team.remove(seat=pairs[number][0], actor=pairs[number][1], now=NOON))

    refused = [each for each in results if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [team.OwnersOnly]
    assert OnlusMembership.objects.filter(onlus=first.onlus, role=Role.OWNER).count() == 1
