"""Two at the same moment on one logo: one is shown, and nothing is public that should not be."""

from datetime import UTC, datetime

import pytest

from accounts.models import Onlus
from accounts.operations import logos, standing
from accounts.queries.logos import logos_of
from goodplay.lib.pictures.models import Picture
from tests.factories.accounts import MembershipFactory, StaffFactory
from tests.factories.pictures import upload
from tests.threads import at_once

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_of_two_logos_put_up_at_once_one_is_shown(real_transactions):
    owner = MembershipFactory()
    uploads = [upload(colour=(200, 10, 10)), upload(colour=(10, 10, 200))]

    results = at_once(
        2,
        lambda number: logos.put_up(onlus=owner.onlus, upload=uploads[number], member=owner.user, now=NOON),
    )

    shown = logos_of([owner.onlus_id])[owner.onlus_id]
    assert shown in results
    assert Picture.objects.count() == 2
    assert list(Picture.objects.exclude(published_at=None)) == [shown]


def test_a_logo_put_up_while_its_organisation_is_suspended_stays_hidden(real_transactions):
    owner, officer, drawn = MembershipFactory(), StaffFactory(), upload()
    steps = [
        lambda: logos.put_up(onlus=owner.onlus, upload=drawn, member=owner.user, now=NOON),
        lambda: standing.suspend(onlus=owner.onlus, actor=officer, reason="Late", now=NOON),
    ]

    at_once(2, lambda number: steps[number]())

    assert Onlus.objects.get(pk=owner.onlus_id).status == Onlus.Status.SUSPENDED
    assert logos_of([owner.onlus_id])[owner.onlus_id].published_at is None
