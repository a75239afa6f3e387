"""What a second person approves about people."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Onlus, OnlusApplication, User
from accounts.operations import application_decisions, profile_page, roles
from accounts.operations.application_states import DECIDE_RISKY
from goodplay.lib.approvals.registry import approvable


def _role(user: User, facts: Mapping[str, Any]) -> str:
    words = {"person": user.email, "old": facts["from"] or _("no role"), "new": facts["to"] or _("no role")}
    return _("Change the role of %(person)s from %(old)s to %(new)s.") % words


approvable(roles.STAFF_ROLE, perform=roles.perform_role, describe=_role, permission=roles.MANAGE)


def _legal_data(onlus: Onlus, facts: Mapping[str, Any]) -> str:
    """Name each column with what it was and what it would be."""
    said = [
        f"{onlus._meta.get_field(name).verbose_name}: {facts['from'][name] or '-'} → {value or '-'}"  # type: ignore[union-attr]  # a column
        for name, value in facts["to"].items()
    ]
    return _("Change what %(onlus)s is known by: %(changes)s.") % {"onlus": onlus, "changes": "; ".join(said)}


approvable(
    profile_page.LEGAL_DATA,
    perform=profile_page.change_legal_data,
    describe=_legal_data,
    permission="accounts.change_onlus",
    expires_after=profile_page.WAITS_FOR,
)


def _application(application: OnlusApplication, facts: Mapping[str, Any]) -> str:
    words = {
        "name": facts["organization_name"],
        "risk": facts["risk_level"],
        "score": facts["risk_score"] or "-",
    }
    return _("Take %(name)s in, at a risk of %(score)s of 100 (%(risk)s).") % words


approvable(
    application_decisions.APPROVE,
    perform=application_decisions.perform_approval,
    describe=_application,
    permission=DECIDE_RISKY,
)
