"""The portal by the clock of one day in March: noon in Rome is eleven in UTC."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(NOON, tick=False):
        yield NOON


@pytest.fixture
def onlus():
    return OnlusFactory(name="Il Sentiero Verde", city="Trento")


@pytest.fixture
def member(onlus):
    return MembershipFactory(onlus=onlus, user=UserFactory(display_name="Chiara Moretti")).user


@pytest.fixture
def portal(client, member):
    """A browser in which a member of the organisation is signed in."""
    client.force_login(member)
    return client
