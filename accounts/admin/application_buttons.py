"""The steps of an application as buttons: each one call to an operation, which says who may and when."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.application_words import appeal_of
from accounts.forms import application_review as forms
from accounts.models import OnlusApplication, RiskLevel, User
from accounts.operations import application_decisions as decisions
from accounts.operations import application_review as review
from accounts.operations import escalation
from accounts.operations.application_states import DECIDE_RISKY, REVIEW
from accounts.queries.applications import suggested_reviewers
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.requests import client_address

Row = OnlusApplication
Status, Phase = OnlusApplication.Status, OnlusApplication.Phase
Data = dict[str, Any]
MOST_SUGGESTED = 3


def is_open(row: Row) -> bool:
    return row.is_open


def is_reviewed(row: Row) -> bool:
    return row.status in Row.REVIEWED


def can_be_examined(row: Row) -> bool:
    return row.status == Status.UNDER_REVIEW and row.phase != Phase.FINAL_APPROVAL


def can_pass(row: Row) -> bool:
    return row.status in Row.EXAMINED and row.phase != Phase.FINAL_APPROVAL


def is_final(row: Row) -> bool:
    return row.status in Row.EXAMINED and row.phase == Phase.FINAL_APPROVAL


def one_decides(row: Row) -> bool:
    return is_final(row) and not decisions.needs_second_person(row)


def two_decide(row: Row) -> bool:
    return is_final(row) and decisions.needs_second_person(row)


def has_open_appeal(row: Row) -> bool:
    appeal = appeal_of(row)
    return appeal is not None and appeal.status == appeal.Status.OPEN


def suggested(row: Row) -> str:
    """Name who should look at it, best first."""
    ranked = suggested_reviewers(row, timezone.now())[:MOST_SUGGESTED]
    if not ranked:
        return str(_("Nobody may review it: whoever could has a conflict, or rejected it before."))
    names = ", ".join(f"{user.display_name} ({points})" for user, points in ranked)
    return _("Best placed, of 100 points: %(names)s.") % {"names": names}


def what_passing_means(row: Row) -> str:
    words = [str(_("It enters the final phase: every required document approved, every check passed."))]
    if row.risk_level not in (RiskLevel.LOW, RiskLevel.UNKNOWN) and row.status != Status.DUE_DILIGENCE:
        words.append(str(_("At this risk it is examined in depth first.")))
    return " ".join(words)


class ApplicationButtons(ObjectActions):
    @button(_("Take it"), permission=REVIEW, shown_if=lambda row: row.status == Status.SUBMITTED, tone="good")
    def take(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.assign(application=row, reviewer=_me(request), **_acting(request))
        return _("It is yours. Its checks are opened.")

    @button(_("Assign"), permission=REVIEW, shown_if=is_open, form=forms.ReviewerForm, explains=suggested)
    def assign(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.assign(application=row, **data, **_acting(request))
        return _("Assigned to %(who)s.") % {"who": data["reviewer"]}

    @button(
        _("Ask the applicant"),
        permission=REVIEW,
        shown_if=is_reviewed,
        form=forms.QuestionForm,
        explains=_("The application waits for the answer. Without one in time it is rejected."),
    )
    def ask(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.ask(application=row, **data, **_acting(request))
        return _("Asked. The applicant gets a mail.")

    @button(_("Write to the applicant"), permission=REVIEW, shown_if=is_open, form=forms.MessageForm)
    def write(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.write(application=row, **data, **_acting(request))
        return _("Sent.")

    @button(
        _("Internal notes"),
        permission=REVIEW,
        shown_if=is_open,
        form=forms.NotesForm,
        initial=lambda row: {"notes": row.reviewer_notes},
    )
    def keep_notes(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.keep_notes(application=row, **data, **_acting(request))
        return _("Kept.")

    @button(
        _("Priority"),
        permission=REVIEW,
        shown_if=is_open,
        form=forms.PriorityForm,
        initial=lambda row: {"priority": row.priority},
    )
    def prioritise(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.prioritise(application=row, **data, **_acting(request))
        return _("The priority is changed.")

    @button(
        _("Escalate"),
        permission=REVIEW,
        shown_if=lambda row: row.is_open and row.escalated_at is None,
        form=ReasonForm,
        explains=_("It becomes urgent, and a senior person is told."),
    )
    def escalate(self, request: HttpRequest, row: Row, data: Data) -> Any:
        escalation.hand_up(application=row, **data, **_acting(request))
        return _("Escalated.")

    @button(
        _("Examine in depth"),
        permission=REVIEW,
        shown_if=can_be_examined,
        explains=_("Every required document is approved, and the organisation is looked at more closely."),
    )
    def examine(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.examine(application=row, **_acting(request))
        return _("The in-depth examination begins.")

    @button(
        _("To the final phase"),
        permission=REVIEW,
        shown_if=can_pass,
        form=forms.OverrideForm,
        explains=what_passing_means,
    )
    def pass_verification(self, request: HttpRequest, row: Row, data: Data) -> Any:
        review.pass_verification(application=row, **data, **_acting(request))
        return _("It is in its final phase.")

    @button(
        _("Approve"),
        permission=REVIEW,
        shown_if=one_decides,
        form=forms.ApprovalForm,
        explains=_("The organisation is made, under review until its bank account is verified."),
        tone="good",
        dangerous=True,
    )
    def approve(self, request: HttpRequest, row: Row, data: Data) -> Any:
        decisions.approve(application=row, **_decided(data), **_deciding(request))
        return _("Approved: the organisation is taken in.")

    @button(
        _("Propose to approve"),
        permission=REVIEW,
        shown_if=two_decide,
        form=forms.ApprovalForm,
        explains=_("The risk is above what one person decides: a senior colleague approves."),
        tone="good",
        dangerous=True,
    )
    def propose(self, request: HttpRequest, row: Row, data: Data) -> Any:
        decisions.propose(application=row, proposed_by=_me(request), **_decided(data), **_here(request))
        return _("Asked for: a second person approves it.")

    @button(
        _("Reject"),
        permission=REVIEW,
        shown_if=is_open,
        form=forms.RejectionForm,
        explains=_("The applicant reads the reason, and may appeal within thirty days."),
        tone="danger",
    )
    def reject(self, request: HttpRequest, row: Row, data: Data) -> Any:
        decisions.reject(application=row, **data, **_deciding(request))
        return _("Rejected: the applicant is told why.")

    @button(
        _("Decide the appeal"),
        permission=DECIDE_RISKY,
        shown_if=has_open_appeal,
        form=forms.AppealForm,
        explains=_("Never by whoever rejected. Granted, another reviewer begins anew."),
        dangerous=True,
    )
    def decide_appeal(self, request: HttpRequest, row: Row, data: Data) -> Any:
        decisions.decide_appeal(
            appeal=row.appeal, grant=data["decision"] == "grant", reason=data["reason"], **_deciding(request)
        )
        return _("The appeal is decided: the applicant is told.")


def _decided(data: Data) -> Data:
    return {"reason": data["reason"], "conditions": forms.conditions_of(data)}


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _here(request: HttpRequest) -> Data:
    return {"now": timezone.now(), "address": client_address(request)}


def _acting(request: HttpRequest) -> Data:
    return {"actor": _me(request), **_here(request)}


def _deciding(request: HttpRequest) -> Data:
    return {"decided_by": _me(request), **_here(request)}
