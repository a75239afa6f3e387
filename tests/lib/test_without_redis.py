"""Redis is away: people go on reading and playing, slower; what guards passwords says to come back."""

import socket
from uuid import uuid4

import pytest
import redis
from django.core.cache import cache
from django.db import OperationalError
from django.urls import path
from django.utils import timezone

from accounts.models import LoginSession, StaffLock
from accounts.operations import sign_in
from accounts.tasks import publish_blocks
from goodplay import urls
from goodplay.lib import cache as house
from goodplay.lib.cache import CacheAway, limits, outage
from impact.queries.community import STATISTICS_KEY
from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.games import GameFactory, open_session

pytestmark = pytest.mark.django_db
REAL = "redis://127.0.0.1:6379/9"
PREFIX = f"tests-{uuid4()}"


def use(settings, address):
    options = {"socket_connect_timeout": 1, "socket_timeout": 1}
    kept_in = {"LOCATION": address, "KEY_PREFIX": PREFIX, "OPTIONS": options}
    settings.CACHES = {
        "default": {"BACKEND": "goodplay.lib.cache.ForgivingRedisCache", **kept_in},
        "limits": {"BACKEND": "goodplay.lib.cache.StrictRedisCache", **kept_in},
    }


@pytest.fixture
def nowhere():
    """An address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{unused.getsockname()[1]}/0"


@pytest.fixture
def no_redis(settings, nowhere):
    use(settings, nowhere)
    yield
    outage.ends(lambda keys: None)


def tokens_of(api, user):
    answer = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD})
    return answer.json()["data"]["tokens"]["access_token"]


# Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/transparency/", "/organisations/", "/reports/", "/portal/apply/"])
def test_public_pages_are_made_anew(client, no_redis, address):
    OnlusFactory(name="Il Sentiero Verde")

    assert [client.get(address).status_code for _ in range(2)] == [200, 200]


def test_the_portal_and_the_back_office_go_on(client, no_redis):
    seat = MembershipFactory()
    make_donation(UserFactory(), seat.onlus, "3.00", now=timezone.now())

    client.force_login(seat.user)
    portal = client.get(f"/portal/{seat.onlus.pk}/")
    client.force_login(StaffFactory())
    boards = [client.get("/admin/", {"board": board}) for board in ("finance", "compliance", "applications")]

    assert portal.status_code == 200
    assert "€3.00" in portal.text
    assert [board.status_code for board in boards] == [200, 200, 200]
    assert "€3.00" in boards[0].text


@pytest.mark.parametrize("address", ["/portal/sign-in/", "/admin/login/"])
def test_nobody_signs_in_while_failures_cannot_be_counted(client, no_redis, address):
    staff = StaffFactory()
    names = {"email": staff.email, "username": staff.email}

    page = client.post(address, {**names, "password": PASSWORD}, headers={"accept-language": "en"})

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "Not at the moment" in page.text
    assert "_auth_user_id" not in client.session
    assert not StaffLock.objects.filter(failures__gt=0).exists()


def test_codes_of_receipts_are_not_guessed_meanwhile(client, no_redis):
    assert client.get("/receipts/check/").status_code == 200
    assert client.get("/receipts/check/ABCD-EFGH-JKLM").status_code == 503


def without_database(request):
    raise OperationalError("the database is away")


urlpatterns = [*urls.urlpatterns, path("away/", without_database), path("api/away", without_database)]
handler404, handler500 = urls.handler404, urls.handler500


def test_a_database_that_is_away_is_told_the_same_way(client, settings):
    settings.ROOT_URLCONF = __name__

    page, answer = client.get("/away/"), client.get("/api/away")

    assert (page.status_code, "Not at the moment" in page.text) == (503, True)
    assert (answer.status_code, answer.json()["message"]) == (503, "SERVICE_UNAVAILABLE")
    assert "the database is away" not in page.text + answer.text


# The API ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/api/games", "/api/onlus/organizations", "/api/onlus/statistics", "/api/impact/dashboard"]
)
def test_public_routes_answer(api, no_redis, address):
    GameFactory()

    assert [api.get(address).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("login", {"email": "anna@example.org", "password": PASSWORD}),
        ("register", {"email": "anna@example.org", "password": PASSWORD}),
        ("verify-email", {"token": "x"}),
        ("forgot-password", {"email": "berta@example.org"}),
        ("forgot-password", {"email": "nobody@example.org"}),
    ],
)
def test_routes_that_guard_passwords_say_to_come_back(api, no_redis, address, body):
    UserFactory(email="berta@example.org")

    answer = api.post(f"/api/auth/{address}", body)

    assert (answer.status_code, answer.json()["message"]) == (503, "SERVICE_UNAVAILABLE")
    assert not LoginSession.objects.exists()


def test_a_player_plays_on(api, settings, nowhere):
    player = UserFactory()
    session = open_session(player, now=timezone.now())
    answer = api.post("/api/auth/login", {"email": player.email, "password": PASSWORD}).json()
    use(settings, nowhere)

    refreshed = api.post(
        "/api/auth/refresh", HTTP_AUTHORIZATION=f"Bearer {answer['data']['tokens']['refresh_token']}"
    )
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {refreshed.json()['data']['access_token']}")
    wallet = api.get("/api/wallet")
    move = api.post(f"/api/games/sessions/{session.pk}/moves", {"move": {"guess": 50}})
    ended = api.put(f"/api/games/sessions/{session.pk}/end")
    outage.ends(lambda keys: None)

    assert [each.status_code for each in (wallet, move, ended)] == [200, 200, 200]


def test_an_ended_sign_in_is_asked_for_in_the_database(api, settings, nowhere, django_assert_num_queries):
    player = UserFactory()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_of(api, player)}")
    use(settings, nowhere)
    assert api.get("/api/wallet").status_code == 200

    sign_in.end_all_sessions(user=player, because=LoginSession.Ended.LOGOUT, now=timezone.now())
    answer = api.get("/api/wallet")
    outage.ends(lambda keys: None)

    assert (answer.status_code, answer.json()["message"]) == (401, "INVALID_TOKEN_OR_USER_DISABLED")


def test_the_job_names_ended_sign_ins_to_a_cache_that_came_back_empty(api):
    player = UserFactory()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_of(api, player)}")
    sign_in.end_all_sessions(user=player, because=LoginSession.Ended.LOGOUT, now=timezone.now())
    cache.clear()
    assert api.get("/api/wallet").status_code == 200  # until the job runs

    assert publish_blocks() == "0 closed, 1 sign-ins ended"

    assert api.get("/api/wallet").status_code == 401


# The room itself --------------------------------------------------------------------------------------------------


def test_it_is_an_empty_cache_that_is_not_asked_again_for_a_while(no_redis, monkeypatch):
    assert (cache.get("a", "none"), cache.get_many(["a"]), cache.add("a", 1)) == ("none", {}, True)
    assert cache.get_or_set("a", lambda: "made") == "made"
    assert (cache.has_key("a"), cache.delete("a"), cache.touch("a")) == (False, False, False)
    with pytest.raises(ValueError, match="'a' not found"):
        cache.incr("a")
    with pytest.raises(CacheAway):
        limits.get("a")
    monkeypatch.setattr(socket, "socket", None)  # whoever asked now would break

    assert cache.get("a") is None


@pytest.fixture
def real_redis():
    client = redis.Redis.from_url(REAL)
    try:
        client.ping()
    except redis.ConnectionError:
        pytest.skip("needs Redis on 127.0.0.1:6379: .ci/run starts it")
    yield
    client.delete(*client.scan_iter(f"{PREFIX}:*"))


def test_what_changed_meanwhile_is_not_shown_from_before_when_it_is_back(
    settings, nowhere, real_redis, monkeypatch
):
    monkeypatch.setattr(house, "RESTS", 0.0)
    use(settings, REAL)
    cache.set_many({STATISTICS_KEY: "old", "a": "old", "b": "old", "untouched": "kept"})

    use(settings, nowhere)
    cache.delete(STATISTICS_KEY)
    cache.set("a", "new")
    cache.set_many({"b": "new"})
    use(settings, REAL)

    assert cache.get_many([STATISTICS_KEY, "a", "b", "untouched"]) == {"untouched": "kept"}
    assert not outage.is_on
    cache.set("a", "newest")
    assert limits.get("a") == "newest"
