from .allocation import AllocationLine, AllocationRequest, AllocationResult, AllocationRun
from .assessments import ComplianceAssessment, ComplianceIssue, ComplianceRecommendation
from .bank_accounts import OnlusBankAccount
from .bank_files import BankFile, PayoutFile, PayoutFileContent
from .bank_intake import QuarantinedFile, StatementMapping
from .batch_uploads import BatchUpload
from .batches import BatchError, BatchLine, BatchOperation
from .bonuses import Bonus
from .campaigns import Campaign, DonationMatch, GivingPool, GivingPoolMember, MatchingOffer
from .cases import Case, CaseEvent, CaseLink
from .compliance import ComplianceCheck, ComplianceNotification, ComplianceSettings, RiskLevel
from .financial_reports import FinancialReport, FinancialReportFile
from .funding import Funding, Sponsor
from .funding_pools import FundingPool, PoolGrant
from .giving import Donation, DonationRefund
from .identity import IdentityDocument, IdentityLevel, IdentityVerification
from .ledger import AccountSnapshot, LedgerAccount, LedgerSeal, Transfer
from .month_closes import MonthClose
from .openings import OpeningBalance
from .payment_disputes import PaymentDispute
from .payment_refunds import PaymentRefund
from .payments import PaymentIntent, PaymentStatusChange
from .payouts import Payout, PayoutLine, PayoutRun, PayoutStatusChange
from .providers import PaymentProvider, SavedPaymentMethod, WebhookEvent
from .rates import ConversionRate, SessionCredit, SpecialEvent
from .ratings import OnlusRating
from .receipts import GivingStatement, Receipt, ReceiptCounter, ReceiptMail
from .reconciliation import (
    BankStatement,
    Discrepancy,
    DiscrepancyEvent,
    ExternalLine,
    MatchLine,
    ProviderReport,
    ReconciliationMatch,
    ReconciliationRun,
)
from .recurring import RecurringCharge, RecurringDonation
from .report_access import FinancialReportGrant
from .reviews import Review
from .risk import FraudFlag, RiskDecision, RiskRule, RiskSubject, RuleBacktest
from .rollups import (
    DonationHour,
    DonationValueDay,
    DonorDay,
    OnlusDay,
    PaymentDay,
    PaymentTimeDay,
    PlayerDay,
    RollupState,
    TransferDay,
)
from .screening import ScreenedSubject, ScreeningDecision, ScreeningHit
from .screening_lists import (
    ScreeningEdition,
    ScreeningFile,
    ScreeningQuality,
    ScreeningRun,
    ScreeningSource,
)
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
    "BankStatement",
    "BatchError",
    "BatchLine",
    "BatchOperation",
    "BatchUpload",
    "Bonus",
    "Campaign",
    "Case",
    "CaseEvent",
    "CaseLink",
    "ComplianceAssessment",
    "ComplianceCheck",
    "ComplianceIssue",
    "ComplianceNotification",
    "ComplianceRecommendation",
    "ComplianceSettings",
    "ConversionRate",
    "Discrepancy",
    "DiscrepancyEvent",
    "Donation",
    "DonationHour",
    "DonationMatch",
    "DonationRefund",
    "DonationValueDay",
    "DonorDay",
    "DonorTaxProfile",
    "ExternalLine",
    "FinancialReport",
    "FinancialReportFile",
    "FinancialReportGrant",
    "FraudFlag",
    "Funding",
    "FundingPool",
    "GivingPool",
    "GivingPoolMember",
    "GivingStatement",
    "IdentityDocument",
    "IdentityLevel",
    "IdentityVerification",
    "LedgerAccount",
    "LedgerSeal",
    "MatchLine",
    "MatchingOffer",
    "MonthClose",
    "OnlusBankAccount",
    "OnlusDay",
    "OnlusRating",
    "OpeningBalance",
    "PaymentDay",
    "PaymentDispute",
    "PaymentIntent",
    "PaymentProvider",
    "PaymentRefund",
    "PaymentStatusChange",
    "PaymentTimeDay",
    "Payout",
    "PayoutFile",
    "PayoutFileContent",
    "PayoutLine",
    "PayoutRun",
    "PayoutStatusChange",
    "PlayerDay",
    "PoolGrant",
    "ProviderReport",
    "QuarantinedFile",
    "Receipt",
    "ReceiptCounter",
    "ReceiptMail",
    "ReconciliationMatch",
    "ReconciliationRun",
    "RecurringCharge",
    "RecurringDonation",
    "Review",
    "RiskDecision",
    "RiskLevel",
    "RiskRule",
    "RiskSubject",
    "RollupState",
    "RuleBacktest",
    "SavedPaymentMethod",
    "ScreenedSubject",
    "ScreeningDecision",
    "ScreeningEdition",
    "ScreeningFile",
    "ScreeningHit",
    "ScreeningQuality",
    "ScreeningRun",
    "ScreeningSource",
    "SessionCredit",
    "SpecialEvent",
    "Sponsor",
    "StatementMapping",
    "TaxRule",
    "Transfer",
    "TransferDay",
    "Wallet",
    "WebhookEvent",
]
