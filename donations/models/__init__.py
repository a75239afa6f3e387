from .allocation import AllocationLine, AllocationRequest, AllocationResult, AllocationRun
from .bank_accounts import OnlusBankAccount
from .bank_files import BankFile, PayoutFile, PayoutFileContent
from .batches import BatchError, BatchLine, BatchOperation, BatchUpload
from .bonuses import Bonus
from .campaigns import Campaign, DonationMatch, GivingPool, GivingPoolMember, MatchingOffer
from .funding import Funding, Sponsor
from .funding_pools import FundingPool, PoolGrant
from .giving import Donation, DonationRefund
from .ledger import AccountSnapshot, LedgerAccount, LedgerSeal, Transfer
from .payment_disputes import PaymentDispute
from .payment_refunds import PaymentRefund
from .payments import PaymentIntent, PaymentStatusChange
from .payouts import Payout, PayoutLine, PayoutRun, PayoutStatusChange
from .providers import PaymentProvider, SavedPaymentMethod, WebhookEvent
from .rates import ConversionRate, SessionCredit, SpecialEvent
from .receipts import GivingStatement, Receipt, ReceiptCounter, ReceiptMail
from .recurring import RecurringCharge, RecurringDonation
from .reviews import Review, ReviewThreshold
from .taxes import DonorTaxProfile, TaxRule
from .wallets import AutoDonation, Wallet

__all__ = [
    "AccountSnapshot",
    "AllocationLine",
    "AllocationRequest",
    "AllocationResult",
    "AllocationRun",
    "AutoDonation",
    "BankFile",
    "BatchError",
    "BatchLine",
    "BatchOperation",
    "BatchUpload",
    "Bonus",
    "Campaign",
    "ConversionRate",
    "Donation",
    "DonationMatch",
    "DonationRefund",
    "DonorTaxProfile",
    "Funding",
    "FundingPool",
    "GivingPool",
    "GivingPoolMember",
    "GivingStatement",
    "LedgerAccount",
    "LedgerSeal",
    "MatchingOffer",
    "OnlusBankAccount",
    "PaymentDispute",
    "PaymentIntent",
    "PaymentProvider",
    "PaymentRefund",
    "PaymentStatusChange",
    "Payout",
    "PayoutFile",
    "PayoutFileContent",
    "PayoutLine",
    "PayoutRun",
    "PayoutStatusChange",
    "PoolGrant",
    "Receipt",
    "ReceiptCounter",
    "ReceiptMail",
    "RecurringCharge",
    "RecurringDonation",
    "Review",
    "ReviewThreshold",
    "SavedPaymentMethod",
    "SessionCredit",
    "SpecialEvent",
    "Sponsor",
    "TaxRule",
    "Transfer",
    "Wallet",
    "WebhookEvent",
]
