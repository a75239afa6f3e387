from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class OnlusBankAccountQuerySet(models.QuerySet["OnlusBankAccount"]):
    def current(self) -> Self:
        return self.filter(replaced_at=None)

    def payable(self, now: datetime) -> Self:
        """Return those that may be paid now: current, verified, past the cooling-off, not flagged by the bank.

        Of one ONLUS the latest: until a new account is that far, the one before goes on being paid.
        """
        good = Q(replaced_at=None, verified_at__isnull=False, active_from__lte=now, flagged_at=None)
        later = OnlusBankAccount.objects.filter(good, onlus=OuterRef("onlus"), pk__gt=OuterRef("pk"))
        return self.filter(good).exclude(Exists(later))

    def once_good(self) -> Self:
        """Return those that were verified at some time, also those a bank's answer took it from since."""
        return self.filter(Q(verified_at__isnull=False) | Q(flagged_at__isnull=False))

    def waiting(self, now: datetime) -> Self:
        """Return those that are not in force yet: not verified by everybody, or cooling off."""
        return self.current().filter(Q(verified_at=None) | Q(active_from__gt=now))


class OnlusBankAccount(models.Model):
    """Where an ONLUS is paid. A change is a new row, so what was paid to which account stays known.

    One person enters it, another verifies it; what somebody of the ONLUS entered is checked by two people of the staff.
    After a change the account before is paid until `active_from`.
    """

    class PayeeCheck(models.TextChoices):
        """What the bank answered to the Verification of Payee (Regulation (EU) 2024/886)."""

        MATCH = "match", _("Name and IBAN match")
        CLOSE_MATCH = "close_match", _("The name nearly matches")
        NO_MATCH = "no_match", _("The name does not match")
        NOT_POSSIBLE = "not_possible", _("The bank cannot tell")

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="bank_accounts")
    iban = fields.EncryptedTextField("IBAN")
    masked_iban = models.CharField("IBAN", max_length=20)
    holder = models.CharField(_("account holder"), max_length=70)
    bic = models.CharField("BIC", max_length=11, blank=True, default="")
    town = models.CharField(_("town"), max_length=35)
    country = models.CharField(_("country"), max_length=2, default="IT")
    payee_check = models.CharField(
        _("verification of payee"), max_length=12, choices=PayeeCheck.choices, blank=True, default=""
    )
    payee_name = models.CharField(
        _("name the bank told"),
        max_length=140,
        blank=True,
        default="",
        help_text=_("When it nearly matches."),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+"
    )
    created_at = models.DateTimeField(_("entered at"))
    is_from_portal = models.BooleanField(_("entered in the portal"), default=False, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("checked first by"),
        related_name="+",
    )
    checked_at = models.DateTimeField(_("checked first at"), null=True, blank=True)
    active_from = models.DateTimeField(_("paid from"), help_text=_("After a change payouts wait until then."))
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("verified by"),
        related_name="+",
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    flagged_at = models.DateTimeField(_("flagged at"), null=True, blank=True)
    flag_reason = models.CharField(_("bank's reason"), max_length=35, blank=True, default="")
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    objects = OnlusBankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(
                name="bank_account_one_unverified",
                fields=["onlus"],
                condition=Q(replaced_at=None, verified_at=None),
            ),
            models.CheckConstraint(
                name="bank_account_of_the_portal_checked_by_two",
                condition=Q(is_from_portal=False)
                | Q(verified_at=None)
                | (Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(checked_by=F("verified_by"))),
            ),
            models.CheckConstraint(
                name="bank_account_verified_by_another",
                condition=Q(verified_at=None, verified_by=None)
                | (Q(verified_at__isnull=False, verified_by__isnull=False) & ~Q(verified_by=F("entered_by"))),
            ),
            models.CheckConstraint(
                name="bank_account_verified_with_payee_check",
                condition=Q(verified_at=None) | Q(payee_check__in=["match", "close_match", "not_possible"]),
            ),
            models.CheckConstraint(
                name="bank_account_flagged_iff_told_why",
                condition=Q(flagged_at=None, flag_reason="")
                | (Q(flagged_at__isnull=False) & ~Q(flag_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.masked_iban}"
