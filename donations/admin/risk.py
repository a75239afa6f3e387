"""Risk rules in the back office: writing, trying, testing and putting them in force; and what they decided."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.ways import OfAMovement, sentences
from donations.models import RiskDecision, RiskRule, RiskSubject, RuleBacktest
from donations.operations.risk import backtesting, judging, rules
from donations.risk_words import FACTS
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.admin.facts import told
from goodplay.lib.requests import client_address

WRITE, TEST = "donations.add_riskrule", "donations.add_rulebacktest"


class RuleForm(forms.Form):
    """What a rule says. Its conditions are read and refused by the operation."""

    subject = forms.ChoiceField(label=_("Movement"), choices=RiskSubject.choices)
    code = forms.SlugField(label=_("Code"), max_length=60)
    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(label=_("Description"), max_length=500, required=False)
    conditions = forms.JSONField(
        label=_("Conditions"),
        help_text=_(
            'For example {"fact": "amount", "operator": "gte", "threshold": "500"}, or all and any of such.'
        ),
    )
    action = forms.ChoiceField(label=_("Effect"), choices=RiskRule.Action.choices)
    score = forms.IntegerField(label=_("Score"), min_value=0, max_value=100)
    is_weak = forms.BooleanField(label=_("Weak signal"), required=False)


class BacktestForm(forms.Form):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=730, initial=backtesting.DAYS)


def _content(rule: RiskRule) -> dict[str, Any]:
    names = ("subject", "code", "name", "description", "conditions", "action", "score", "is_weak")
    return {name: getattr(rule, name) for name in names}


def is_draft(rule: RiskRule) -> bool:
    return rule.status == RiskRule.Status.DRAFT


def is_on_trial(rule: RiskRule) -> bool:
    return rule.status == RiskRule.Status.SHADOW


def can_be_published(rule: RiskRule) -> bool:
    return is_draft(rule) or is_on_trial(rule)


def is_active(rule: RiskRule) -> bool:
    return rule.status == RiskRule.Status.ACTIVE


@admin.register(RiskRule)
class RiskRuleAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("code", "version", "subject", "action", "score", "is_weak", "status", "published_at")
    list_filter = ("status", "subject", "action")
    search_fields = ("code", "name")
    ordering = ("subject", "code", "-version")
    readonly_fields = ("tests",)

    @button(_("Write a rule"), permission=WRITE, form=RuleForm, on_list=True)
    def write(self, request: HttpRequest, rule: None, data: dict[str, Any]) -> Any:
        made = rules.write_rule(**data, author=cast(User, request.user), now=timezone.now())
        return _("%(rule)s is a draft. Test it, then ask for it to be put in force.") % {"rule": made}

    @button(_("Write the next version"), permission=WRITE, form=RuleForm, initial=_content)
    def revise(self, request: HttpRequest, rule: RiskRule, data: dict[str, Any]) -> Any:
        kept = data | {"subject": rule.subject, "code": rule.code}
        made = rules.write_rule(**kept, author=cast(User, request.user), now=timezone.now())
        return _("%(rule)s is a draft. Test it, then ask for it to be put in force.") % {"rule": made}

    @button(
        _("Try it out"),
        permission=WRITE,
        shown_if=is_draft,
        explains=_("It is asked about every movement from now on; what it says is kept and has no effect."),
    )
    def try_out(self, request: HttpRequest, rule: RiskRule, data: dict[str, Any]) -> Any:
        rules.put_on_trial(rule=rule, actor=cast(User, request.user), now=timezone.now())
        return _("The rule is on trial.")

    @button(_("End the trial"), permission=WRITE, shown_if=is_on_trial)
    def end_trial(self, request: HttpRequest, rule: RiskRule, data: dict[str, Any]) -> Any:
        rules.withdraw_trial(rule=rule, actor=cast(User, request.user), now=timezone.now())
        return _("The rule is a draft again.")

    @button(_("Test on the past"), permission=TEST, form=BacktestForm)
    def backtest(self, request: HttpRequest, rule: RiskRule, data: dict[str, Any]) -> Any:
        test = backtesting.run_backtest(
            rule=rule, run_by=cast(User, request.user), days=data["days"], now=timezone.now()
        )
        words = {"hits": test.hit_count, "all": test.looked_at, "known": test.known_count}
        return _("%(hits)s hits in %(all)s movements, %(known)s of them known.") % words

    @button(
        _("Ask to put it in force"),
        permission=WRITE,
        shown_if=can_be_published,
        form=ReasonForm,
        explains=_("A second person decides. The version in force now is retired then."),
        dangerous=True,
    )
    def publish(self, request: HttpRequest, rule: RiskRule, data: dict[str, Any]) -> Any:
        rules.request_publishing(rule=rule, **self._asks(request, data))
        return _("Asked for: a second person decides.")

    @button(
        _("Ask to retire it"),
        permission=WRITE,
        shown_if=is_active,
        form=ReasonForm,
        explains=_("A second person decides. Until then the rule stays in force."),
        tone="danger",
        dangerous=True,
    )
    def retire(self, request: HttpRequest, rule: RiskRule, data: dict[str, Any]) -> Any:
        rules.request_retirement(rule=rule, **self._asks(request, data))
        return _("Asked for: a second person decides.")

    @admin.display(description=_("tests on the past"))
    def tests(self, rule: RiskRule) -> SafeString | str:
        rows = rule.backtests.order_by("-created_at", "-id")[:5]
        lines = ((row.created_at.date(), row.hit_count, row.looked_at, row.known_count) for row in rows)
        return format_html_join("", "<div>{}: {} / {} ({})</div>", lines) or "–"  # noqa: RUF001  (a dash for nothing)

    def _asks(self, request: HttpRequest, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "requested_by": cast(User, request.user),
            "reason": data["reason"],
            "now": timezone.now(),
            "address": client_address(request),
        }


@admin.register(RiskDecision)
class RiskDecisionAdmin(ObjectActions, OfAMovement):
    list_display = ("created_at", "subject", "player", "amount", "action", "score", "level", "has_failed")
    list_filter = ("action", "subject", "level", "has_failed", "created_at")
    list_select_related = ("player",)
    search_fields = ("=subject_id", "player__email")
    ordering = ("-created_at", "-id")
    readonly_fields = ("movement", "why", "on_trial", "seen", "asked")
    fieldsets = (
        (None, {"fields": ("action", "score", "level", "amount", "player", "movement", "created_at")}),
        (_("Why"), {"fields": ("why", "on_trial", "seen")}),
        (
            _("By what"),
            {"classes": ("collapse",), "fields": ("has_failed", "asked", "ruleset", "settings_version")},
        ),
    )

    @button(_("Decide again"), permission="donations.view_riskdecision")
    def replay(self, request: HttpRequest, decision: RiskDecision, data: dict[str, Any]) -> Any:
        """Show that the stored facts and rules still give the stored decision."""
        if decision.has_failed:
            return _("Its facts were missing: there is nothing to decide by.")
        again = judging.replay(decision)
        words = {"action": again.action.value, "score": again.score}
        if (again.action.value, again.score) == (decision.action, decision.score):
            return _("The same again: %(action)s, score %(score)s.") % words
        return _("Different now: %(action)s, score %(score)s. Tell whoever looks after the rules.") % words

    @admin.display(description=_("why"))
    def why(self, decision: RiskDecision) -> SafeString | str:
        return sentences(decision.reasons)

    @admin.display(description=_("what rules on trial said"))
    def on_trial(self, decision: RiskDecision) -> SafeString | str:
        return sentences(decision.shadow_reasons)

    @admin.display(description=_("facts"))
    def seen(self, decision: RiskDecision) -> SafeString | str:
        return told({str(FACTS.get(name, name)): value for name, value in decision.facts.items()})

    @admin.display(description=_("rules asked"))
    def asked(self, decision: RiskDecision) -> SafeString | str:
        rows = (
            (f"{code} v{version}", _("on trial") if trial else "") for code, version, trial in decision.rules
        )
        return format_html_join("", "<div>{} {}</div>", rows) or "-"


@admin.register(RuleBacktest)
class RuleBacktestAdmin(ReadOnlyAdmin):
    list_display = ("rule", "looked_at", "hit_count", "known_count", "since", "until", "run_by")
    list_select_related = ("rule", "run_by")
    ordering = ("-created_at", "-id")
