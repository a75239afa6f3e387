from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

from .onlus import Onlus, OnlusCategory


class RiskLevel(models.TextChoices):
    """How risky something looks; unknown until somebody or something looked."""

    UNKNOWN = "unknown", _("Not known yet")
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class OnlusApplicationQuerySet(models.QuerySet["OnlusApplication"]):
    def live(self) -> Self:
        return self.filter(status__in=OnlusApplication.LIVE)

    def open(self) -> Self:
        """Return those that were handed in and are not decided."""
        return self.filter(status__in=OnlusApplication.OPEN)

    def unanswered(self, now: datetime) -> Self:
        return self.filter(status=OnlusApplication.Status.DOCUMENTATION_PENDING, answer_due_at__lte=now)


class OnlusApplication(models.Model):
    """The dossier of an organisation that wants to join, from the first line to the decision."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being filled in")
        SUBMITTED = "submitted", _("Handed in")
        UNDER_REVIEW = "under_review", _("Under review")
        DOCUMENTATION_PENDING = "documentation_pending", _("Waits for the applicant")
        DUE_DILIGENCE = "due_diligence", _("In-depth examination")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    class Phase(models.TextChoices):
        INITIAL = "initial", _("Beginning")
        DOCUMENTATION = "documentation", _("Documents")
        DUE_DILIGENCE = "due_diligence", _("In-depth examination")
        FINAL_APPROVAL = "final_approval", _("Final decision")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    class LegalForm(models.TextChoices):
        ASSOCIATION = "association", _("Association")
        FOUNDATION = "foundation", _("Foundation")
        COOPERATIVE = "cooperative", _("Cooperative")
        COMMITTEE = "committee", _("Committee")
        SOCIAL_ENTERPRISE = "social_enterprise", _("Social enterprise")
        MUTUAL_AID = "mutual_aid", _("Mutual aid society")
        RELIGIOUS_BODY = "religious_body", _("Religious body with third-sector activities")
        OTHER = "other", _("Other")

    REVIEWED: ClassVar = (Status.UNDER_REVIEW, Status.DOCUMENTATION_PENDING, Status.DUE_DILIGENCE)
    PAPERS_REVIEWED: ClassVar = (*REVIEWED, Status.APPROVED)
    """An organisation that was taken in hands in anew what ends."""
    OPEN: ClassVar = (Status.SUBMITTED, *REVIEWED)
    LIVE: ClassVar = (Status.DRAFT, *OPEN)
    CLOSED: ClassVar = (Status.APPROVED, Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED)
    EDITABLE: ClassVar = (Status.DRAFT, Status.DOCUMENTATION_PENDING)
    EXAMINED: ClassVar = (Status.UNDER_REVIEW, Status.DUE_DILIGENCE)

    id = fields.key()
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("applicant"), related_name="applications"
    )
    organization_name = models.CharField(_("organisation"), max_length=200)
    name_key = models.CharField(
        max_length=200, editable=False, help_text="The name without case and odd spaces."
    )
    mission_statement = models.TextField(_("mission"))
    category = models.ForeignKey(
        OnlusCategory, models.PROTECT, verbose_name=_("category"), related_name="applications"
    )
    contact_email = models.EmailField(_("contact e-mail"))
    contact_phone = models.CharField(_("telephone"), max_length=30)
    website_url = models.URLField(_("website"), blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")
    operational_scope = models.CharField(_("where it works"), max_length=200, blank=True, default="")
    target_beneficiaries = models.CharField(_("whom it helps"), max_length=200, blank=True, default="")
    address = models.JSONField(_("address"), default=dict, blank=True)
    legal_entity_type = models.CharField(
        _("legal form"), max_length=20, choices=LegalForm.choices, blank=True, default=""
    )
    tax_id = models.CharField(_("codice fiscale"), max_length=11, blank=True, default="")
    runts_number = models.CharField(_("RUNTS number"), max_length=20, blank=True, default="")
    runts_section = models.CharField(
        _("RUNTS section"), max_length=20, choices=Onlus.RuntsSection.choices, blank=True, default=""
    )
    incorporation_date = models.DateField(_("founded on"), null=True, blank=True)
    primary_activities = models.JSONField(_("main activities"), default=list, blank=True)
    funding_sources = models.JSONField(_("sources of funds"), default=list, blank=True)
    annual_budget = fields.euros(
        verbose_name=_("budget of a year"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    leadership_team = fields.EncryptedJSONField(_("leaders"), default=list, blank=True)
    board_members = fields.EncryptedJSONField(_("board"), default=list, blank=True)
    bank_account_info = fields.EncryptedJSONField(_("bank account"), default=dict, blank=True)

    status = models.CharField(_("status"), max_length=25, choices=Status.choices, default=Status.DRAFT)
    phase = models.CharField(_("phase"), max_length=15, choices=Phase.choices, default=Phase.INITIAL)
    priority = models.CharField(
        _("priority"), max_length=10, choices=Priority.choices, default=Priority.NORMAL
    )
    progress = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    created_at = models.DateTimeField(_("begun at"))
    updated_at = models.DateTimeField(_("changed at"))
    submitted_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    review_deadline = models.DateTimeField(_("to be decided by"), null=True, blank=True)
    answer_due_at = models.DateTimeField(_("the applicant answers by"), null=True, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("reviewer"),
        related_name="+",
    )
    reviewer_notes = models.TextField(
        _("notes of the reviewer"), blank=True, default="", help_text=_("Never shown to the applicant.")
    )
    compliance_score = models.DecimalField(
        _("score"), max_digits=5, decimal_places=2, null=True, blank=True, help_text=_("Mean of the checks.")
    )
    risk_level = models.CharField(
        _("risk"), max_length=10, choices=RiskLevel.choices, default=RiskLevel.UNKNOWN
    )
    risk_score = models.DecimalField(
        _("risk, 0 to 100"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    override_reason = models.TextField(
        _("why the checks were overruled"), blank=True, default="", help_text=_("By a senior person.")
    )
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    escalation_reason = models.CharField(_("why escalated"), max_length=200, blank=True, default="")
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("decided by"),
        related_name="+",
    )
    rejection_reason = models.TextField(_("reason of the rejection"), blank=True, default="")
    withdrawal_reason = models.CharField(_("why withdrawn"), max_length=500, blank=True, default="")
    erased_at = models.DateTimeField(
        _("personal data erased at"), null=True, blank=True, help_text=_("When its period was over.")
    )
    onlus = models.OneToOneField(
        Onlus,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("organisation"),
        related_name="application",
    )

    objects = OnlusApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        permissions = [
            ("review_onlusapplication", "Can review applications and decide on those of low and medium risk"),
            (
                "decide_risky_onlusapplication",
                "Can decide on risky applications, appeals and overruled checks",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="application_name_once_live",
                fields=["name_key"],
                condition=Q(
                    status__in=[
                        "draft",
                        "submitted",
                        "under_review",
                        "documentation_pending",
                        "due_diligence",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="application_submitted_iff_dated",
                condition=Q(status="draft", submitted_at=None, review_deadline=None)
                | Q(status__in=["withdrawn", "expired"])
                | (
                    ~Q(status__in=["draft", "withdrawn", "expired"])
                    & Q(submitted_at__isnull=False, review_deadline__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="application_closed_iff_dated",
                condition=Q(
                    status__in=["approved", "rejected", "withdrawn", "expired"], closed_at__isnull=False
                )
                | (~Q(status__in=["approved", "rejected", "withdrawn", "expired"]) & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="application_waits_until",
                condition=Q(status="documentation_pending", answer_due_at__isnull=False)
                | (~Q(status="documentation_pending") & Q(answer_due_at=None)),
            ),
            models.CheckConstraint(
                name="application_reviewed_by_somebody",
                condition=Q(status__in=["draft", "submitted"], reviewer=None)
                | Q(status__in=["rejected", "withdrawn", "expired"])
                | Q(
                    status__in=["under_review", "documentation_pending", "due_diligence", "approved"],
                    reviewer__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="application_begins_before_review",
                condition=Q(status__in=["draft", "submitted"], phase="initial")
                | Q(status__in=["withdrawn", "expired", "rejected"])
                | (
                    Q(status__in=["under_review", "documentation_pending", "due_diligence", "approved"])
                    & ~Q(phase="initial")
                ),
            ),
            models.CheckConstraint(
                name="application_approved_makes_onlus",
                condition=Q(
                    status="approved",
                    phase="final_approval",
                    onlus__isnull=False,
                    decided_by__isnull=False,
                    progress=100,
                )
                | (~Q(status="approved") & Q(onlus=None)),
            ),
            models.CheckConstraint(
                name="application_rejected_with_reason",
                condition=~Q(status="rejected") | ~Q(rejection_reason=""),
            ),
            models.CheckConstraint(
                name="application_not_by_the_applicant",
                condition=(Q(reviewer=None) | ~Q(reviewer=F("applicant")))
                & (Q(decided_by=None) | ~Q(decided_by=F("applicant"))),
            ),
            models.CheckConstraint(
                name="application_escalated_with_reason",
                condition=Q(escalated_at=None, escalation_reason="")
                | (Q(escalated_at__isnull=False) & ~Q(escalation_reason="")),
            ),
            models.CheckConstraint(name="application_progress_per_cent", condition=Q(progress__lte=100)),
        ]
        indexes = [
            # The applicant's own, newest first, and how many they began today.
            models.Index(name="application_of", fields=["applicant", "-created_at"]),
            # The review queue, most pressing first, and what the daily job asks for.
            models.Index(name="application_queue", fields=["status", "review_deadline"]),
            # A reviewer's desk.
            models.Index(
                name="application_desk", fields=["reviewer", "status"], condition=Q(reviewer__isnull=False)
            ),
            # "Has this codice fiscale applied before?"
            models.Index(name="application_tax_id", fields=["tax_id"], condition=~Q(tax_id="")),
            # "Was this name rejected lately?"
            models.Index(name="application_name", fields=["name_key", "-closed_at"]),
        ]

    def __str__(self) -> str:
        return self.organization_name

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_editable(self) -> bool:
        return self.status in self.EDITABLE

    @property
    def can_be_withdrawn(self) -> bool:
        return self.status in self.LIVE

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.review_deadline is not None and self.review_deadline < now


class ApplicationStep(models.Model):
    """A change of state, as the applicant reads it in the timeline."""

    id = fields.key()
    application = models.ForeignKey(OnlusApplication, models.CASCADE, related_name="steps")
    status = models.CharField(_("status"), max_length=25, choices=OnlusApplication.Status.choices)
    phase = models.CharField(_("phase"), max_length=15, choices=OnlusApplication.Phase.choices)
    note = models.TextField(_("note"), blank=True, default="", help_text=_("Shown to the applicant."))
    taken_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("step of an application")
        verbose_name_plural = _("steps of applications")
        indexes = [
            # The timeline of one application.
            models.Index(name="application_timeline", fields=["application", "taken_at"])
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.taken_at:%Y-%m-%d}"


class ApplicationMessage(models.Model):
    """A line of the thread between applicant and reviewer. A question has a day by which it is answered."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        INFORMATION = "information", _("Request for information")
        CLARIFICATION = "clarification", _("Request for a clarification")

    QUESTIONS: ClassVar = (Kind.INFORMATION, Kind.CLARIFICATION)

    id = fields.key()
    application = models.ForeignKey(OnlusApplication, models.CASCADE, related_name="messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("author"), related_name="+"
    )
    is_from_staff = models.BooleanField(_("from staff"))
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices, default=Kind.MESSAGE)
    text = models.TextField(_("text"))
    written_at = models.DateTimeField(_("written at"))
    due_at = models.DateTimeField(_("to be answered by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message of an application")
        verbose_name_plural = _("messages of applications")
        constraints = [
            models.CheckConstraint(
                name="application_question_has_a_day",
                condition=Q(kind="message", due_at=None, answered_at=None)
                | Q(kind__in=["information", "clarification"], is_from_staff=True, due_at__isnull=False),
            ),
            models.CheckConstraint(name="application_message_says_something", condition=~Q(text="")),
        ]
        indexes = [
            # The thread of one application.
            models.Index(name="application_thread", fields=["application", "written_at"])
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.written_at:%Y-%m-%d}"


class ApprovalCondition(models.Model):
    """What an approved organisation still owes, and by when."""

    id = fields.key()
    application = models.ForeignKey(OnlusApplication, models.CASCADE, related_name="conditions")
    text = models.CharField(_("condition"), max_length=300)
    due_on = models.DateField(_("until"))
    met_at = models.DateTimeField(_("met at"), null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("confirmed by"),
        related_name="+",
    )
    met_note = models.CharField(_("how it was met"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("condition of an approval")
        verbose_name_plural = _("conditions of approvals")
        constraints = [
            models.CheckConstraint(
                name="approval_condition_met_by_somebody",
                condition=Q(met_at=None, met_by=None) | Q(met_at__isnull=False, met_by__isnull=False),
            )
        ]
        indexes = [
            # What is due, for the job.
            models.Index(name="approval_condition_due", fields=["due_on"], condition=Q(met_at=None))
        ]

    def __str__(self) -> str:
        return self.text


class ApplicationAppeal(models.Model):
    """A rejected applicant asks once for another look; somebody one level above decides."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waits")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    id = fields.key()
    application = models.OneToOneField(OnlusApplication, models.CASCADE, related_name="appeal")
    text = models.TextField(_("why"))
    against = models.TextField(_("the rejection"), help_text=_("Its reason, as it was told."))
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("rejected by"),
        related_name="+",
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    filed_at = models.DateTimeField(_("filed at"))
    decide_by = models.DateTimeField(_("to be decided by"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("decided by"),
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True, default="")

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.CheckConstraint(
                name="appeal_decided_iff_dated",
                condition=Q(status="open", decided_at=None, decided_by=None)
                | Q(status__in=["granted", "refused"], decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="appeal_decided_by_another",
                condition=Q(decided_by=None) | Q(rejected_by=None) | ~Q(decided_by=F("rejected_by")),
            ),
        ]
        indexes = [
            # The queue of appeals.
            models.Index(name="appeal_queue", fields=["decide_by"], condition=Q(status="open"))
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.get_status_display()}"


class BlockedAddress(models.Model):
    """An e-mail address, a domain or a street address that applications are not to come from."""

    id = fields.key()
    value = models.CharField(
        _("address"),
        max_length=200,
        unique=True,
        help_text=_("An e-mail address, a domain, or street and postal code; in small letters."),
    )
    reason = models.CharField(_("why"), max_length=300)
    created_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    class Meta:
        verbose_name = _("blocked address")
        verbose_name_plural = _("blocked addresses")

    def __str__(self) -> str:
        return self.value
