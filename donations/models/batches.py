from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from donations.models.compliance import ComplianceCheck
from donations.models.reconciliation import ReconciliationRun
from goodplay.lib import fields

HUNDRED = Decimal(100)


class BatchOperation(models.Model):
    """Many movements or checks of one kind that staff hand in together, carried out line by line.

    Movements wait until a second person agreed; checks and reconciliations move no money and do not.

    The counters change in the transaction of the line they count.
    """

    class Type(models.TextChoices):
        DONATIONS = "donations", _("Donations")
        PAYOUTS = "payouts", _("Payouts")
        REFUNDS = "refunds", _("Refunds")
        RECONCILIATION = "reconciliation", _("Reconciliation")
        COMPLIANCE_CHECK = "compliance_check", _("Compliance check")

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        PROCESSING = "processing", _("Processing")
        COMPLETED = "completed", _("Completed")
        PARTIAL = "partial", _("Partly done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    FINISHED: ClassVar[tuple[str, ...]] = (Status.COMPLETED, Status.PARTIAL, Status.FAILED)
    CANCELLABLE: ClassVar[tuple[str, ...]] = (Status.QUEUED, Status.PROCESSING)
    RETRIABLE: ClassVar[tuple[str, ...]] = (Status.PARTIAL, Status.FAILED)
    WITHOUT_MONEY: ClassVar[tuple[str, ...]] = (Type.COMPLIANCE_CHECK, Type.RECONCILIATION)
    # Who did not answer, by period, when the slice in hand was prepared. Not stored.
    silent_providers: dict[tuple[date, date], list[str]] = {}

    id = fields.key()
    operation_type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.QUEUED)
    total_items = models.PositiveIntegerField(_("lines"))
    processed_items = models.PositiveIntegerField(_("lines dealt with"), default=0)
    successful_items = models.PositiveIntegerField(_("lines carried out"), default=0)
    failed_items = models.PositiveIntegerField(_("lines that failed"), default=0)
    skipped_items = models.PositiveIntegerField(_("lines left out"), default=0)
    total_amount = fields.euros_from_zero(
        verbose_name=_("total"), help_text=_("Of the lines that name an amount; payouts find theirs out.")
    )
    batch_size = models.PositiveIntegerField(
        _("slice"), default=50, help_text=_("How many lines a worker takes up at a time.")
    )
    max_retries = models.PositiveIntegerField(_("retries of a line"), default=3)
    retry_delay_seconds = models.PositiveIntegerField(
        _("delay of a retry"),
        default=30,
        help_text=_("Seconds before the first; each further one waits twice as long."),
    )
    priority = models.PositiveIntegerField(_("priority"), default=1, help_text=_("The higher goes first."))
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="")
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    cancel_reason = models.CharField(_("why it was cancelled"), max_length=500, blank=True, default="")
    payout_run = models.ForeignKey(
        "donations.PayoutRun",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("payout run"),
        related_name="+",
        help_text=_("The run its payouts are drafts of."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("handed in by"), related_name="+"
    )
    created_at = models.DateTimeField(_("handed in at"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("released by"),
        related_name="+",
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    completed_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    last_updated_at = models.DateTimeField(_("last change"))

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        permissions = [("release_batchoperation", "Can release batches somebody else handed in")]
        constraints = [
            models.CheckConstraint(
                name="batch_counts_each_line_once",
                condition=Q(
                    total_items__gt=0,
                    processed_items=F("successful_items") + F("failed_items") + F("skipped_items"),
                    processed_items__lte=F("total_items"),
                ),
            ),
            models.CheckConstraint(
                name="batch_released_by_a_second_person",
                condition=Q(released_by=None, released_at=None)
                | (Q(released_by__isnull=False, released_at__isnull=False) & ~Q(released_by=F("created_by"))),
            ),
            models.CheckConstraint(
                name="batch_started_iff_released",
                condition=Q(status="queued", started_at=None)
                | Q(status="cancelled")
                | (
                    ~Q(status__in=["queued", "cancelled"])
                    & Q(started_at__isnull=False)
                    & (
                        Q(released_at__isnull=False)
                        | Q(operation_type__in=["compliance_check", "reconciliation"])
                    )
                ),
            ),
            models.CheckConstraint(
                name="batch_ended_iff_dated",
                condition=Q(status__in=["queued", "processing"], completed_at=None)
                | (~Q(status__in=["queued", "processing"]) & Q(completed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="batch_ended_as_it_counts",
                condition=Q(status__in=["queued", "processing", "cancelled"])
                | Q(status="completed", failed_items=0, processed_items=F("total_items"))
                | Q(
                    status="partial",
                    failed_items__gt=0,
                    successful_items__gt=0,
                    processed_items=F("total_items"),
                )
                | Q(
                    status="failed", failed_items__gt=0, successful_items=0, processed_items=F("total_items")
                ),
            ),
            models.CheckConstraint(
                name="batch_numbers_sensible",
                condition=Q(batch_size__gte=1, max_retries__lte=10, retry_delay_seconds__lte=3600),
            ),
        ]
        indexes = [
            # The history of one type, and of all.
            models.Index(name="batch_type", fields=["operation_type", "-created_at", "-id"]),
            models.Index(name="batch_created", fields=["-created_at", "-id"]),
            # Batches under way that a dead worker may have left.
            models.Index(
                name="batch_under_way", fields=["last_updated_at"], condition=Q(status="processing")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_type_display()} ({self.total_items})"

    @property
    def progress_percentage(self) -> Decimal:
        return percentage(self.processed_items, self.total_items)

    @property
    def success_rate(self) -> Decimal:
        return percentage(self.successful_items, self.processed_items)

    @property
    def is_processing(self) -> bool:
        return self.status == self.Status.PROCESSING

    @property
    def is_completed(self) -> bool:
        """Nothing more happens to it by itself."""
        return self.status in self.FINISHED or self.status == self.Status.CANCELLED

    @property
    def is_released(self) -> bool:
        return self.released_at is not None

    @property
    def moves_money(self) -> bool:
        return self.operation_type not in self.WITHOUT_MONEY

    @property
    def may_run(self) -> bool:
        return self.is_released or not self.moves_money


def percentage(part: int, whole: int) -> Decimal:
    """Return how much of the whole a part is, in percent with two decimals; of nothing it is zero."""
    share = HUNDRED * part / whole if whole else Decimal(0)
    return share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


RESULTS = ("donation", "refund", "payout", "compliance_check", "reconciliation")


def _result_is(name: str | None) -> Q:
    """Say that a line has this one result and no other; with None, that it has none."""
    return Q(**{f"{each}__isnull": each != name for each in RESULTS})


_NO_PERIOD = Q(period_type="", first_day=None, last_day=None, reconciliation=None)


class BatchLineQuerySet(models.QuerySet["BatchLine"]):
    def waiting(self) -> Self:
        return self.filter(status__in=BatchLine.WAITING)

    def retriable(self) -> Self:
        return self.filter(status=BatchLine.Status.FAILED, retry_count__lt=F("batch__max_retries"))


class BatchLine(models.Model):
    """One movement, check or period of a batch. It is carried out in one transaction together with its result here, and once."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        RETRYING = "retrying", _("Waiting for a retry")
        COMPLETED = "completed", _("Done")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Left out")

    WAITING: ClassVar[tuple[str, ...]] = (Status.PENDING, Status.RETRYING)

    id = fields.key()
    batch = models.ForeignKey(BatchOperation, models.PROTECT, related_name="lines")
    processing_order = models.PositiveIntegerField(_("number"))
    player = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("player"),
        related_name="+",
    )
    onlus = models.ForeignKey(
        "accounts.Onlus",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("organisation"),
        related_name="+",
        help_text=_("Of every movement; a check names none."),
    )
    period_type = models.CharField(
        _("period"), max_length=8, choices=ReconciliationRun.Type.choices, blank=True, default=""
    )
    first_day = models.DateField(_("from"), null=True, blank=True)
    last_day = models.DateField(_("until"), null=True, blank=True)
    check_type = models.CharField(
        _("check"), max_length=15, choices=ComplianceCheck.Type.choices, blank=True, default=""
    )
    amount = fields.euros(null=True, blank=True, verbose_name=_("amount"))
    gives_back = models.ForeignKey(
        "donations.Donation",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("gives back"),
        related_name="+",
        help_text=_("The donation a refund gives back."),
    )
    donation_message = models.CharField(_("message"), max_length=500, blank=True, default="")
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    source_reference = models.CharField(_("reference"), max_length=100, blank=True, default="")
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    retry_count = models.PositiveIntegerField(_("retries"), default=0)
    last_retry_at = models.DateTimeField(_("last retry"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(
        _("not before"), null=True, blank=True, help_text=_("When a line that failed may be tried again.")
    )
    donation = models.OneToOneField(
        "donations.Donation",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("donation"),
        related_name="batch_line",
    )
    refund = models.OneToOneField(
        "donations.DonationRefund",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("refund"),
        related_name="+",
    )
    payout = models.OneToOneField(
        "donations.Payout", models.PROTECT, null=True, blank=True, verbose_name=_("payout"), related_name="+"
    )
    compliance_check = models.OneToOneField(
        "donations.ComplianceCheck",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("compliance check"),
        related_name="+",
    )
    reconciliation = models.ForeignKey(
        ReconciliationRun,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("reconciliation"),
        related_name="+",
        help_text=_("The same period again is the same reconciliation, brought up to date."),
    )
    processed_amount = fields.euros(null=True, blank=True, verbose_name=_("amount carried out"))
    error_code = models.CharField(_("error"), max_length=60, blank=True, default="")
    error_message = models.CharField(_("what went wrong"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("last change"))
    completed_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = BatchLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch line")
        verbose_name_plural = _("batch lines")
        constraints = [
            models.UniqueConstraint(name="batch_line_number_once", fields=["batch", "processing_order"]),
            models.CheckConstraint(
                name="batch_line_amount_within_limits",
                condition=Q(amount=None) | Q(amount__gt=0, amount__lte=10000),
            ),
            models.CheckConstraint(
                name="batch_line_movement_check_or_period",
                condition=(Q(check_type="", onlus__isnull=False, compliance_check=None) & _NO_PERIOD)
                | (
                    ~Q(check_type="")
                    & Q(player__isnull=False, onlus=None, amount=None, gives_back=None)
                    & Q(donation=None, refund=None, payout=None)
                    & _NO_PERIOD
                )
                | (
                    ~Q(period_type="")
                    & Q(check_type="", player=None, onlus=None, amount=None, gives_back=None)
                    & Q(first_day__isnull=False, last_day__isnull=False, first_day__lte=F("last_day"))
                    & Q(donation=None, refund=None, payout=None, compliance_check=None)
                ),
            ),
            models.CheckConstraint(
                name="batch_line_done_iff_dated",
                condition=Q(
                    status="completed",
                    completed_at__isnull=False,
                    processed_amount__gt=0,
                    error_code="",
                    check_type="",
                    period_type="",
                )
                | (
                    Q(status="completed", completed_at__isnull=False, processed_amount=None, error_code="")
                    & ~Q(check_type="", period_type="")
                )
                | (~Q(status="completed") & Q(completed_at=None, processed_amount=None)),
            ),
            models.CheckConstraint(
                name="batch_line_done_iff_it_has_one_result",
                condition=(Q(status="completed") & _result_is("donation"))
                | (Q(status="completed") & _result_is("refund"))
                | (Q(status="completed") & _result_is("payout"))
                | (Q(status="completed") & _result_is("compliance_check"))
                | (Q(status="completed") & _result_is("reconciliation"))
                | (~Q(status="completed") & _result_is(None)),
            ),
            models.CheckConstraint(
                name="batch_line_failed_iff_it_says_why",
                condition=(Q(status="failed", next_attempt_at__isnull=False) & ~Q(error_code=""))
                | Q(status__in=["retrying", "skipped"])
                | Q(status__in=["pending", "completed"], error_code="", error_message=""),
            ),
        ]
        indexes = [
            # What a worker takes up next.
            models.Index(
                name="batch_line_waiting",
                fields=["batch", "processing_order"],
                condition=Q(status__in=["pending", "retrying"]),
            ),
            # The lines of a batch by status.
            models.Index(name="batch_line_status", fields=["batch", "status", "processing_order"]),
        ]

    def __str__(self) -> str:
        return f"{self.processing_order}"


class BatchError(models.Model):
    """One thing that went wrong in a batch, in the order it happened. Rows never change."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    batch = models.ForeignKey(BatchOperation, models.PROTECT, related_name="errors")
    line = models.ForeignKey(BatchLine, models.PROTECT, null=True, blank=True, related_name="errors")
    code = models.CharField(_("error"), max_length=60)
    message = models.CharField(_("what went wrong"), max_length=500)
    details = models.JSONField(_("details"), default=dict, blank=True)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("batch error")
        verbose_name_plural = _("batch errors")
        indexes = [
            # The last errors of a batch.
            models.Index(name="batch_error_last", fields=["batch", "-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.message
