"""The main job from the first click to the last cent, over HTTP, as the people in it would do it."""

import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goodplay.demo import people
from goodplay.demo.client import Player, Refused, Visitor

PLAYS_FOR = 36  # seconds: the shortest play that earns a whole cent on the default card
GIVES_TO = people.ORGANISATIONS[0].name
TOPS_UP, CARD_GIFT, REGRETTED = "20.00", "10.00", "5.00"
TEST_CARD = "test_succeeds"
RULER = "-" * 79  # under every mail in a file
PATIENCE = 15  # seconds to wait for what follows a donation

Say = Callable[[str], None]


def walk(*, base: str, mailbox: Path, folder: Path, say: Say) -> None:
    """Do everything once, and say each step. Raises Refused when a step does not work."""
    player = Player(base)
    _join(player, mailbox, say)
    earned = _play(player, say)
    donation = _give(player, earned, folder, say)
    _see_the_impact(player, donation, say)
    _see_the_community(player, donation, say)
    _staff_look(base, say)
    _onlus_looks(base, earned, say)
    _top_up(player, say)
    _give_by_card(player, folder, say)
    _change_ones_mind(player, say)


def _join(player: Player, mailbox: Path, say: Say) -> None:
    email, password = f"demo-{secrets.token_hex(4)}@giocatori.example", secrets.token_urlsafe(12)
    credentials = {"email": email, "password": password}
    player.call("POST", "/api/auth/register", {**credentials, "first_name": "Demo"})
    say(f"registered as {email}")
    player.call("POST", "/api/auth/verify-email", {"token": _mailed_token(mailbox, email)})
    say("confirmed the address with the link from the mailbox")
    player.token = player.call("POST", "/api/auth/login", credentials)["tokens"]["access_token"]
    say("signed in")


def _mailed_token(mailbox: Path, email: str) -> str:
    return str(_patiently(lambda: _token_in(mailbox, email), "the confirmation mail"))


def _token_in(mailbox: Path, email: str) -> str | None:
    for file in sorted(mailbox.glob("*"), key=lambda file: file.stat().st_mtime, reverse=True):
        written = file.read_text(errors="replace").replace("=\n", "").replace("token=3D", "token=")
        for text in reversed(written.split(RULER)):  # mails of one second may share a file
            if email in text and (found := re.search(r"token=([\w-]{30,})", text)):
                return found.group(1)
    return None


def _play(player: Player, say: Say) -> str:
    """Find the number by halving, taking time to think, and return the euros earned as they are written."""
    game = next(
        game for game in player.call("GET", "/api/games")["games"] if "guessing" in game["name"].lower()
    )
    session = player.call("POST", f"/api/games/{game['id']}/sessions", {})["session"]
    path = f"/api/games/sessions/{session['session_id']}"
    say(f"started {game['name']}: the server keeps the number")
    started, lowest, highest, hint = time.monotonic(), 1, 100, ""
    while hint != "correct":
        guess = (lowest + highest) // 2
        hint = player.call("POST", f"{path}/moves", {"move": {"guess": guess}})["outcome"]["hint"]
        say(f"  {guess}? {hint}")
        lowest, highest = (guess + 1, highest) if hint == "higher" else (lowest, guess - 1)
        time.sleep(2)
    rest = PLAYS_FOR - (time.monotonic() - started)
    say(f"  won; staying {rest:.0f} s more, because only play time earns")
    time.sleep(max(0.0, rest))
    ended = player.call("PUT", f"{path}/end", {"reason": "completed"}, Idempotency_Key=secrets.token_hex(8))
    say(
        f"ended with score {ended['session']['score']}, {ended['session']['play_duration_seconds']} s of play"
    )
    wallet = player.call("GET", "/api/wallet")
    say(f"wallet: {wallet['current_balance']:.2f} EUR earned")
    return f"{wallet['current_balance']:.2f}"


def _give(player: Player, amount: str, folder: Path, say: Say) -> dict[str, Any]:
    onlus = _onlus(player)
    gift, key = {"amount": amount, "onlus_id": onlus["id"], "message": "Demo"}, secrets.token_hex(8)
    made = player.call("POST", "/api/donations/create", gift, Idempotency_Key=key)
    say(f"gave {amount} EUR to {onlus['name']}; {made['remaining_balance']:.2f} EUR left")
    again = player.call("POST", "/api/donations/create", gift, Idempotency_Key=key)
    say(f"sent the same request again: the same donation ({again['donation_id'] == made['donation_id']})")
    pdf = player.fetch("GET", f"/api/donations/{made['donation_id']}/receipt/download?language=it")
    file = folder / "demo-receipt.pdf"
    file.write_bytes(pdf)
    say(f"downloaded the thank-you statement: {file} ({len(pdf)} bytes)")
    return made


def _see_the_impact(player: Player, donation: dict[str, Any], say: Say) -> None:
    def unlocked() -> list[dict[str, Any]]:
        stories = player.call("GET", "/api/impact/stories/available")["available_stories"]
        return [story for story in stories if story["is_unlocked"]]

    for story in _patiently(unlocked, "a story"):
        say(f"story unlocked: {story['title']}")
    user_id = player.call("GET", "/api/users/profile")["user"]["user_id"]
    summary = player.call("GET", f"/api/impact/user/{user_id}")
    nearest = next(level for level in summary["milestones"] if not level["reached"])
    level = summary["statistics"]["current_level"]
    say(f"milestone level {level}; {nearest['progress_percent']} % of the way to {nearest['amount']:.0f} EUR")
    timeline = player.call("GET", f"/api/impact/user/{user_id}/timeline")["timeline_events"]
    say(f"timeline: {', '.join(sorted({event['event_type'] for event in timeline}))}")


def _see_the_community(player: Player, donation: dict[str, Any], say: Say) -> None:
    community = player.call("GET", "/api/impact/community/statistics")
    say(f"community: {community['total_donated']:.2f} EUR donated so far")
    board = _patiently(
        lambda: player.call("GET", "/api/social/leaderboards/global_impact").get("user_position"), "a rank"
    )
    say(f"leaderboard: {board['rank_display']} with an impact score of {board['score']}")


def _staff_look(base: str, say: Say) -> None:
    staff = people.STAFF[1]
    page = Visitor(base).sign_in(
        "/admin/login/?next=/admin/", username=staff.email, password=people.PASSWORD, next="/admin/"
    )
    if "chart" not in page.lower():
        raise Refused("the back office does not show its finance dashboard")
    say(f"{staff.display_name} sees the finance dashboard at {base}/admin/")


def _onlus_looks(base: str, amount: str, say: Say) -> None:
    visitor = Visitor(base)
    visitor.sign_in("/portal/sign-in/", email=people.PORTAL_MEMBER, password=people.PASSWORD)
    page = visitor.read("/portal/")
    if GIVES_TO not in page or not {amount, amount.replace(".", ",")} & set(re.findall(r"\d+[.,]\d\d", page)):
        raise Refused(f"the portal of {GIVES_TO} does not show the donation of {amount} EUR")
    say(f"the member of {GIVES_TO} sees the donation of {amount} EUR at {base}/portal/")


def _top_up(player: Player, say: Say) -> None:
    cost = player.call("GET", f"/api/payments/fees/calculate?amount={TOPS_UP}")
    say(f"asked what a payment of {TOPS_UP} EUR costs: {cost['fee_breakdown']['total_fee']:.2f} EUR of fees")
    intent = player.call("POST", "/api/payments/intent", {"amount": TOPS_UP}, Idempotency_Key=_key())
    say(f"began the payment; its page is {intent['next_action_url'].split('?')[0][:60]}…")
    wallet = _confirm(player, intent)["wallet"]
    say(
        f"paid with test card 4242…: {wallet['amount_added']:.2f} EUR arrived, {wallet['new_balance']:.2f} EUR in all"
    )


def _confirm(player: Player, intent: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/payments/{intent['intent_id']}/confirm"
    return player.call("POST", path, {"payment_method_id": TEST_CARD}, Idempotency_Key=_key())


def _give_by_card(player: Player, folder: Path, say: Say) -> None:
    gift = {
        "amount": CARD_GIFT,
        "onlus_id": _onlus(player)["id"],
        "payment_method": "card",
        "cover_fees": True,
    }
    made = player.call("POST", "/api/donations/create", gift, Idempotency_Key=_key())
    payment = made["payment"]
    say(
        f"gives {CARD_GIFT} EUR by card and covers the fees: {payment['amount']:.2f} EUR are charged, "
        f"the gift waits ({made['donation']['status']})"
    )
    _confirm(player, payment)
    given = player.call("GET", f"/api/donations/{made['donation_id']}")
    if given["status"] != "completed":
        raise Refused(f"the gift by card is {given['status']}")
    say(f"paid: the gift of {given['amount']:.2f} EUR is {given['status']}")
    pdf = player.fetch("GET", f"/api/donations/{made['donation_id']}/receipt/download?language=it")
    file = folder / "demo-gift-receipt.pdf"
    file.write_bytes(pdf)
    say(f"downloaded the receipt of the gift: {file} ({len(pdf)} bytes)")


def _change_ones_mind(player: Player, say: Say) -> None:
    gift = {"amount": REGRETTED, "onlus_id": _onlus(player)["id"]}
    made = player.call("POST", "/api/donations/create", gift, Idempotency_Key=_key())
    path = f"/api/donations/{made['donation_id']}"
    number = player.call("GET", f"{path}/receipt")["receipt"]["number"]
    player.call("POST", f"{path}/cancel", {"reason": "Demo"}, Idempotency_Key=_key())
    wallet = player.call("GET", "/api/wallet")
    say(
        f"gave {REGRETTED} EUR from the wallet and took it back: {wallet['current_balance']:.2f} EUR in the wallet"
    )
    paper = player.call("GET", f"{path}/receipt")["receipt"]
    if paper["receipt_type"] != "void":
        raise Refused(f"receipt {number} still counts")
    say(f"receipt {number} is void: {paper['number']} says so")


def _onlus(player: Player) -> dict[str, Any]:
    listed: Any = player.call("GET", "/api/onlus/organizations?search=Boschi")
    found: dict[str, Any] = next(onlus for onlus in listed if onlus["name"] == GIVES_TO)
    return found


def _key() -> str:
    return secrets.token_hex(8)


def _patiently(look: Callable[[], Any], what: str) -> Any:
    """Look again until there is something: what follows a donation follows within moments, not at once."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.3)
    raise Refused(f"{what} did not come within {PATIENCE} seconds")
