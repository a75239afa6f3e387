from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.time import rome_day


class PayoutRun(models.Model):
    """Payouts that are released together and ordered in one file. `message_id` is the file's, and never used again."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        EXPORTED = "exported", _("Ordered at the bank")
        CANCELLED = "cancelled", _("Cancelled")

    id = fields.key()
    period_end = models.DateTimeField(_("cleared until"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    payout_count = models.PositiveIntegerField(_("payouts"), default=0)
    total_amount = fields.euros_from_zero(verbose_name=_("total"))
    message_id = models.CharField(_("message"), max_length=35, unique=True)
    execute_on = models.DateField(_("executed on"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("prepared by"),
        related_name="+",
        help_text=_("Nobody: the monthly job."),
    )
    created_at = models.DateTimeField(_("prepared at"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    exported_at = models.DateTimeField(_("ordered at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payout run")
        verbose_name_plural = _("payout runs")
        permissions = [("release_payoutrun", "Can release payouts somebody else prepared")]
        constraints = [
            models.CheckConstraint(
                name="payout_run_dated_as_its_status",
                condition=Q(status="draft", approved_at=None, exported_at=None, cancelled_at=None)
                | Q(status="approved", approved_at__isnull=False, exported_at=None, cancelled_at=None)
                | Q(
                    status="exported",
                    approved_at__isnull=False,
                    exported_at__isnull=False,
                    execute_on__isnull=False,
                    cancelled_at=None,
                )
                | Q(status="cancelled", exported_at=None, cancelled_at__isnull=False, payout_count=0),
            ),
            models.CheckConstraint(
                name="payout_run_counts_what_it_sums",
                condition=Q(payout_count=0, total_amount=0) | Q(payout_count__gt=0, total_amount__gt=0),
            ),
        ]
        indexes = [
            # The back office, newest first.
            models.Index(name="payout_run_created", fields=["-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{rome_day(self.period_end)}: € {self.total_amount}"


class PayoutQuerySet(models.QuerySet["Payout"]):
    def live(self) -> Self:
        """Return those whose donations are paid or on their way: nothing else may pay them."""
        return self.filter(status__in=Payout.LIVE)

    def at_the_bank(self) -> Self:
        """Return those the bank was told to pay, whatever became of them: what the ONLUS sees."""
        return self.filter(exported_at__isnull=False)

    def in_transit(self) -> Self:
        return self.filter(status__in=Payout.IN_TRANSIT)


class Payout(models.Model):
    """What one ONLUS gets in one run. Its key is cause and transaction of its transfers.

    The hold reserves the amount of what is owed to the ONLUS; ordering it posts the hold (money in transit); the bank's
    statement settles it. `account` never changes its numbers: it says for good where the money went.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        EXPORTED = "exported", _("Ordered at the bank")
        ACCEPTED = "accepted", _("Accepted by the bank")
        SETTLED = "settled", _("Paid")
        REJECTED = "rejected", _("Rejected by the bank")
        RETURNED = "returned", _("Came back")
        CANCELLED = "cancelled", _("Cancelled")

    LIVE: ClassVar[tuple[str, ...]] = (
        Status.DRAFT,
        Status.APPROVED,
        Status.EXPORTED,
        Status.ACCEPTED,
        Status.SETTLED,
    )
    HELD: ClassVar[tuple[str, ...]] = (Status.DRAFT, Status.APPROVED)
    IN_TRANSIT: ClassVar[tuple[str, ...]] = (Status.EXPORTED, Status.ACCEPTED)
    CLOSED: ClassVar[tuple[str, ...]] = (Status.REJECTED, Status.RETURNED, Status.CANCELLED)

    # What may follow what. The statement may come before the status report, so nothing has to be accepted first.
    STEPS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": (Status.DRAFT,),
        Status.DRAFT: (Status.APPROVED, Status.CANCELLED),
        Status.APPROVED: (Status.EXPORTED, Status.CANCELLED),
        Status.EXPORTED: (Status.ACCEPTED, Status.SETTLED, Status.REJECTED),
        Status.ACCEPTED: (Status.SETTLED, Status.REJECTED),
        Status.SETTLED: (Status.RETURNED,),
    }

    id = fields.key()
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="payouts")
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="payouts")
    account = models.ForeignKey("donations.OnlusBankAccount", models.PROTECT, related_name="payouts")
    amount = fields.euros()
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    end_to_end_id = models.CharField(_("reference"), max_length=35, unique=True)
    hold = models.OneToOneField("donations.Transfer", models.PROTECT, related_name="+")
    reason_code = models.CharField(_("bank's reason"), max_length=35, blank=True, default="")
    # The lines of the bank's statements that were booked: account, statement, page, entry, part.
    debit_entry = models.CharField(_("charged by entry"), max_length=200, blank=True, default="")
    return_entry = models.CharField(_("given back by entry"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("prepared at"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    exported_at = models.DateTimeField(_("ordered at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("given up at"), null=True, blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.UniqueConstraint(name="payout_once_per_run", fields=["run", "onlus"]),
            models.CheckConstraint(name="payout_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payout_approved_iff_dated",
                condition=Q(status="draft", approved_at=None)
                | Q(status="cancelled")
                | (~Q(status__in=["draft", "cancelled"]) & Q(approved_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="payout_ordered_iff_dated",
                condition=Q(status__in=["draft", "approved", "cancelled"], exported_at=None, accepted_at=None)
                | (~Q(status__in=["draft", "approved", "cancelled"]) & Q(exported_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="payout_accepted_is_dated",
                condition=~Q(status="accepted") | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="payout_settled_iff_dated",
                condition=Q(status__in=["settled", "returned"], settled_at__isnull=False)
                | (~Q(status__in=["settled", "returned"]) & Q(settled_at=None, debit_entry="")),
            ),
            models.CheckConstraint(
                name="payout_closed_iff_dated",
                condition=Q(status__in=["rejected", "returned", "cancelled"], closed_at__isnull=False)
                | (
                    ~Q(status__in=["rejected", "returned", "cancelled"])
                    & Q(closed_at=None, reason_code="", return_entry="")
                ),
            ),
        ]
        indexes = [
            # What an ONLUS was paid, in its portal.
            models.Index(name="payout_onlus", fields=["onlus", "-exported_at", "-id"]),
            # What is on its way.
            models.Index(
                name="payout_in_transit",
                fields=["exported_at"],
                condition=Q(status__in=["exported", "accepted"]),
            ),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} → {self.onlus_id}"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def may_be_cancelled(self) -> bool:
        return self.status in self.HELD

    def may_become(self, status: "Payout.Status") -> bool:
        return status in self.STEPS.get(self.status, ())


class PayoutLineQuerySet(models.QuerySet["PayoutLine"]):
    def live(self) -> Self:
        return self.filter(is_live=True)


class PayoutLine(models.Model):
    """One donation in a payout with what a sponsor added, a grant of a pool, or the recovery of what was refunded later.

    A recovery is negative. It is positive where an earlier one lost its ground, because the payout it corrected came
    back. A donation or a grant is in one live payout at most; when the payout is given up its lines are not live any more.
    """

    id = fields.key()
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines")
    donation = models.ForeignKey(
        "donations.Donation", models.PROTECT, null=True, blank=True, related_name="payout_lines"
    )
    grant = models.ForeignKey(
        "donations.PoolGrant", models.PROTECT, null=True, blank=True, related_name="payout_lines"
    )
    refund = models.ForeignKey(
        "donations.DonationRefund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_lines",
        help_text=_("The latest refund of the donation that is set right."),
    )
    amount = fields.euros()
    matched_amount = fields.euros_from_zero(help_text=_("The part of the amount that a sponsor added."))
    is_live = models.BooleanField(_("live"), default=True)

    objects = PayoutLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout line")
        verbose_name_plural = _("payout lines")
        constraints = [
            models.UniqueConstraint(
                name="payout_line_donation_once", fields=["donation"], condition=Q(is_live=True)
            ),
            models.UniqueConstraint(
                name="payout_line_grant_once", fields=["grant"], condition=Q(is_live=True)
            ),
            models.UniqueConstraint(name="payout_line_recovery_once", fields=["payout", "refund"]),
            models.CheckConstraint(
                name="payout_line_of_one_thing",
                condition=Q(
                    donation__isnull=False,
                    grant=None,
                    refund=None,
                    amount__gt=0,
                    matched_amount__gte=0,
                    matched_amount__lt=F("amount"),
                )
                | Q(donation=None, grant__isnull=False, refund=None, amount__gt=0, matched_amount=0)
                | (Q(donation=None, grant=None, refund__isnull=False, matched_amount=0) & ~Q(amount=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount}"


class PayoutStatusChange(models.Model):
    """One step of a payout: what it was, what it became, who or which file said so. Rows never change."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="changes")
    from_status = models.CharField(_("from"), max_length=10, blank=True, default="")
    to_status = models.CharField(_("to"), max_length=10, choices=Payout.Status.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("by"),
        related_name="+",
    )
    bank_file = models.ForeignKey(
        "donations.BankFile",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("told by"),
        related_name="+",
    )
    reason_code = models.CharField(_("bank's reason"), max_length=35, blank=True, default="")
    detail = models.CharField(_("detail"), max_length=300, blank=True, default="")
    changed_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("payout status change")
        verbose_name_plural = _("payout status changes")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
