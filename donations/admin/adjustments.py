"""Asking for a correction by hand, from the page of an account."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.models import LedgerAccount
from donations.operations.adjustments import Direction, is_adjustable, request_adjustment
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.money import CENT, LARGEST
from goodplay.lib.requests import client_address


class AdjustmentForm(ReasonForm):
    direction = forms.TypedChoiceField(label=_("Direction"), choices=Direction.choices, coerce=Direction)
    amount = forms.DecimalField(
        label=_("Amount in euros"), min_value=CENT, max_value=LARGEST, decimal_places=2
    )
    told = forms.CharField(
        label=_("What the player is told"),
        required=False,
        max_length=200,
        help_text=_("Shown with the transaction. Needed for players' accounts only."),
    )

    field_order = ("direction", "amount", "told", "reason")


class Adjusting(ObjectActions):
    """The button; nothing moves before a second person approves."""

    @button(
        _("Adjust"),
        permission="donations.change_ledgeraccount",
        shown_if=is_adjustable,
        form=AdjustmentForm,
        explains=_(
            "A correction by hand, against the adjustment account. A second person has to approve it."
        ),
        dangerous=True,
    )
    def adjust(self, request: HttpRequest, account: LedgerAccount, data: dict[str, Any]) -> Any:
        request_adjustment(
            account=account,
            requested_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            address=client_address(request),
            now=timezone.now(),
            **data,
        )
        return _("Asked for. It is done when a second person approves.")
