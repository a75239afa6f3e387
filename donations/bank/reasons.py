"""Why a bank did not pay, or gave money back: ISO 20022 reason codes in words for staff and ONLUS."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .documents import Node

REASONS: dict[str, str | Promise] = {
    "AC01": _("The account number is wrong."),
    "AC02": _("The account to be charged is unknown or its number is wrong."),
    "AC03": _("The account number of who was to be paid is wrong."),
    "AC04": _("The account is closed."),
    "AC05": _("The account to be charged is closed."),
    "AC06": _("The account is blocked."),
    "AC07": _("The account of who was to be paid is closed."),
    "AC13": _("The account is of a kind that cannot take this payment."),
    "AG01": _("This kind of payment is not allowed on the account."),
    "AG02": _("The bank does not know this kind of payment."),
    "AGNT": _("A bank on the way is wrong."),
    "AM01": _("The amount is zero."),
    "AM02": _("The amount is above what is allowed."),
    "AM03": _("The currency is not handled."),
    "AM04": _("There was not enough money on the account."),
    "AM05": _("The payment was made before: it is a duplicate."),
    "AM09": _("The amount is not the one agreed."),
    "AM10": _("The control sum does not match the payments."),
    "AM18": _("The number of payments does not match."),
    "ARDT": _("The payment had already been given back."),
    "BE01": _("The name does not fit the account number."),
    "BE04": _("The address of who was to be paid is missing or wrong."),
    "BE05": _("The bank does not recognise who sent the order."),
    "BE06": _("The bank does not know who was to be paid."),
    "BE07": _("The address of who pays is missing or wrong."),
    "CNOR": _("The bank of who was to be paid cannot be reached."),
    "CURR": _("The currency is wrong."),
    "CUST": _("The one who paid asked for it."),
    "DNOR": _("The bank of who pays cannot be reached."),
    "DT01": _("The date is not valid."),
    "DU01": _("A file with this number was received before."),
    "DU02": _("A group of payments with this number was received before."),
    "DU04": _("A payment with this reference was received before."),
    "DUPL": _("The payment was made before: it is a duplicate."),
    "ED05": _("The settlement failed."),
    "ERIN": _("The bank does not handle the extended remittance."),
    "FF01": _("The file does not follow its format."),
    "FOCR": _("It was given back after a request to cancel it."),
    "FR01": _("The bank suspects fraud."),
    "FRAD": _("The bank suspects fraud."),
    "MD07": _("The account's owner has died."),
    "MS02": _("The account's owner refused it without giving a reason."),
    "MS03": _("The bank gave no reason."),
    "NARR": _("The bank explains it in its own words."),
    "NOAS": _("The account's owner did not answer."),
    "NOOR": _("The bank never received the original payment."),
    "RC01": _("The bank's code (BIC) is wrong."),
    "RC04": _("The code (BIC) of the bank of who was to be paid is wrong."),
    "RC07": _("The code (BIC) of the bank of who was to be paid is wrong."),
    "RF01": _("The reference is not unique."),
    "RR01": _("The law asks for the account or identity of who pays, and it is missing."),
    "RR02": _("The law asks for the name or address of who pays, and it is missing."),
    "RR03": _("The law asks for the name or address of who was to be paid, and it is missing."),
    "RR04": _("The law does not allow it."),
    "RUTA": _("The bank could not tell what the payment was for."),
    "SL01": _("The account's owner has restricted what may be paid."),
    "TECH": _("Something failed at the bank. Try again."),
    "TM01": _("The file came after the bank's closing time."),
    "UPAY": _("The payment was not due."),
}


def reason_in_words(code: str) -> str:
    """Return what the code means, in the reader's language."""
    if not code:
        return gettext("The bank gave no reason.")
    known = REASONS.get(code)
    return str(known) if known else gettext("The bank gave the reason “%(code)s”.") % {"code": code}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, by code and in the bank's own words."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{reason_in_words(self.code)} {self.detail}".strip()


def read_reason(node: Node) -> Reason:
    """Read a reason as status reports (StsRsnInf) and statements (RtrInf) write it."""
    return Reason(code=node.text("Rsn/Cd", "Rsn/Prtry"), detail=" ".join(node.texts("AddtlInf")))
