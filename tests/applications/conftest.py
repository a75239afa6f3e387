import pytest

from tests.factories.accounts import UserFactory


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "private")
    return tmp_path / "private"


@pytest.fixture
def applicant(db):
    return UserFactory(email="lucia@mail.example", display_name="Lucia")


@pytest.fixture
def mine(api, applicant):
    """The API, with the applicant signed in."""
    api.force_authenticate(applicant)
    return api
