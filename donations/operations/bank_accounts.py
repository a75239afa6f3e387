"""Where ONLUS are paid: entered by one person, verified by another, never changed in place."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from accounts.operations import onlus as registry
from donations.bank.iban import NotBic, NotIban, is_sepa, mask, validate_bic, validate_iban
from donations.models import OnlusBankAccount
from goodplay.lib.approvals.operations import FourEyesRequired
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError

PayeeCheck = OnlusBankAccount.PayeeCheck

# Reasons by which a bank says that the account itself is not good.
TELLING_REASONS = frozenset({"AC01", "AC03", "AC04", "AC06", "AC07", "AC13", "BE01", "BE06"})


class IbanInvalid(DomainError):
    code = "IBAN_INVALID"
    message = _("This is no IBAN. Check it digit by digit.")


class IbanOutsideSepa(DomainError):
    code = "IBAN_OUTSIDE_SEPA"
    message = _("The account is outside the SEPA countries and cannot be paid.")


class BicInvalid(DomainError):
    code = "BIC_INVALID"
    message = _("This is no BIC. It may be left out.")


class AccountUnchanged(Conflict):
    code = "BANK_ACCOUNT_UNCHANGED"
    message = _("The organisation has this account already.")


class AccountNotCurrent(Conflict):
    code = "BANK_ACCOUNT_NOT_CURRENT"
    message = _("This account was replaced by another. Look at the current one.")


class AccountAlreadyVerified(Conflict):
    code = "BANK_ACCOUNT_ALREADY_VERIFIED"
    message = _("This account is verified already.")


class IbanDiffers(DomainError):
    code = "IBAN_DIFFERS"
    message = _("This is not the IBAN that was entered. Compare both with the organisation's document.")


@transaction.atomic
def enter_account(
    *,
    onlus: Onlus,
    iban: str,
    holder: str,
    town: str,
    country: str,
    entered_by: User,
    now: datetime,
    bic: str = "",
    address: str = "",
) -> OnlusBankAccount:
    """Give the ONLUS a bank account in place of the one it had. Nothing is paid to it before somebody verified it.

    After a change, payouts wait for the cooling-off period as well: time to notice a change nobody asked for.
    """
    iban, bic = _valid_iban(iban), _valid_bic(bic)
    before = OnlusBankAccount.objects.current().filter(onlus=onlus).select_for_update().first()
    if before is not None:
        if (before.iban, before.holder) == (iban, holder.strip()):
            raise AccountUnchanged
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    waits = timedelta(days=settings.BANK_ACCOUNT_COOLING_OFF_DAYS) if before else timedelta(0)
    account = OnlusBankAccount(
        onlus=onlus,
        iban=iban,
        masked_iban=mask(iban),
        holder=holder.strip(),
        bic=bic,
        town=town.strip(),
        country=country.strip().upper(),
        entered_by=entered_by,
        created_at=now,
        active_from=now + waits,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:  # somebody else entered one at this moment
        raise Conflict from error
    was = {"account": str(before)} if before else {}
    trail.record(
        actor=entered_by,
        action="bank_account_enter",
        target=account,
        before=was,
        after=_facts(account),
        address=address,
        now=now,
    )
    return account


@transaction.atomic
def verify_account(
    *,
    account: OnlusBankAccount,
    iban: str,
    payee_check: OnlusBankAccount.PayeeCheck,
    verified_by: User,
    now: datetime,
    payee_name: str = "",
    address: str = "",
) -> OnlusBankAccount:
    """Confirm an account somebody else entered, with the IBAN read again from the organisation's own document.

    Keeps what the bank answered about the payee. With NO_MATCH the account is not verified, and loses it if it was.
    Clears the flag a bank's rejection left. Raises FourEyesRequired, IbanDiffers, AccountNotCurrent,
    AccountAlreadyVerified.
    """
    row = OnlusBankAccount.objects.select_for_update(of=("self",)).select_related("onlus").get(pk=account.pk)
    if row.replaced_at is not None:
        raise AccountNotCurrent
    if row.verified_at is not None and row.flagged_at is None:
        raise AccountAlreadyVerified
    if row.entered_by_id == verified_by.pk:
        raise FourEyesRequired
    if _valid_iban(iban) != row.iban:
        raise IbanDiffers
    before = _facts(row)
    row.payee_check, row.payee_name = payee_check, payee_name
    is_good = payee_check != PayeeCheck.NO_MATCH
    row.verified_at, row.verified_by = (now, verified_by) if is_good else (None, None)
    if is_good:
        row.flagged_at, row.flag_reason = None, ""
        registry.note_bank_account(onlus=row.onlus, now=now)
    row.save(
        update_fields=[
            "payee_check",
            "payee_name",
            "verified_at",
            "verified_by",
            "flagged_at",
            "flag_reason",
        ]
    )
    trail.record(
        actor=verified_by,
        action="bank_account_verify" if is_good else "bank_account_refuse",
        target=row,
        before=before,
        after=_facts(row),
        address=address,
        now=now,
    )
    return row


def flag_account(*, account_id: UUID, reason_code: str, now: datetime) -> None:
    """Pay nothing more to an account of which the bank says that it is wrong or closed, until it is verified anew."""
    if reason_code in TELLING_REASONS:
        OnlusBankAccount.objects.filter(pk=account_id, flagged_at=None).update(
            flagged_at=now, flag_reason=reason_code
        )


def _valid_iban(text: str) -> str:
    try:
        iban = validate_iban(text)
    except NotIban as error:
        raise IbanInvalid from error
    if not is_sepa(iban):
        raise IbanOutsideSepa
    return iban


def _valid_bic(text: str) -> str:
    try:
        return validate_bic(text) if text.strip() else ""
    except NotBic as error:
        raise BicInvalid from error


def _facts(account: OnlusBankAccount) -> dict[str, str]:
    """Tell an account without its number."""
    return {
        "onlus": str(account.onlus_id),
        "account": str(account),
        "payee_check": account.payee_check,
        "payee_name": account.payee_name,
        "verified_at": str(account.verified_at or ""),
        "active_from": str(account.active_from),
        "flag_reason": account.flag_reason,
    }
