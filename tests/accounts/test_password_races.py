"""Two at the same moment on one password: one outcome."""

from django.utils import timezone

from accounts.models import OneTimeToken
from accounts.operations import one_time_tokens, passwords
from tests.factories.accounts import PASSWORD, UserFactory
from tests.threads import at_once

PHRASES = ("the phrase of the first", "the phrase of the second")


def test_one_link_sets_one_password(real_transactions):
    user = UserFactory()
    secret = one_time_tokens.issue(
        user, OneTimeToken.Purpose.RESET_PASSWORD, passwords.RESET_LIVES, timezone.now()
    )

    results = at_once(
        2,
        lambda number: passwords.reset(token=secret, new_password=PHRASES[number], now=timezone.now()),
    )

    assert sum(isinstance(each, passwords.ResetTokenInvalid) for each in results) == 1
    winner = next(number for number, each in enumerate(results) if not isinstance(each, Exception))
    user.refresh_from_db()
    assert user.check_password(PHRASES[winner])


def test_of_two_devices_that_change_it_one_wins(real_transactions):
    user = UserFactory()

    results = at_once(
        2,
        lambda number: passwords.change(
            user=user, current_password=PASSWORD, new_password=PHRASES[number], now=timezone.now()
        ),
    )

    assert sum(isinstance(each, passwords.CurrentPasswordIncorrect) for each in results) == 1
    winner = next(number for number, each in enumerate(results) if not isinstance(each, Exception))
    user.refresh_from_db()
    assert user.check_password(PHRASES[winner])
