from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from donations.models.compliance import RiskLevel
from goodplay.lib import fields


class RiskSubject(models.TextChoices):
    """What rules look at."""

    SESSION = "session", _("Session")
    DONATION = "donation", _("Donation")
    TOP_UP = "top_up", _("Top-up")
    PAYOUT = "payout", _("Payout")
    BATCH = "batch", _("Batch")


class RiskRuleQuerySet(models.QuerySet["RiskRule"]):
    def evaluated(self) -> Self:
        return self.filter(status__in=RiskRule.EVALUATED)


class RiskRule(models.Model):
    """One version of a rule, as data. Its content never changes: a change is a new version that replaces it."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SHADOW = "shadow", _("On trial")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    class Action(models.TextChoices):
        SCORE = "score", _("Only adds to the score")
        REVIEW = "review", _("Holds for a review")
        BLOCK = "block", _("Refuses")

    EVALUATED: ClassVar[tuple[str, ...]] = (Status.SHADOW, Status.ACTIVE)

    id = fields.key()
    code = models.SlugField(_("code"), max_length=60)
    version = models.PositiveIntegerField(_("version"), default=1)
    subject = models.CharField(_("movement"), max_length=10, choices=RiskSubject.choices)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=500, blank=True, default="")
    conditions = models.JSONField(_("conditions"))
    action = models.CharField(_("effect"), max_length=6, choices=Action.choices, default=Action.SCORE)
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    is_weak = models.BooleanField(
        _("weak signal"), default=False, help_text=_("Counts only together with another one.")
    )
    status = models.CharField(_("status"), max_length=7, choices=Status.choices, default=Status.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("approved by"),
        related_name="+",
    )
    published_at = models.DateTimeField(_("active since"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    objects = RiskRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("risk rule")
        verbose_name_plural = _("risk rules")
        permissions = [("publish_riskrule", "Can approve risk rules somebody else wrote")]
        constraints = [
            models.UniqueConstraint(name="risk_rule_version_once", fields=["subject", "code", "version"]),
            models.UniqueConstraint(
                name="risk_rule_one_active", fields=["subject", "code"], condition=Q(status="active")
            ),
            models.CheckConstraint(name="risk_rule_score_in_range", condition=Q(score__lte=100)),
            models.CheckConstraint(
                name="risk_rule_weak_only_scores", condition=Q(is_weak=False) | Q(action="score")
            ),
            models.CheckConstraint(
                name="risk_rule_dated_as_it_stands",
                condition=Q(status__in=["draft", "shadow"], published_at=None, retired_at=None)
                | Q(status="active", published_at__isnull=False, retired_at=None)
                | Q(status="retired", retired_at__isnull=False),
            ),
            models.CheckConstraint(
                name="risk_rule_published_by_a_second_person",
                condition=Q(published_by=None) | Q(created_by=None) | ~Q(published_by=F("created_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class RiskDecision(models.Model):
    """What the rules decided about one movement, with the facts they saw: enough to decide it again.

    Written for everything but a plain allow: what is held or refused, what a rule spoke about, also one on trial, and
    what could not be judged. A movement no rule had anything to say about leaves no row.
    """

    append_only: ClassVar[bool] = True
    purgeable: ClassVar[bool] = True

    class Action(models.TextChoices):
        ALLOW = "allow", _("Allowed")
        REVIEW = "review", _("Held for a review")
        BLOCK = "block", _("Refused")

    id = fields.key()
    subject = models.CharField(_("movement"), max_length=10, choices=RiskSubject.choices)
    subject_id = models.UUIDField(_("of"))
    player = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("player"),
        related_name="risk_decisions",
    )
    amount = fields.euros(null=True)
    action = models.CharField(_("decision"), max_length=6, choices=Action.choices)
    score = models.PositiveSmallIntegerField(_("score"))
    level = models.CharField(_("risk"), max_length=8, choices=RiskLevel.choices)
    reasons = models.JSONField(_("reasons"), default=list)
    shadow_reasons = models.JSONField(_("what rules on trial said"), default=list)
    facts = models.JSONField(_("facts"), default=dict)
    rules = models.JSONField(
        _("rules asked"), default=list, help_text=_("Code and version of each, and whether it was on trial.")
    )
    ruleset = models.CharField(_("rule set"), max_length=16)
    settings_version = models.PositiveIntegerField(_("version of the settings"))
    has_failed = models.BooleanField(
        _("facts were missing"), default=False, help_text=_("Held because it could not be judged.")
    )
    created_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("risk decision")
        verbose_name_plural = _("risk decisions")
        indexes = [
            # "Why was this movement held?"
            models.Index(name="risk_decision_subject", fields=["subject_id", "-created_at"]),
            # What is known about one player; the case page.
            models.Index(name="risk_decision_player", fields=["player", "-created_at", "-id"]),
            # The list, and a period's counts.
            models.Index(name="risk_decision_created", fields=["-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}: {self.get_action_display()} ({self.score})"


class RuleBacktest(models.Model):
    """What a rule would have said about past movements. One for exactly this version stands before it is activated."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    rule = models.ForeignKey(RiskRule, models.PROTECT, related_name="backtests")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    looked_at = models.PositiveIntegerField(_("movements looked at"))
    hit_count = models.PositiveIntegerField(_("hits"))
    known_count = models.PositiveIntegerField(
        _("hits already known"), help_text=_("Reviewed, refunded or disputed at the time.")
    )
    examples = models.JSONField(_("some of the hits"), default=list)
    settings_version = models.PositiveIntegerField(_("version of the settings"))
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("run at"))

    class Meta:
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        constraints = [
            models.CheckConstraint(
                name="backtest_counts_hits_once",
                condition=Q(hit_count__lte=F("looked_at"), known_count__lte=F("hit_count")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.hit_count}/{self.looked_at}"


class FraudFlag(models.Model):
    """A mark on a player that people who look at them should see. Rows never change."""

    append_only: ClassVar[bool] = True
    purgeable: ClassVar[bool] = True

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("player"), related_name="fraud_flags"
    )
    reason = models.CharField(_("reason"), max_length=300)
    metadata = models.JSONField(_("facts"), default=dict)
    flagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    flagged_at = models.DateTimeField(_("flagged at"))

    class Meta:
        verbose_name = _("fraud flag")
        verbose_name_plural = _("fraud flags")
        indexes = [
            # The flags of one player, newest first.
            models.Index(name="fraud_flag_player", fields=["user", "-flagged_at", "-id"])
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.reason}"
