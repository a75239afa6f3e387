"""Facts about approvals."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from goodplay.lib.approvals.models import ApprovalRequest


def _facts(request: "ApprovalRequest") -> dict[str, Any]:
    return {
        "approval_id": str(request.pk),
        "kind": request.kind,
        "target_type": request.target_type,
        "target_id": request.target_id,
        "state": request.state,
        "requested_by_id": str(request.requested_by_id),
        "decided_by_id": str(request.decided_by_id) if request.decided_by_id else None,
    }


approval_requested = DomainSignal("approval_requested", facts=_facts, aggregate="approval_id")
"""Arguments: request. Somebody asks for a dangerous action."""

approval_decided = DomainSignal("approval_decided", facts=_facts, aggregate="approval_id")
"""Arguments: request. It was approved (and done), rejected, taken back, or it expired."""
