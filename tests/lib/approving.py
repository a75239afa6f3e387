"""An action of the tests' own that needs a second person: an organisation moves to another town."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from accounts.models import Onlus
from goodplay.lib.approvals import operations
from goodplay.lib.approvals.registry import approvable
from goodplay.lib.errors import Conflict

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
UNTOUCHED = ("pending", "Trento", "Trees", False)


class CityChanged(Conflict):
    code = "CITY_CHANGED"
    message = "The city changed since this was asked for."


def move_town(*, request, now):
    onlus = Onlus.objects.select_for_update().get(pk=request.target_id)
    stale = onlus.city != request.facts["from"]
    onlus.city, onlus.mission_statement = request.facts["to"], onlus.mission_statement + "+"
    onlus.save()
    if stale:
        raise CityChanged
    return {"moved_to": onlus.city, "by": str(request.decided_by_id), "fee_amount": Decimal("2.50")}


def free(*, request, now):
    Onlus.objects.filter(pk=request.target_id).update(legal_name=str(request.pk))


def declare():
    described = {
        "perform": move_town,
        "describe": lambda onlus, facts: f"Move {onlus} to {facts['to']}.",
        "permission": "donations.change_donation",
    }
    approvable("test_move", give_up=free, **described)
    approvable("test_move_soon", expires_after=timedelta(hours=1), **described)


def ask(onlus, by, *, kind="test_move", now=NOW, to="Roma", **facts):
    return operations.request_approval(
        kind=kind,
        target=onlus,
        facts={"from": onlus.city, "to": to, "amount": Decimal("1234.50"), **facts},
        requested_by=by,
        reason=" They moved. ",
        now=now,
    )


def now_is(request, onlus):
    """Return the state of the request and what became of the organisation."""
    request.refresh_from_db()
    onlus.refresh_from_db()
    return request.state, onlus.city, onlus.mission_statement, bool(onlus.legal_name)


def decisions(asked, by):
    return (
        lambda: operations.approve(request=asked, decided_by=by, now=LATER),
        lambda: operations.reject(request=asked, decided_by=by, reason="No.", now=LATER),
    )
