from decimal import Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

LARGEST_REQUEST = Decimal("1000000.00")
MOST_RETRIES = 3


class AllocationRun(models.Model):
    """One look at the requests that wait: what it decided on each, and what it gave."""

    class Trigger(models.TextChoices):
        DAILY = "daily", _("Every day")
        EMERGENCY = "emergency", _("Emergencies")
        STAFF = "staff", _("By staff")

    id = fields.key()
    trigger = models.CharField(_("trigger"), max_length=10, choices=Trigger.choices)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("started by"),
        related_name="+",
    )
    scheduled_count = models.PositiveIntegerField(_("allocated"), default=0)
    rejected_count = models.PositiveIntegerField(_("rejected"), default=0)
    skipped_count = models.PositiveIntegerField(_("left waiting"), default=0)
    given_amount = fields.euros_from_zero(verbose_name=_("given"))
    decisions = models.JSONField(
        _("decisions"), default=list, blank=True, help_text=_("Each request with its score and why.")
    )
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("allocation run")
        verbose_name_plural = _("allocation runs")
        indexes = [models.Index(name="allocation_run_latest", fields=["-started_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} {self.started_at:%Y-%m-%d %H:%M}"


class AllocationRequestQuerySet(models.QuerySet["AllocationRequest"]):
    def waiting(self) -> Self:
        """Return those nothing was allocated to yet, and that still may be."""
        return self.filter(status__in=AllocationRequest.WAITING)

    def emergencies(self) -> Self:
        return self.filter(priority=AllocationRequest.Priority.EMERGENCY)


class AllocationRequest(models.Model):
    """What an ONLUS asks money for. `score` and `factors` are those of the latest look, with the formula's version."""

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")
        EMERGENCY = 5, _("Emergency")

    class Type(models.TextChoices):
        GENERAL = "general", _("General")
        EMERGENCY = "emergency", _("Emergency")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Being carried out")
        COMPLETED = "completed", _("Funded")
        PARTIAL = "partial", _("Partly funded")
        FAILED = "failed", _("Nothing could be given")
        REJECTED = "rejected", _("Rejected")
        CANCELLED = "cancelled", _("Withdrawn")

    WAITING: ClassVar[tuple[str, ...]] = (Status.PENDING, Status.APPROVED)
    CLOSED: ClassVar[tuple[str, ...]] = (Status.REJECTED, Status.CANCELLED)

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="allocation_requests")
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), max_length=2000)
    amount = fields.euros(verbose_name=_("amount asked for"))
    approved_amount = fields.euros(null=True, blank=True, verbose_name=_("amount approved"))
    category = models.ForeignKey(
        "accounts.OnlusCategory",
        models.PROTECT,
        related_name="+",
        verbose_name=_("category"),
    )
    expected_impact = models.TextField(_("expected impact"), max_length=1000, blank=True, default="")
    urgency_level = models.PositiveSmallIntegerField(
        _("urgency"), default=2, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    request_type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.GENERAL)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    annual_budget = fields.euros(
        null=True, blank=True, verbose_name=_("budget of a year"), help_text=_("As the organisation says.")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    is_forced = models.BooleanField(
        _("forced"), default=False, help_text=_("Two people let it pass whatever its score.")
    )
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    factors = models.JSONField(_("factors"), default=dict, blank=True)
    formula_version = models.PositiveSmallIntegerField(_("formula"), null=True, blank=True)
    scored_at = models.DateTimeField(_("scored at"), null=True, blank=True)
    approval_notes = models.CharField(_("notes"), max_length=500, blank=True, default="")
    rejection_reason = models.CharField(_("why rejected"), max_length=500, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("decided by"),
        related_name="+",
        help_text=_("Nobody: the formula."),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    alerted_at = models.DateTimeField(_("reported overdue at"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), related_name="+"
    )
    created_at = models.DateTimeField(_("asked at"))

    objects = AllocationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation request")
        verbose_name_plural = _("allocation requests")
        constraints = [
            models.CheckConstraint(
                name="allocation_request_amount_in_range",
                condition=Q(amount__gt=0, amount__lte=LARGEST_REQUEST),
            ),
            models.CheckConstraint(
                name="allocation_request_approves_what_is_asked",
                condition=Q(approved_amount=None)
                | Q(approved_amount__gt=0, approved_amount__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="allocation_request_levels_in_range",
                condition=Q(urgency_level__gte=1, urgency_level__lte=5, priority__gte=1, priority__lte=5),
            ),
            models.CheckConstraint(
                name="allocation_request_scored_whole",
                condition=Q(score=None, scored_at=None, formula_version=None)
                | Q(score__gte=0, score__lte=100, scored_at__isnull=False, formula_version__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_request_decided_iff_dated",
                condition=Q(status="pending", decided_at=None)
                | (~Q(status="pending") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="allocation_request_rejected_says_why",
                condition=(Q(status="rejected") & ~Q(rejection_reason=""))
                | (~Q(status="rejected") & Q(rejection_reason="")),
            ),
            models.CheckConstraint(
                name="allocation_request_budget_positive",
                condition=Q(annual_budget=None) | Q(annual_budget__gt=0),
            ),
            models.UniqueConstraint(
                name="allocation_request_one_emergency",
                fields=["onlus"],
                condition=Q(priority=5, status__in=["pending", "approved", "scheduled"]),
            ),
        ]
        indexes = [
            # What an ONLUS asked for, the latest first.
            models.Index(name="allocation_request_onlus", fields=["onlus", "-created_at", "-id"]),
            # What waits, for the runs and the queue.
            models.Index(name="allocation_request_queue", fields=["status", "priority", "created_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_waiting(self) -> bool:
        return self.status in self.WAITING

    @property
    def is_emergency(self) -> bool:
        return self.priority == self.Priority.EMERGENCY

    @property
    def target(self) -> Decimal:
        """What is to be given: what was approved, else what was asked for."""
        return self.amount if self.approved_amount is None else self.approved_amount


class AllocationResult(models.Model):
    """What was decided to give for a request, and how much of it was given. The target never changes."""

    class Method(models.TextChoices):
        SMART = "automatic", _("By score")
        EMERGENCY = "emergency", _("Emergency")
        FORCED = "forced", _("Forced")

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Being carried out")
        COMPLETED = "completed", _("Completed")
        PARTIAL = "partial", _("Partly given")
        FAILED = "failed", _("Nothing given")

    id = fields.key()
    request = models.OneToOneField(AllocationRequest, models.PROTECT, related_name="result")
    target_amount = fields.euros(verbose_name=_("target"))
    given_amount = fields.euros_from_zero(verbose_name=_("given"))
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    created_at = models.DateTimeField(_("scheduled at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(
                name="allocation_result_within_target",
                condition=Q(target_amount__gt=0, given_amount__gte=0, given_amount__lte=F("target_amount")),
            ),
            models.CheckConstraint(
                name="allocation_result_says_what_was_given",
                condition=Q(status="scheduled", finished_at=None)
                | Q(status="failed", given_amount=0, finished_at__isnull=False)
                | Q(status__in=["completed", "partial"], given_amount__gt=0, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_result_retries", condition=Q(retry_count__lte=MOST_RETRIES)
            ),
        ]
        indexes = [
            # What is left of interrupted runs, and what may be tried again.
            models.Index(name="allocation_result_open", fields=["status", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"€ {self.given_amount} / {self.target_amount}"

    @property
    def missing(self) -> Decimal:
        return self.target_amount - self.given_amount


class AllocationLine(models.Model):
    """What one donor or one pool is to give for a request, and gave.

    Of a donor, `amount` is the most that is taken. Of a pool, `amount` is what is expected of it; `reserved_amount` what
    it lends, should donors give less. `explanation` holds the figures the amount was reckoned from.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        GIVEN = "given", _("Given")
        NOT_GIVEN = "not_given", _("Not given")

    id = fields.key()
    result = models.ForeignKey(AllocationResult, models.PROTECT, related_name="lines")
    run = models.ForeignKey(AllocationRun, models.PROTECT, related_name="lines")
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    donor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="allocation_lines"
    )
    pool = models.ForeignKey(
        "donations.FundingPool", models.PROTECT, null=True, blank=True, related_name="lines"
    )
    amount = fields.euros(verbose_name=_("planned"))
    reserved_amount = fields.euros_from_zero(verbose_name=_("reserved"))
    given_amount = fields.euros_from_zero(verbose_name=_("given"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    donation = models.OneToOneField(
        "donations.Donation", models.PROTECT, null=True, blank=True, related_name="allocation_line"
    )
    code = models.CharField(_("why not"), max_length=60, blank=True, default="")
    explanation = models.JSONField(_("explanation"), default=dict)
    created_at = models.DateTimeField(_("planned at"))
    executed_at = models.DateTimeField(_("carried out at"), null=True, blank=True)

    class Meta:
        verbose_name = _("allocation line")
        verbose_name_plural = _("allocation lines")
        constraints = [
            models.UniqueConstraint(
                name="allocation_line_donor_once",
                fields=["result", "attempt", "donor"],
                condition=Q(donor__isnull=False),
            ),
            models.UniqueConstraint(
                name="allocation_line_one_pool",
                fields=["result", "attempt"],
                condition=Q(pool__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_line_donor_or_pool",
                condition=Q(donor__isnull=False, pool=None, reserved_amount=0, given_amount__lte=F("amount"))
                | Q(
                    donor=None,
                    pool__isnull=False,
                    donation=None,
                    reserved_amount__gte=F("amount"),
                    given_amount__lte=F("reserved_amount"),
                ),
            ),
            models.CheckConstraint(
                name="allocation_line_given_or_not",
                condition=Q(amount__gt=0)
                & (
                    Q(status="planned", given_amount=0, executed_at=None, donation=None, code="")
                    | Q(status="given", given_amount__gt=0, executed_at__isnull=False, code="")
                    | (Q(status="not_given", given_amount=0, executed_at__isnull=False) & ~Q(code=""))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount}"
