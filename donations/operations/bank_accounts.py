"""Where ONLUS are paid: entered by one person, verified by another, never changed in place."""

import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from accounts.models import Onlus, OnlusMembership, User
from accounts.operations import onlus as registry
from accounts.operations import sign_in
from accounts.operations.team import OwnersOnly
from donations.models import OnlusBankAccount
from donations.signals import bank_account_entered, bank_account_verified, bank_account_withdrawn
from goodplay.lib.approvals.operations import FourEyesRequired
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.iban import NotBic, NotIban, is_sepa, mask, validate_bic, validate_iban

PayeeCheck = OnlusBankAccount.PayeeCheck
SAME_NAME = 85
"""Of a hundred: how alike the holder and the organisation are, word by word in any order."""

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


class HolderDiffers(DomainError):
    code = "BANK_ACCOUNT_HOLDER_DIFFERS"
    message = _(
        "The account must be in the name of the organisation. Write the holder as the bank has it, or write to our staff."
    )


class CheckedByYou(FourEyesRequired):
    message = _("You checked this account already. A second person has to confirm it.")


def propose_account(
    *, onlus: Onlus, member: User, password: str, now: datetime, address: str = "", **account: str
) -> OnlusBankAccount:
    """Enter an account as an owner of the ONLUS, who proves it with the password once more.

    Two people of the staff have to verify it. A wrong password leaves its traces, so it is looked at before the
    transaction. Raises OwnersOnly, what `sign_in.recognise` raises, HolderDiffers and what `enter_account` raises.
    """
    sign_in.recognise(email=member.email, password=password, now=now, address=address)
    with transaction.atomic():
        if not onlus.memberships.filter(user=member, role=OnlusMembership.Role.OWNER).exists():
            raise OwnersOnly
        if not is_holder(account["holder"], onlus):
            raise HolderDiffers
        return enter_account(
            onlus=onlus, entered_by=member, is_from_portal=True, now=now, address=address, **account
        )


def is_holder(holder: str, onlus: Onlus) -> bool:
    """Say whether this is the name of the organisation, give or take how banks abbreviate it."""
    written = _words(holder)
    names = [_words(name) for name in (onlus.name, onlus.legal_name) if name]
    return any(
        set(name.split()) <= set(written.split()) or fuzz.token_sort_ratio(written, name) >= SAME_NAME
        for name in names
    )


def _words(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(
        re.findall(r"[a-z0-9]+", "".join(each for each in plain if not unicodedata.combining(each)))
    )


@transaction.atomic
def withdraw_account(
    *, account: OnlusBankAccount, member: User, now: datetime, address: str = ""
) -> OnlusBankAccount:
    """Take back an account that is not in force yet: any owner can stop a change nobody asked for."""
    Onlus.objects.select_for_update(no_key=True).get(pk=account.onlus_id)
    if not OnlusMembership.objects.filter(
        onlus=account.onlus_id, user=member, role=OnlusMembership.Role.OWNER
    ).exists():
        raise OwnersOnly
    if not claim(OnlusBankAccount.objects.waiting(now).filter(pk=account.pk), replaced_at=now):
        raise AccountNotCurrent
    account.refresh_from_db()
    bank_account_withdrawn.announce(account=account)
    trail.record(
        actor=member,
        action="bank_account_withdraw",
        target=account,
        before=_facts(account),
        address=address,
        now=now,
    )
    return account


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
    is_from_portal: bool = False,
) -> OnlusBankAccount:
    """Give the ONLUS a bank account in place of the one it had. Nothing is paid to it before it is verified.

    After a change it waits for the cooling-off period as well, time to notice a change nobody asked for; until then
    the account in force goes on being paid. One that was not in force yet is replaced at once. Taking accounts back
    does not make the next one the first.
    """
    iban, bic = _valid_iban(iban), _valid_bic(bic)
    Onlus.objects.select_for_update(no_key=True).get(pk=onlus.pk)
    known = OnlusBankAccount.objects.current().filter(onlus=onlus)
    before = known.order_by("-pk").first()
    if before is not None and (before.iban, before.holder) == (iban, holder.strip()):
        raise AccountUnchanged
    in_force = OnlusBankAccount.objects.payable(now).filter(onlus=onlus).values_list("pk", flat=True)
    known.exclude(pk__in=list(in_force)).update(replaced_at=now)
    is_change = before is not None or OnlusBankAccount.objects.once_good().filter(onlus=onlus).exists()
    waits = timedelta(days=settings.BANK_ACCOUNT_COOLING_OFF_DAYS) if is_change else timedelta(0)
    account = OnlusBankAccount(
        onlus=onlus,
        iban=iban,
        masked_iban=mask(iban),
        holder=holder.strip(),
        bic=bic,
        town=town.strip(),
        country=country.strip().upper(),
        entered_by=entered_by,
        is_from_portal=is_from_portal,
        created_at=now,
        active_from=now + waits,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:  # somebody else entered one at this moment
        raise Conflict from error
    bank_account_entered.announce(account=account)
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

    What was entered in the portal takes two such confirmations, by two people: the first leaves it unverified.
    Keeps what the bank answered about the payee. With NO_MATCH the account is not verified, and loses it if it was;
    it gives way to another that waits for verification. Clears the flag a bank's rejection left. Raises FourEyesRequired, IbanDiffers, AccountNotCurrent,
    AccountAlreadyVerified.
    """
    Onlus.objects.select_for_update(no_key=True).get(pk=account.onlus_id)
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
    if is_good and row.is_from_portal and row.checked_at is None:
        row.checked_at, row.checked_by = now, verified_by
        row.save(update_fields=["payee_check", "payee_name", "checked_at", "checked_by"])
        _note_step("bank_account_check", row, before, verified_by, address, now)
        return row
    if is_good and row.is_from_portal and row.checked_by_id == verified_by.pk:
        raise CheckedByYou
    if is_good:
        _trust(row, verified_by, now)
    else:
        _distrust(row, now)
    action = "bank_account_verify" if is_good else "bank_account_refuse"
    _note_step(action, row, before, verified_by, address, now)
    return row


def _trust(row: OnlusBankAccount, verified_by: User, now: datetime) -> None:
    row.verified_at, row.verified_by = now, verified_by
    row.flagged_at, row.flag_reason = None, ""
    registry.note_bank_account(onlus=row.onlus, now=now)
    _save_judgement(row)
    bank_account_verified.announce(account=row)


def _distrust(row: OnlusBankAccount, now: datetime) -> None:
    row.verified_at, row.verified_by = None, None
    row.checked_at, row.checked_by = None, None
    unverified = OnlusBankAccount.objects.current().filter(onlus=row.onlus, verified_at=None)
    row.replaced_at = now if unverified.exclude(pk=row.pk).exists() else None
    _save_judgement(row)


def _save_judgement(row: OnlusBankAccount) -> None:
    row.save(
        update_fields=[
            "payee_check",
            "payee_name",
            "verified_at",
            "verified_by",
            "checked_at",
            "checked_by",
            "flagged_at",
            "flag_reason",
            "replaced_at",
        ]
    )


def flag_account(*, account_id: UUID, reason_code: str, now: datetime) -> None:
    """Pay nothing more to an account of which the bank says that it is wrong or closed, until it is verified anew."""
    if reason_code in TELLING_REASONS:
        OnlusBankAccount.objects.filter(pk=account_id, flagged_at=None).update(
            flagged_at=now, flag_reason=reason_code
        )


def _note_step(
    action: str,
    row: OnlusBankAccount,
    before: dict[str, str],
    actor: User,
    address: str,
    now: datetime,
) -> None:
    trail.record(
        actor=actor, action=action, target=row, before=before, after=_facts(row), address=address, now=now
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
        "checked_by": str(account.checked_by_id or ""),
        "verified_at": str(account.verified_at or ""),
        "active_from": str(account.active_from),
        "flag_reason": account.flag_reason,
    }
