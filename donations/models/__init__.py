from .giving import Donation
from .ledger import AccountSnapshot, LedgerAccount, LedgerSeal, Transfer
from .rates import ConversionRate, SessionCredit, SpecialEvent
from .receipts import Receipt, ReceiptCounter
from .wallets import Wallet

__all__ = [
    "AccountSnapshot",
    "ConversionRate",
    "Donation",
    "LedgerAccount",
    "LedgerSeal",
    "Receipt",
    "ReceiptCounter",
    "SessionCredit",
    "SpecialEvent",
    "Transfer",
    "Wallet",
]
