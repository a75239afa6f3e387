import pytest

from tests.factories.accounts import UserFactory


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "private")
    return tmp_path / "private"


@pytest.fixture
def alice(api):
    user = UserFactory(first_name="Alice", last_name="Rossi")
    api.force_authenticate(user)
    return user
