"""How the file side says no: with a code for programs, a sentence for people, and the fact for whoever looks into it."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Fault(StrEnum):
    """What is wrong with a file, or with an order that was to become one."""

    TOO_LARGE = "FILE_TOO_LARGE"
    DTD = "FILE_WITH_ENTITIES"
    MALFORMED = "FILE_MALFORMED"
    UNKNOWN_FORMAT = "FORMAT_UNKNOWN"
    SCHEMA = "SCHEMA_VIOLATED"
    ELEMENT_MISSING = "ELEMENT_MISSING"
    VALUE_INVALID = "VALUE_INVALID"
    TOTALS_DIFFER = "TOTALS_DIFFER"
    REPEATED = "REFERENCE_REPEATED"
    CONTRADICTORY = "STATUSES_CONTRADICT"
    BALANCES_DIFFER = "BALANCES_DIFFER"
    CURRENCIES_MIXED = "CURRENCIES_MIXED"
    UNSUPPORTED = "CONTENT_UNSUPPORTED"

    NOTHING_TO_PAY = "NOTHING_TO_PAY"
    REFERENCE_INVALID = "REFERENCE_INVALID"
    AMOUNT_INVALID = "AMOUNT_INVALID"
    IBAN_INVALID = "IBAN_INVALID"
    IBAN_OUTSIDE_SEPA = "IBAN_OUTSIDE_SEPA"
    BIC_INVALID = "BIC_INVALID"
    NAME_MISSING = "NAME_MISSING"
    ADDRESS_INVALID = "ADDRESS_INVALID"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    CHARACTER_UNWRITABLE = "CHARACTER_UNWRITABLE"
    DATE_PAST = "EXECUTION_DATE_PAST"
    DATE_CLOSED = "EXECUTION_DATE_CLOSED"


_SENTENCES: dict[Fault, str | Promise] = {
    Fault.TOO_LARGE: _("The file is too large for a file from a bank."),
    Fault.DTD: _("The file declares entities or a document type. Files from a bank do not."),
    Fault.MALFORMED: _("The file is damaged or is no XML. Download it from the bank again."),
    Fault.UNKNOWN_FORMAT: _("The file is of another kind or version than can be read here."),
    Fault.SCHEMA: _("The file breaks the rules of its own format."),
    Fault.ELEMENT_MISSING: _("The file lacks something it must have."),
    Fault.VALUE_INVALID: _("The file has a value that cannot be read."),
    Fault.TOTALS_DIFFER: _("The totals in the file are not those of its lines."),
    Fault.REPEATED: _("The same reference is there more than once."),
    Fault.CONTRADICTORY: _("The file says two different things about the same payment."),
    Fault.BALANCES_DIFFER: _("Opening balance and entries do not make the closing balance."),
    Fault.CURRENCIES_MIXED: _("The balances and entries of one account are in different currencies."),
    Fault.UNSUPPORTED: _("The file holds something that is not handled here."),
    Fault.NOTHING_TO_PAY: _("There is nothing to pay."),
    Fault.REFERENCE_INVALID: _("A reference is empty, too long, or has characters banks do not take."),
    Fault.AMOUNT_INVALID: _("An amount must be whole cents, more than zero and below one billion euros."),
    Fault.IBAN_INVALID: _("An IBAN is wrong. Check it with its owner."),
    Fault.IBAN_OUTSIDE_SEPA: _("An account is outside the SEPA countries and cannot be paid this way."),
    Fault.BIC_INVALID: _("A BIC is wrong. It may be left out."),
    Fault.NAME_MISSING: _("The owner of an account has no name."),
    Fault.ADDRESS_INVALID: _("An address needs its town and its country, and at most two free lines."),
    Fault.TEXT_TOO_LONG: _("A text is longer than banks take."),
    Fault.CHARACTER_UNWRITABLE: _("A text has a character that cannot be written in Latin letters."),
    Fault.DATE_PAST: _("The day of the payment is over."),
    Fault.DATE_CLOSED: _("Banks do not settle on that day. Choose a business day."),
}


class _Refused(Exception):
    def __init__(self, code: Fault, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        """The fact behind the sentence, untranslated: an element, a value, a sum."""

    def __str__(self) -> str:
        return str(_SENTENCES[self.code])


class BankFileRefused(_Refused):
    """A file that is not to be believed. Nothing of it may be used."""


class OrderRefused(_Refused):
    """An order that must not become a file."""
