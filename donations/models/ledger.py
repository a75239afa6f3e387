from decimal import Decimal
from typing import ClassVar, Self
from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.money import ZERO

PLAYER_KINDS = ("player_credits", "player_cash")
_SYSTEM_ACCOUNTS = UUID("0192a3b4-0000-7000-8000-676f6f64706c")


def system_account_id(kind: str) -> UUID:
    """Return the key of one of the platform's own accounts."""
    return uuid5(_SYSTEM_ACCOUNTS, kind)


class LedgerAccountQuerySet(models.QuerySet["LedgerAccount"]):
    def of_player(self, player_id: object) -> Self:
        return self.filter(player_id=player_id, kind__in=PLAYER_KINDS)


class LedgerAccount(models.Model):
    """One pot of money. A balance is credits minus debits, so what GoodPlay owes is positive.

    Players' accounts store their balance, guarded by `version`; every other account is hot and stores none (see
    AccountSnapshot).
    """

    class Kind(models.TextChoices):
        PLAYER_CREDITS = "player_credits", _("Player: earned credits")
        PLAYER_CASH = "player_cash", _("Player: paid money")
        ONLUS_PAYABLE = "onlus_payable", _("Payable to ONLUS")
        REWARD_POOL = "reward_pool", _("Reward pool")
        SPONSOR = "sponsor", _("Sponsors")
        PROVIDER_CLEARING = "provider_clearing", _("Payment provider clearing")
        PROVIDER_FEES = "provider_fees", _("Payment provider fees")
        PLATFORM_FEES = "platform_fees", _("Platform fees")
        PAYOUT_IN_TRANSIT = "payout_in_transit", _("Payouts in transit")
        BANK = "bank", _("Bank")
        CHARGEBACK_LOSS = "chargeback_loss", _("Chargeback losses")
        ADJUSTMENT = "adjustment", _("Adjustments")
        SUSPENSE = "suspense", _("Unclear payments")
        OPENING = "opening", _("Brought over from the old installation")

    id = fields.key()
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    player = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="ledger_accounts"
    )
    onlus = models.ForeignKey(
        "accounts.Onlus", models.PROTECT, null=True, blank=True, related_name="ledger_accounts"
    )
    balance = fields.euros(null=True, blank=True, help_text=_("Stored for players' accounts only."))
    held = fields.euros(
        null=True, blank=True, help_text=_("The part of the balance that pending transfers hold.")
    )
    is_frozen = models.BooleanField(
        _("frozen"), default=False, help_text=_("Money comes in, nothing is spent: a payment is disputed.")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))

    objects = LedgerAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(name="account_player_kind", fields=["player", "kind"]),
            models.UniqueConstraint(name="account_onlus_kind", fields=["onlus", "kind"]),
            models.UniqueConstraint(
                name="account_system_kind", fields=["kind"], condition=Q(player=None, onlus=None)
            ),
            models.CheckConstraint(
                name="account_owner_fits_kind",
                condition=Q(kind__in=PLAYER_KINDS, player__isnull=False, onlus=None)
                | Q(kind="onlus_payable", player=None, onlus__isnull=False)
                | (~Q(kind__in=[*PLAYER_KINDS, "onlus_payable"]) & Q(player=None, onlus=None)),
            ),
            models.CheckConstraint(
                name="account_only_players_freeze", condition=Q(is_frozen=False) | Q(kind__in=PLAYER_KINDS)
            ),
            models.CheckConstraint(
                name="account_balance_stored_and_covered",
                condition=Q(kind__in=PLAYER_KINDS, held__gte=0, balance__gte=models.F("held"))
                | (~Q(kind__in=PLAYER_KINDS) & Q(balance=None, held=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def stores_balance(self) -> bool:
        return self.kind in PLAYER_KINDS

    @property
    def available(self) -> Decimal:
        """What can be spent: the balance less what pending transfers hold. Stored balances only."""
        return (self.balance or ZERO) - (self.held or ZERO)


class TransferQuerySet(models.QuerySet["Transfer"]):
    def moving(self) -> Self:
        """Return those that move money: pending, voided and expired rows do not."""
        return self.filter(phase__in=(Transfer.Phase.SINGLE, Transfer.Phase.POST))

    def open_holds(self) -> Self:
        return self.filter(phase=Transfer.Phase.PENDING, resolution=None)


class Transfer(models.Model):
    """One movement of money from one account to another. Rows never change: the books balance by construction.

    Two phases: a PENDING row holds the money, and at most one later row POSTs (all or part of) it, VOIDs it or lets
    it EXPIRE. A correction is a new row that `reverses` the old one. All rows of one business fact share
    `transaction_id`; `cause_id` is the session, donation, … they come from.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        SESSION_CREDIT = "session_credit", _("Credits for play")
        BONUS = "bonus", _("Bonus")
        DONATION = "donation", _("Donation")
        MATCH = "match", _("Matched by a sponsor")
        GRANT = "grant", _("Granted by a sponsor")
        FUNDING = "funding", _("Sponsor funding")
        TOP_UP = "top_up", _("Top-up")
        FEE = "fee", _("Fee")
        REFUND = "refund", _("Refund")
        PAYOUT = "payout", _("Payout")
        DISPUTE = "dispute", _("Dispute")
        ADJUSTMENT = "adjustment", _("Adjustment")
        SETTLEMENT = "settlement", _("Paid out by a provider")
        OPENING = "opening", _("Brought over from the old installation")

    class Phase(models.TextChoices):
        SINGLE = "single", _("Single")
        PENDING = "pending", _("Pending")
        POST = "post", _("Posted")
        VOID = "void", _("Voided")
        EXPIRE = "expire", _("Expired")

    id = fields.key()
    transaction_id = models.UUIDField(_("transaction"), db_index=True)
    debit_account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="debits")
    credit_account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="credits")
    amount = fields.euros()
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices, default=Phase.SINGLE)
    pending_transfer = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="resolution"
    )
    reverses = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversals")
    player = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers",
        help_text=_("The person whose wallet this touches."),
    )
    cause_id = models.UUIDField(_("cause"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(name="transfer_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="transfer_between_two_accounts", condition=~Q(debit_account=models.F("credit_account"))
            ),
            models.CheckConstraint(
                name="transfer_resolution_names_pending",
                condition=Q(phase__in=["single", "pending"], pending_transfer=None)
                | Q(phase__in=["post", "void", "expire"], pending_transfer__isnull=False),
            ),
            models.UniqueConstraint(
                name="transfer_once_per_cause",
                fields=["kind", "cause_id", "debit_account", "credit_account"],
                condition=Q(reverses=None, phase__in=["single", "pending"]),
            ),
        ]
        indexes = [
            # A player's transactions, newest first (wallet and admin).
            models.Index(name="transfer_player", fields=["player", "-created_at", "-id"]),
            # The tail of an account after its snapshot, from either side.
            models.Index(name="transfer_debit_tail", fields=["debit_account", "created_at"]),
            models.Index(name="transfer_credit_tail", fields=["credit_account", "created_at"]),
            # The day's seal, and the dashboards' periods by kind.
            models.Index(name="transfer_day", fields=["created_at", "kind"]),
            # Holds: what a player waits for, and an account's queue, oldest first.
            models.Index(name="transfer_player_hold", fields=["player", "id"], condition=Q(phase="pending")),
            models.Index(
                name="transfer_debit_hold",
                fields=["debit_account", "created_at", "id"],
                condition=Q(phase="pending"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} € {self.amount}"

    @property
    def is_open_hold(self) -> bool:
        """Whether the row is a hold nobody resolved; reads its resolution."""
        return self.phase == self.Phase.PENDING and getattr(self, "resolution", None) is None

    @property
    def phase_moves(self) -> bool:
        return self.phase in (self.Phase.SINGLE, self.Phase.POST)


class AccountSnapshot(models.Model):
    """What a hot account's balance was at a moment: later transfers are the tail to add."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="snapshots")
    taken_to = models.DateTimeField(
        _("taken to"), help_text=_("Transfers made before this are in the balance.")
    )
    balance = fields.euros()

    class Meta:
        verbose_name = _("account snapshot")
        verbose_name_plural = _("account snapshots")
        constraints = [models.UniqueConstraint(name="snapshot_once", fields=["account", "taken_to"])]

    def __str__(self) -> str:
        return f"{self.account_id} {self.taken_to:%Y-%m-%d}"


class LedgerSeal(models.Model):
    """The hash over one Rome day's transfers, chained to the day before: a later edit shows."""

    append_only: ClassVar[bool] = True

    day = models.DateField(_("day"), primary_key=True)
    transfer_count = models.PositiveIntegerField(_("transfers"))
    previous_hash = models.CharField(_("previous hash"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("ledger seal")
        verbose_name_plural = _("ledger seals")

    def __str__(self) -> str:
        return str(self.day)
