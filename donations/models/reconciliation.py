"""The statement side of our accounts, what was found when it was laid beside the books, and what became of that."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Account(models.TextChoices):
    """The accounts that have another side. Their values are those of the ledger's own accounts."""

    PROVIDER = "provider_clearing", _("Payment providers")
    BANK = "bank", _("Bank")
    TRANSIT = "payout_in_transit", _("Payouts in transit")
    SUSPENSE = "suspense", _("Unclear payments")


class ReconciliationRun(models.Model):
    """One comparison of a period. The same period again is the same run, done once more."""

    class Type(models.TextChoices):
        DAILY = "daily", _("Daily")
        WEEKLY = "weekly", _("Weekly")
        MONTHLY = "monthly", _("Monthly")

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")
        PARTIAL = "partial", _("Partly done")

    id = fields.key()
    reconciliation_id = models.CharField(_("number"), max_length=40, unique=True)
    type = models.CharField(_("type"), max_length=8, choices=Type.choices)
    start_date = models.DateField(_("from"))
    end_date = models.DateField(_("until"), help_text=_("The last day, by the calendar of Rome."))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PENDING)
    internal_count = models.PositiveIntegerField(_("lines of the books"), default=0)
    external_count = models.PositiveIntegerField(_("lines of statements"), default=0)
    matched_count = models.PositiveIntegerField(_("lines of the books with a partner"), default=0)
    break_count = models.PositiveIntegerField(_("breaks"), default=0)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    times_run = models.PositiveIntegerField(_("times run"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True, default="")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("started by"),
        related_name="+",
        help_text=_("Nobody: the daily job."),
    )
    started_at = models.DateTimeField(_("started at"))
    completed_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        permissions = [("start_reconciliationrun", "Can start reconciliations")]
        constraints = [
            models.UniqueConstraint(name="reconciliation_once", fields=["type", "start_date", "end_date"]),
            models.CheckConstraint(
                name="reconciliation_days_in_order", condition=Q(start_date__lte=F("end_date"))
            ),
            models.CheckConstraint(
                name="reconciliation_ended_iff_dated",
                condition=Q(status__in=["pending", "in_progress"], completed_at=None)
                | Q(status__in=["completed", "failed", "partial"], completed_at__isnull=False),
            ),
        ]
        indexes = [
            # The history, newest first.
            models.Index(name="reconciliation_started", fields=["-started_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.reconciliation_id


class BankStatement(models.Model):
    """One account over one period as the bank told it, proved before it was believed. `key` names it for good."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    key = models.CharField(_("key"), max_length=200, unique=True)
    account = models.CharField(_("account"), max_length=34)
    statement_id = models.CharField(_("statement"), max_length=35)
    page = models.PositiveIntegerField(_("page"), default=1)
    number = models.CharField(_("number"), max_length=20, blank=True, default="")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    opening = fields.euros(verbose_name=_("opening balance"))
    closing = fields.euros(verbose_name=_("closing balance"))
    is_proven = models.BooleanField(
        _("balances told"), default=True, help_text=_("A CSV without balances proves nothing about gaps.")
    )
    line_count = models.PositiveIntegerField(_("lines"))
    file = models.ForeignKey("donations.BankFile", models.PROTECT, related_name="statements")
    imported_at = models.DateTimeField(_("imported at"))

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        indexes = [
            # Whether a month is covered.
            models.Index(name="bank_statement_days", fields=["account", "starts_on", "ends_on"]),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.starts_on:%Y-%m-%d}"


class ProviderReport(models.Model):
    """A stretch of a provider's own account that was fetched."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    provider = models.ForeignKey("donations.PaymentProvider", models.PROTECT, related_name="reports")
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    line_count = models.PositiveIntegerField(_("lines"))
    new_count = models.PositiveIntegerField(_("new lines"))
    fetched_at = models.DateTimeField(_("fetched at"))

    class Meta:
        verbose_name = _("provider report")
        verbose_name_plural = _("provider reports")
        constraints = [
            models.CheckConstraint(name="provider_report_order", condition=Q(since__lt=F("until")))
        ]
        indexes = [
            # Which days of a provider were fetched.
            models.Index(name="provider_report_days", fields=["provider", "since"]),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.since:%Y-%m-%d}"


class ExternalLine(models.Model):
    """One movement as the provider or the bank tells it. Told twice it is the same row: `key` is unique."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    account = models.CharField(_("account"), max_length=20, choices=Account.choices)
    key = models.CharField(_("key"), max_length=250, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    lane = models.CharField(_("direction or kind"), max_length=10)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    fee = fields.euros(verbose_name=_("fee"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    moved_at = models.DateTimeField(_("moved at"))
    references = models.JSONField(_("references"), default=list, blank=True)
    related = models.JSONField(_("belongs to"), default=list, blank=True)
    group = models.CharField(_("order"), max_length=80, blank=True, default="")
    text = models.CharField(_("text"), max_length=500, blank=True, default="")
    party = models.CharField(_("other side"), max_length=160, blank=True, default="")
    is_charge = models.BooleanField(_("charge"), default=False)
    provider = models.ForeignKey(
        "donations.PaymentProvider", models.PROTECT, null=True, blank=True, related_name="lines"
    )
    statement = models.ForeignKey(BankStatement, models.PROTECT, null=True, blank=True, related_name="lines")
    imported_at = models.DateTimeField(_("imported at"))

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = [
            models.CheckConstraint(
                name="external_line_has_one_source",
                condition=Q(account="provider_clearing", provider__isnull=False, statement=None)
                | Q(account="bank", provider=None, statement__isnull=False),
            ),
        ]
        indexes = [
            # The lines of a period.
            models.Index(name="external_line_period", fields=["account", "moved_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.moved_at:%Y-%m-%d}"


class ReconciliationMatch(models.Model):
    """Lines that belong together, and why. It stands for good, unless a break it shows is open: then it is judged anew."""

    id = fields.key()
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="matches")
    account = models.CharField(_("account"), max_length=20, choices=Account.choices)
    rule = models.CharField(_("rule"), max_length=20)
    confidence = models.DecimalField(_("confidence"), max_digits=3, decimal_places=2)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    difference = models.DecimalField(_("difference"), max_digits=14, decimal_places=2, default=Decimal(0))
    matched_at = models.DateTimeField(_("matched at"))

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        indexes = [
            # Newest first, in the back office.
            models.Index(name="reconciliation_match_newest", fields=["-matched_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.confidence}"


class MatchLine(models.Model):
    """A line in a match. A line has one match at most, on either side."""

    class Side(models.TextChoices):
        OURS = "ours", _("Books")
        THEIRS = "theirs", _("Statement")

    id = fields.key()
    match = models.ForeignKey(ReconciliationMatch, models.PROTECT, related_name="lines")
    account = models.CharField(_("account"), max_length=20, choices=Account.choices)
    side = models.CharField(_("side"), max_length=6, choices=Side.choices)
    key = models.CharField(_("line"), max_length=250)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    moved_at = models.DateTimeField(_("moved at"))

    class Meta:
        verbose_name = _("line of a match")
        verbose_name_plural = _("lines of matches")
        constraints = [
            # Also the look-up of what has its partner.
            models.UniqueConstraint(name="match_line_once", fields=["account", "side", "key"]),
        ]
        indexes = [
            # What of a period has its partner.
            models.Index(name="match_line_period", fields=["account", "moved_at"]),
        ]

    def __str__(self) -> str:
        return self.key


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def open(self) -> Self:
        return self.filter(status__in=Discrepancy.OPEN)

    def of_days(self, first: date, last: date) -> Self:
        return self.filter(happened_on__gte=first, happened_on__lte=last)


class Discrepancy(models.Model):
    """A break: something one side has that the other has not, or has otherwise. Found again, it is the same row."""

    class Class(models.TextChoices):
        MISSING = "missing", _("Missing on the statement")
        EXTRA = "extra", _("Not in the books")
        AMOUNT = "amount", _("Amounts differ")
        CURRENCY = "currency", _("Currencies differ")
        DUPLICATE = "duplicate", _("Told twice")
        DATE_SHIFT = "date_shift", _("Dates are far apart")
        FEE = "fee", _("A fee that is not booked")
        SPLIT = "split", _("One movement told as several")
        MERGED = "merged", _("Several movements told as one")
        STATUS = "status", _("States differ")

    class Type(models.TextChoices):
        MISSING_TRANSACTION = "missing_transaction", _("Missing transaction")
        DUPLICATE_TRANSACTION = "duplicate_transaction", _("Duplicate transaction")
        AMOUNT_MISMATCH = "amount_mismatch", _("Amount mismatch")
        STATUS_MISMATCH = "status_mismatch", _("Status mismatch")
        TIMING_DISCREPANCY = "timing_discrepancy", _("Timing")
        EXTERNAL_MISMATCH = "external_mismatch", _("External mismatch")
        ORPHANED_PAYMENT = "orphaned_payment", _("Orphaned payment")

    class Severity(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        INVESTIGATING = "investigating", _("Being looked into")
        AWAITING_APPROVAL = "awaiting_approval", _("Waits for a second person")
        AWAITING_CORRECTION = "awaiting_correction", _("Waits for the other side")
        RESOLVED = "resolved", _("Resolved")
        IGNORED = "ignored", _("Ignored")
        CLEARED = "cleared", _("Cleared by a later run")

    class Resolution(models.TextChoices):
        MANUAL_ADJUSTMENT = "manual_adjustment", _("Adjustment entry")
        IGNORE = "ignore", _("Ignore")
        INVESTIGATE = "investigate", _("Look into it")
        EXTERNAL_CORRECTION = "external_correction", _("The other side corrects it")

    OPEN: ClassVar[tuple[str, ...]] = (
        Status.OPEN,
        Status.INVESTIGATING,
        Status.AWAITING_APPROVAL,
        Status.AWAITING_CORRECTION,
    )

    id = fields.key()
    run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, verbose_name=_("found by"), related_name="discrepancies"
    )
    account = models.CharField(_("account"), max_length=20, choices=Account.choices)
    subject = models.CharField(
        _("subject"), max_length=64, unique=True, help_text=_("The class and the lines it is about, hashed.")
    )
    break_class = models.CharField(_("class"), max_length=10, choices=Class.choices)
    type = models.CharField(_("type"), max_length=24, choices=Type.choices)
    severity = models.CharField(_("severity"), max_length=6, choices=Severity.choices)
    internal_transaction = models.UUIDField(_("our transaction"), null=True, blank=True)
    external_payment = models.CharField(_("their reference"), max_length=250, blank=True, default="")
    internal_amount = models.DecimalField(
        _("in the books"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    external_amount = models.DecimalField(
        _("on the statement"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    difference = models.DecimalField(_("difference"), max_digits=14, decimal_places=2)
    amount = fields.euros_from_zero(verbose_name=_("amount"))
    ours = models.JSONField(_("lines of the books"), default=list, blank=True)
    theirs = models.JSONField(_("lines of the statement"), default=list, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    happened_on = models.DateField(_("day"))
    detected_at = models.DateTimeField(_("detected at"))
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("owner"),
        related_name="+",
    )
    resolution_type = models.CharField(
        _("resolution"), max_length=20, choices=Resolution.choices, blank=True, default=""
    )
    approval_id = models.UUIDField(_("approval"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("resolved by"),
        related_name="+",
        help_text=_("Nobody: a later run."),
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name = _("break")
        verbose_name_plural = _("breaks")
        permissions = [("resolve_discrepancy", "Can resolve breaks of the reconciliation")]
        constraints = [
            models.CheckConstraint(
                name="discrepancy_resolved_iff_dated",
                condition=Q(status__in=["resolved", "ignored", "cleared"], resolved_at__isnull=False)
                | (~Q(status__in=["resolved", "ignored", "cleared"]) & Q(resolved_at=None, resolved_by=None)),
            ),
            models.CheckConstraint(
                name="discrepancy_waits_for_an_approval",
                condition=~Q(status="awaiting_approval") | Q(approval_id__isnull=False),
            ),
        ]
        indexes = [
            # The queue: what is open, the oldest first.
            models.Index(
                name="discrepancy_queue",
                fields=["happened_on", "id"],
                condition=Q(status__in=["open", "investigating", "awaiting_approval", "awaiting_correction"]),
            ),
            # The breaks of a month, when it is closed.
            models.Index(name="discrepancy_day", fields=["account", "happened_on"]),
            # The decision of a second person finds its break.
            models.Index(name="discrepancy_approval", fields=["approval_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_break_class_display()} {self.happened_on:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class DiscrepancyEvent(models.Model):
    """One step in the life of a break: who or which run did it. Rows never change."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    discrepancy = models.ForeignKey(Discrepancy, models.PROTECT, related_name="events")
    from_status = models.CharField(_("from"), max_length=20, blank=True, default="")
    to_status = models.CharField(_("to"), max_length=20, choices=Discrepancy.Status.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("by"),
        related_name="+",
    )
    run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, null=True, blank=True, verbose_name=_("run"), related_name="+"
    )
    note = models.CharField(_("note"), max_length=500, blank=True, default="")
    happened_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of a break")
        verbose_name_plural = _("steps of breaks")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
