"""One euro from play to ONLUS: every door, in the order people go through them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import time_machine
from django.core.management import call_command

from accounts.models import User
from games.models import GameSession
from games.operations import sync_games
from goodplay.lib.events.models import Delivery
from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory, StaffFactory
from tests.factories.donations import fund_pool
from tests.factories.games import winning_moves
from tests.journeys.people import Person

START = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_one_euro_from_play_to_onlus(client):
    with time_machine.travel(START, tick=False) as clock:
        sync_games(now=START)
        fund_pool(now=START)
        onlus = OnlusFactory(name="Boschi di Domani")
        member = MembershipFactory(onlus=onlus).user
        alice = Person().join("alice@example.org", "Alice")
        session, earned = play_for_an_hour(alice, clock)
        assert earned == 0.6  # 60 min x 0.01 EUR x the game's 0.5 x 2.0 for the first session
        donation = give(alice, onlus, "0.55")
        check_receipt(alice, donation)
        check_impact(alice, donation)
        check_boards(alice)
        check_back_office(client)
        check_portal(client, member, onlus)

    out = StringIO()
    call_command("verify_books", stdout=out)
    call_command("replay_session", str(session), stdout=out)
    assert "The books balance" in out.getvalue()
    assert not Delivery.objects.exclude(status=Delivery.Status.DONE).exists()


def play_for_an_hour(alice, clock):
    """Win, pausing half-way for a day: the pause is not paid. A call every four minutes keeps the clock running."""
    [game] = alice.call("get", "/api/games")["games"]
    session = alice.call("post", f"/api/games/{game['id']}/sessions", {}, status=201)["session"]["session_id"]
    path = f"/api/games/sessions/{session}"
    for guess in winning_moves(GameSession.objects.get(pk=session)):
        alice.call("post", f"{path}/moves", {"move": {"guess": guess}})
    stay(alice, path, clock, minutes=30)
    alice.call("put", f"{path}/pause")
    clock.shift(timedelta(hours=20))
    alice.sign_in()
    alice.call("put", f"{path}/resume")
    stay(alice, path, clock, minutes=30)
    ended = alice.call("put", f"{path}/end", {"reason": "completed"})
    assert ended["session"]["play_duration_ms"] == 60 * 60 * 1000
    wallet = alice.call("get", "/api/wallet")
    assert wallet["current_balance"] == ended["session"]["credits_earned"]
    return session, wallet["current_balance"]


def stay(alice, path, clock, *, minutes):
    for _ in range(minutes // 3):
        clock.shift(timedelta(minutes=3))
        alice.call("put", f"{path}/pause")
        alice.call("put", f"{path}/resume")


def give(alice, onlus, amount):
    [listed] = alice.call("get", "/api/onlus/organizations")
    gift = {"amount": amount, "onlus_id": listed["id"]}
    made = alice.call("post", "/api/donations/create", gift, status=201, HTTP_IDEMPOTENCY_KEY="journey")
    assert listed["id"] == str(onlus.pk)
    assert made["remaining_balance"] == 0.05
    return made["donation_id"]


def check_receipt(alice, donation):
    facts = alice.call("get", f"/api/donations/{donation}/receipt")
    assert facts["receipt"]["receipt_type"] == "thank_you"
    assert alice.call("get", f"/api/donations/{donation}/receipt/download").content.startswith(b"%PDF-")


def check_impact(alice, donation):
    stories = alice.call("get", "/api/impact/stories/available")["available_stories"]
    assert "The first gift" in {story["title"] for story in stories if story["is_unlocked"]}
    user_id = User.objects.get(email="alice@example.org").pk
    summary = alice.call("get", f"/api/impact/user/{user_id}")
    assert summary["statistics"]["total_donated"] == 0.55
    assert summary["statistics"]["current_level"] == 0
    events = alice.call("get", f"/api/impact/user/{user_id}/timeline")["timeline_events"]
    assert {"donation_made", "story_unlocked"} <= {event["event_type"] for event in events}
    assert alice.call("get", f"/api/impact/donation/{donation}")["donation_id"] == donation


def check_boards(alice):
    assert alice.call("get", "/api/impact/community/statistics")["total_donated"] == 0.55
    board = alice.call("get", "/api/social/leaderboards/global_impact")
    assert board["user_position"]["rank"] == 1
    assert board["entries"][0]["display_name"] == "Alice"


def check_back_office(client):
    client.force_login(StaffFactory())
    page = client.get("/admin/").content.decode()
    assert "0.55" in page
    assert client.get("/admin/donations/transfer/").status_code == 200


def check_portal(client, member, onlus):
    client.logout()
    client.post("/portal/sign-in/", {"email": member.email, "password": PASSWORD})
    page = client.get("/portal/", follow=True).content.decode()
    assert onlus.name in page
    assert "0.55" in page
    assert Decimal("0.55") == sum(donation.amount for donation in onlus.donations.all())
