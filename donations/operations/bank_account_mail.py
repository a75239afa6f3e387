"""Telling every owner of an ONLUS what happens to its bank account: a change nobody asked for is noticed in time."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.operations.team_mail import Words, owners, tell
from donations.models import OnlusBankAccount
from goodplay.lib.templatetags.house import day


def tell_entered(*, account_id: UUID) -> None:
    account = _account(account_id)
    _tell(
        account,
        [
            lambda: _("A new bank account was entered for %(onlus)s: %(iban)s.") % _facts(account),
            lambda: _(
                "Nothing is paid to it before our staff has verified it. The account you have is paid until then."
            ),
            lambda: _("You know nothing of this? Take it back in the portal, and write to us."),
        ],
    )


def tell_verified(*, account_id: UUID) -> None:
    account = _account(account_id)
    _tell(
        account,
        [
            lambda: (
                _("The bank account %(iban)s of %(onlus)s is verified. Payouts go there from %(day)s on.")
                % _facts(account)
            )
        ],
    )


def tell_withdrawn(*, account_id: UUID) -> None:
    account = _account(account_id)
    _tell(
        account,
        [lambda: _("The new bank account %(iban)s of %(onlus)s was taken back.") % _facts(account)],
    )


def _account(account_id: UUID) -> OnlusBankAccount:
    return OnlusBankAccount.objects.select_related("onlus").get(pk=account_id)


def _facts(account: OnlusBankAccount) -> dict[str, str]:
    begins = max(filter(None, (account.active_from, account.verified_at)))
    return {"onlus": account.onlus.name, "iban": account.masked_iban, "day": day(begins)}


def _tell(account: OnlusBankAccount, sentences: list[Words]) -> None:
    tell(
        owners(account.onlus),
        account.onlus,
        subject=gettext_lazy("The bank account of your organisation"),
        sentences=sentences,
        page="portal:bank_account",
    )
