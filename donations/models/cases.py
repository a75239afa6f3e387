from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from donations.models.compliance import RiskLevel
from goodplay.lib import fields


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.exclude(status=Case.Status.CLOSED)

    def late(self, now: datetime) -> Self:
        return self.open().filter(due_at__lte=now)


class Case(models.Model):
    """A suspicion somebody works on until two people close it. One is open per subject and kind."""

    class Kind(models.TextChoices):
        AML = "aml", _("Money laundering")
        FRAUD = "fraud", _("Fraud")
        SANCTIONS = "sanctions", _("Sanctions")
        PEP = "pep", _("Political exposure")
        KYC = "kyc", _("Identity")
        TAX_COMPLIANCE = "tax_compliance", _("Tax")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        IN_PROGRESS = "in_progress", _("Being worked on")
        CLOSING = "closing", _("Closing proposed")
        CLOSED = "closed", _("Closed")

    class Outcome(models.TextChoices):
        NO_ACTION = "no_action", _("No action")
        RESTRICTED = "restricted", _("Restricted")
        REPORTED = "reported", _("Reported")

    id = fields.key()
    case_id = models.CharField(_("case"), max_length=28, unique=True)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=200)
    subject_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("player"),
        related_name="compliance_cases",
    )
    subject_onlus = models.ForeignKey(
        "accounts.Onlus",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("organisation"),
        related_name="compliance_cases",
    )
    risk_level = models.CharField(_("risk"), max_length=8, choices=RiskLevel.choices)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("assigned to"),
        related_name="+",
    )
    escalation_level = models.PositiveSmallIntegerField(_("escalation"), default=0)
    due_at = models.DateTimeField(_("due at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True, default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("closing proposed by"),
        related_name="+",
    )
    proposed_at = models.DateTimeField(_("closing proposed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("closed by"),
        related_name="+",
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    last_updated_at = models.DateTimeField(_("last change"))

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("close_case", "Can close cases somebody else proposed to close"),
            ("report_case", "Can draw up report drafts of cases"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_has_one_subject",
                condition=Q(subject_user=None, subject_onlus__isnull=False)
                | Q(subject_user__isnull=False, subject_onlus=None),
            ),
            models.UniqueConstraint(
                name="case_one_open_per_player",
                fields=["subject_user", "kind"],
                condition=~Q(status="closed") & Q(subject_user__isnull=False),
            ),
            models.UniqueConstraint(
                name="case_one_open_per_organisation",
                fields=["subject_onlus", "kind"],
                condition=~Q(status="closed") & Q(subject_onlus__isnull=False),
            ),
            models.CheckConstraint(
                name="case_closing_proposed_iff_dated",
                condition=Q(
                    status__in=["open", "in_progress"], proposed_by=None, proposed_at=None, outcome=""
                )
                | (
                    Q(status__in=["closing", "closed"], proposed_by__isnull=False, proposed_at__isnull=False)
                    & ~Q(outcome="")
                ),
            ),
            models.CheckConstraint(
                name="case_closed_iff_dated",
                condition=Q(status="closed", closed_at__isnull=False, closed_by__isnull=False)
                | (~Q(status="closed") & Q(closed_at=None, closed_by=None)),
            ),
            models.CheckConstraint(
                name="case_closed_by_a_second_person",
                condition=Q(closed_by=None) | ~Q(closed_by=F("proposed_by")),
            ),
            models.CheckConstraint(name="case_due_later", condition=Q(due_at__gt=F("opened_at"))),
        ]
        indexes = [
            # The queue: what is due first.
            models.Index(name="case_queue", fields=["due_at", "id"], condition=~Q(status="closed")),
            # "What do we know about this person?"
            models.Index(name="case_of_player", fields=["subject_user", "-opened_at"]),
            # The yearly statistics.
            models.Index(name="case_opened", fields=["opened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.status != self.Status.CLOSED

    @property
    def proposal(self) -> str:
        """Name the proposal to close it: another one has another name. Empty where there is none."""
        return self.proposed_at.isoformat() if self.proposed_at else ""

    @property
    def subject_label(self) -> str:
        return str(self.subject_user or self.subject_onlus)


class CaseEvent(models.Model):
    """One line of a case's timeline: what was done, noted or attached. Rows never change."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        JOINED = "joined", _("Came up again")
        NOTE = "note", _("Note")
        EVIDENCE = "evidence", _("Evidence")
        LINKED = "linked", _("Linked")
        ASSIGNED = "assigned", _("Assigned")
        ESCALATED = "escalated", _("Escalated")
        CLOSING_PROPOSED = "closing_proposed", _("Closing proposed")
        CLOSING_REFUSED = "closing_refused", _("Closing refused")
        CLOSED = "closed", _("Closed")
        REPORT = "report", _("Report draft")

    id = fields.key()
    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    text = models.CharField(_("text"), max_length=2000, blank=True, default="")
    facts = models.JSONField(_("facts"), default=dict)
    file = models.ForeignKey(
        "private_files.PrivateFile",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("file"),
        related_name="+",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("who")
    )
    created_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        indexes = [
            # The timeline of one case.
            models.Index(name="case_timeline", fields=["case", "created_at", "id"])
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"


class CaseLink(models.Model):
    """What a case is about: a check, a review, a screening hit, a decision. Each stands in a case once."""

    id = fields.key()
    case = models.ForeignKey(Case, models.PROTECT, related_name="links")
    target_type = models.CharField(_("kind of thing"), max_length=60)
    target_id = models.CharField(_("thing"), max_length=64)
    label = models.CharField(_("what"), max_length=200)
    created_at = models.DateTimeField(_("linked at"))

    class Meta:
        verbose_name = _("case link")
        verbose_name_plural = _("case links")
        constraints = [
            models.UniqueConstraint(name="case_links_once", fields=["case", "target_type", "target_id"])
        ]
        indexes = [
            # "Which case is about this check?"
            models.Index(name="case_link_target", fields=["target_type", "target_id"])
        ]

    def __str__(self) -> str:
        return self.label
