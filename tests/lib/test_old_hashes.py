"""Hashes of an old Flask installation: verified as Werkzeug made them, and only while they cost what they should."""

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher

from accounts.models import User
from goodplay.lib.hashers import WerkzeugScryptPasswordHasher
from tests.factories.accounts import UserFactory
from tests.factories.old import werkzeug_hash


def test_a_hash_of_werkzeug_is_verified():
    stored = WerkzeugScryptPasswordHasher.take_over(werkzeug_hash("una frase lunga"))

    assert check_password("una frase lunga", stored)
    assert not check_password("una frase corta", stored)


def test_surrounding_blanks_are_cut_off_as_they_were():
    stored = WerkzeugScryptPasswordHasher.take_over(werkzeug_hash("una frase lunga"))

    assert check_password("  una frase lunga ", stored)


def test_it_is_hashed_anew_at_the_first_use():
    stored = WerkzeugScryptPasswordHasher.take_over(werkzeug_hash("una frase lunga"))
    fresh = []

    assert check_password("una frase lunga", stored, setter=fresh.append)

    assert fresh == ["una frase lunga"]
    assert identify_hasher(stored).must_update(stored)


def test_a_summary_shows_no_digest():
    stored = WerkzeugScryptPasswordHasher.take_over(werkzeug_hash("una frase lunga"))

    summary = identify_hasher(stored).safe_summary(stored)

    assert stored.split("$")[3] not in summary.values()


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        12,
        b"scrypt:32768:8:1$salt$" + b"0" * 128,
        "pbkdf2:sha256:600000$salt$" + "0" * 64,
        "scrypt:32768:8:1$salt$" + "0" * 127,
        "scrypt:32768:8:1$$" + "0" * 128,
        "scrypt:32768:8:1$sa$lt$" + "0" * 128,
        "scrypt:32767:8:1$salt$" + "0" * 128,  # no power of two
        "scrypt:1048576:8:1$salt$" + "0" * 128,  # a gigabyte
        "scrypt:32768:8:1$" + "s" * 30 + "$" + "0" * 128,  # longer than the column
        "scrypt:32768:0:1$salt$" + "0" * 128,
        "scrypt:32768:8:9$salt$" + "0" * 128,
        "scrypt:0:8:1$salt$" + "0" * 128,
    ],
)
def test_what_is_no_such_hash_is_refused(written):
    assert WerkzeugScryptPasswordHasher.take_over(written) is None


def test_it_fits_the_column():
    stored = WerkzeugScryptPasswordHasher.take_over(werkzeug_hash("una frase lunga"))

    assert len(stored) <= User._meta.get_field("password").max_length


@pytest.mark.django_db
def test_blanks_typed_at_the_first_sign_in_do_not_become_part_of_the_password(api):
    stored = WerkzeugScryptPasswordHasher.take_over(werkzeug_hash("una frase lunga"))
    user = UserFactory(email="lucia@example.org")
    User.objects.filter(pk=user.pk).update(password=stored)

    def sign_in(password):
        body = {"email": "lucia@example.org", "password": password}
        return api.post("/api/auth/login", body, format="json").status_code

    assert [sign_in(" una frase lunga "), sign_in("una frase lunga")] == [200, 200]
    assert not User.objects.get(pk=user.pk).password.startswith("werkzeug")
