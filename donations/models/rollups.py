"""What money and players did on each Rome day, summed once: dashboards read these instead of every base row.

Every row follows from base rows alone and is made anew, a whole day at a time, whenever one of that day's base rows
changed (donations.operations.rollups). So a row is never corrected, and may be thrown away.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from donations.models.ledger import LedgerAccount, Transfer
from donations.models.payments import PaymentIntent
from goodplay.lib import fields


class RollupState(models.Model):
    """How far the rollups reach. One row."""

    name = models.CharField(_("name"), primary_key=True, max_length=30)
    rolled_to = models.DateTimeField(
        _("rolled up to"), help_text=_("What was committed well before this is in the rollups.")
    )

    class Meta:
        verbose_name = _("state of the rollups")
        verbose_name_plural = _("state of the rollups")

    def __str__(self) -> str:
        return f"{self.name} {self.rolled_to:%Y-%m-%d %H:%M}"


class DonationHour(models.Model):
    """The donations that were completed in one hour. `count` and `amount` are of those kept, less what went back."""

    hour = models.DateTimeField(_("hour"), primary_key=True)
    day = models.DateField(_("day in Rome"))
    count = models.PositiveIntegerField(_("donations"))
    amount = fields.euros(help_text=_("Of completed donations, less what was given back."))
    given_count = models.PositiveIntegerField(_("carried out"))
    given_amount = fields.euros(help_text=_("Of all that were carried out, before anything was given back."))
    earned_amount = fields.euros(help_text=_("The part of it that was earned by playing."))
    paid_amount = fields.euros(help_text=_("The part of it that was the donors' own money."))
    refunded_amount = fields.euros(help_text=_("What was given back of it, whenever that was."))

    class Meta:
        verbose_name = _("donations of an hour")
        verbose_name_plural = _("donations by hour")
        permissions = [("view_financial_analytics", "Can see the financial analytics")]
        indexes = [
            # A period's days, and a day made anew.
            models.Index(name="donation_hour_day", fields=["day"])
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"


class OnlusDay(models.Model):
    """What one ONLUS was given on one day."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(_("donations"))
    amount = fields.euros(help_text=_("Of completed donations, less what was given back."))

    class Meta:
        verbose_name = _("donations to an organisation on a day")
        verbose_name_plural = _("donations by organisation and day")
        constraints = [models.UniqueConstraint(name="onlus_day_once", fields=["day", "onlus"])]

    def __str__(self) -> str:
        return f"{self.day} {self.onlus_id}"


class DonorDay(models.Model):
    """What one donor gave on one day."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    donor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cohort = models.DateField(_("cohort"), help_text=_("The first of the month the donor registered in."))
    count = models.PositiveIntegerField(_("donations"))
    amount = fields.euros(help_text=_("Of completed donations, less what was given back."))

    class Meta:
        verbose_name = _("donations of a donor on a day")
        verbose_name_plural = _("donations by donor and day")
        constraints = [models.UniqueConstraint(name="donor_day_once", fields=["day", "donor"])]

    def __str__(self) -> str:
        return f"{self.day} {self.donor_id}"


class DonationValueDay(models.Model):
    """How many of a day's completed donations are of one amount: medians and percentiles to the cent."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    amount = fields.euros(help_text=_("Less what was given back."))
    count = models.PositiveIntegerField(_("donations"))

    class Meta:
        verbose_name = _("donations of an amount on a day")
        verbose_name_plural = _("donations by amount and day")
        constraints = [models.UniqueConstraint(name="donation_value_day_once", fields=["day", "amount"])]

    def __str__(self) -> str:
        return f"{self.day} € {self.amount}"


class PaymentDay(models.Model):
    """What became of the payments that were begun on one day, by provider and means. Sums are of those that were paid."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    provider = models.ForeignKey("donations.PaymentProvider", models.PROTECT, related_name="+")
    method = models.CharField(_("means of payment"), max_length=20, choices=PaymentIntent.Method.choices)
    intents = models.PositiveIntegerField(_("payments"))
    succeeded = models.PositiveIntegerField(_("paid"), help_text=_("Whatever was given back of them since."))
    failed = models.PositiveIntegerField(_("failed"))
    cancelled = models.PositiveIntegerField(_("cancelled"))
    pending = models.PositiveIntegerField(_("open"))
    amount = fields.euros()
    net_amount = fields.euros()
    processing_fee = fields.euros()
    platform_fee = fields.euros()
    refunded_amount = fields.euros()

    class Meta:
        verbose_name = _("payments of a day")
        verbose_name_plural = _("payments by day")
        constraints = [models.UniqueConstraint(name="payment_day_once", fields=["day", "provider", "method"])]

    def __str__(self) -> str:
        return f"{self.day} {self.method}"


class PaymentTimeDay(models.Model):
    """How many of the payments begun on one day took so long until they were paid, in tenths of a second."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    method = models.CharField(_("means of payment"), max_length=20, choices=PaymentIntent.Method.choices)
    tenths = models.PositiveBigIntegerField(_("tenths of a second"))
    count = models.PositiveIntegerField(_("payments"))

    class Meta:
        verbose_name = _("payments of a day by time taken")
        verbose_name_plural = _("payments by day and time taken")
        constraints = [
            models.UniqueConstraint(name="payment_time_day_once", fields=["day", "method", "tenths"])
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.method} {self.tenths}"


class TransferDay(models.Model):
    """What moved on one day from accounts of one kind to accounts of another, for one reason."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    kind = models.CharField(_("kind"), max_length=20, choices=Transfer.Kind.choices)
    debit_kind = models.CharField(_("from"), max_length=20, choices=LedgerAccount.Kind.choices)
    credit_kind = models.CharField(_("to"), max_length=20, choices=LedgerAccount.Kind.choices)
    count = models.PositiveIntegerField(_("transfers"))
    amount = fields.euros()

    class Meta:
        verbose_name = _("transfers of a day")
        verbose_name_plural = _("transfers by day")
        constraints = [
            models.UniqueConstraint(
                name="transfer_day_once", fields=["day", "kind", "debit_kind", "credit_kind"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.debit_kind} → {self.credit_kind}"


class PlayerDay(models.Model):
    """How often one player began to play on one day."""

    id = fields.key()
    day = models.DateField(_("day in Rome"))
    player = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cohort = models.DateField(_("cohort"), help_text=_("The first of the month the player registered in."))
    sessions = models.PositiveIntegerField(_("game sessions"))

    class Meta:
        verbose_name = _("game sessions of a player on a day")
        verbose_name_plural = _("game sessions by player and day")
        constraints = [models.UniqueConstraint(name="player_day_once", fields=["day", "player"])]

    def __str__(self) -> str:
        return f"{self.day} {self.player_id}"
