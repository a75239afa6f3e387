"""Ways between the screens of those who watch: from a movement to its review, from a hit to its case."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from donations.models import RiskRule, RiskSubject
from donations.queries.compliance import cases_about
from donations.risk_words import reason_in_words
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.links import linked

MOVED = {
    RiskSubject.SESSION: "games.gamesession",
    RiskSubject.DONATION: "donations.donation",
    RiskSubject.TOP_UP: "donations.paymentintent",
    RiskSubject.PAYOUT: "donations.payout",
    RiskSubject.BATCH: "donations.batchoperation",
}


class OfAMovement(ReadOnlyAdmin):
    """A screen of rows about a movement, named by `subject` and `subject_id`."""

    @admin.display(description=_("of"))
    def movement(self, row: Any) -> SafeString | str:
        return linked(MOVED[RiskSubject(row.subject)], row.subject_id)


class OfACase(ReadOnlyAdmin):
    """A screen of rows a case may be about. Some parts are told only to those who may see what they come from."""

    kept_for: ClassVar[Mapping[str, str]] = {"cases": "donations.view_case"}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = {name for name, right in self.kept_for.items() if not request.user.has_perm(right)}
        return [
            (title, {**part, "fields": [name for name in part["fields"] if name not in hidden]})
            for title, part in super().get_fieldsets(request, obj)
        ]

    @admin.display(description=_("cases"))
    def cases(self, row: Model) -> SafeString | str:
        rows = ((linked("donations.case", each.pk, each),) for each in cases_about(row))
        return format_html_join("", "<div>{}</div>", rows) or "-"


def sentences(reasons: list[dict[str, Any]]) -> SafeString | str:
    """Tell what each rule saw, with its version and what it added to the score."""
    codes = {each["rule"] for each in reasons}
    names = dict(RiskRule.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    lines = (
        (reason_in_words(each, name=names.get(each["rule"])), each["rule"], each["version"], each["score"])
        for each in reasons
    )
    return format_html_join("", '<div>{} <span class="quiet">{} v{}, +{}</span></div>', lines) or "-"
