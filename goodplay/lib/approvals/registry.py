"""What can be asked of a second person. Apps declare it in their `approvals.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.functional import Promise

if TYPE_CHECKING:
    from goodplay.lib.approvals.models import ApprovalRequest

WAITS_FOR = timedelta(hours=72)


class Act(Protocol):
    """A step of an app's own, in the transaction that decides: `request` carries the facts and who decided."""

    def __call__(self, *, request: "ApprovalRequest", now: datetime) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    perform: Act
    describe: Callable[[Any, Mapping[str, Any]], str | Promise]
    permission: str
    expires_after: timedelta
    give_up: Act | None


KINDS: dict[str, Kind] = {}


def approvable(
    kind: str,
    *,
    perform: Act,
    describe: Callable[[Any, Mapping[str, Any]], str | Promise],
    permission: str,
    expires_after: timedelta = WAITS_FOR,
    give_up: Act | None = None,
) -> None:
    """Declare an action that needs a second person.

    `perform` does it, once, when somebody with `permission` who is not the one who asked approves. It looks again at
    what it is about to do: when that changed since it was asked for, it raises a DomainError, nothing happens and the
    request stays open. What it returns is kept as the result. `describe(target, facts)` says in one sentence what will
    be done. `give_up` frees what the request holds when it is rejected, taken back or expires.
    """
    if kind in KINDS:
        raise ValueError(f"approvable {kind} is declared twice")
    KINDS[kind] = Kind(kind, perform, describe, permission, expires_after, give_up)
