from django.utils.translation import gettext_lazy as _

from donations import models
from goodplay.lib.admin.topics import Topics, show_by_topic

TOPICS: Topics = {
    _("Donations"): (
        models.Donation,
        models.RecurringDonation,
        models.RecurringCharge,
        models.Review,
    ),
    _("Compliance"): (
        models.Case,
        models.CaseEvent,
        models.ComplianceCheck,
        models.RiskRule,
        models.RiskDecision,
        models.RuleBacktest,
        models.FraudFlag,
        models.ComplianceSettings,
    ),
    _("Organisations"): (
        models.ComplianceAssessment,
        models.ComplianceIssue,
        models.ComplianceRecommendation,
        models.FinancialReport,
    ),
    _("Screening and identity"): (
        models.ScreeningHit,
        models.ScreeningEdition,
        models.ScreeningDecision,
        models.ScreenedSubject,
        models.ScreeningRun,
        models.ScreeningQuality,
        models.IdentityVerification,
        models.IdentityDocument,
        models.IdentityLevel,
    ),
    _("Campaigns and matching"): (
        models.Campaign,
        models.GivingPool,
        models.MatchingOffer,
        models.DonationMatch,
    ),
    _("Payments"): (
        models.PaymentIntent,
        models.PaymentRefund,
        models.PaymentDispute,
        models.PaymentProvider,
        models.SavedPaymentMethod,
        models.WebhookEvent,
    ),
    _("Payouts and the bank"): (
        models.PayoutRun,
        models.Payout,
        models.PayoutLine,
        models.PayoutFile,
        models.BankFile,
        models.OnlusBankAccount,
    ),
    _("Reconciliation"): (
        models.ReconciliationRun,
        models.Discrepancy,
        models.ReconciliationMatch,
        models.ExternalLine,
        models.BankStatement,
        models.ProviderReport,
        models.QuarantinedFile,
        models.StatementMapping,
        models.MonthClose,
    ),
    _("Batches"): (
        models.BatchOperation,
        models.BatchLine,
        models.BatchError,
        models.BatchUpload,
    ),
    _("Sponsors and allocation"): (
        models.Sponsor,
        models.Funding,
        models.FundingPool,
        models.PoolGrant,
        models.AllocationRun,
        models.AllocationResult,
        models.AllocationRequest,
    ),
    _("Wallets and credits"): (
        models.Wallet,
        models.AutoDonation,
        models.SessionCredit,
        models.Bonus,
        models.ConversionRate,
        models.SpecialEvent,
    ),
    _("Receipts and tax"): (
        models.Receipt,
        models.ReceiptMail,
        models.GivingStatement,
        models.DonorTaxProfile,
        models.TaxRule,
    ),
    _("Ledger"): (
        models.LedgerAccount,
        models.Transfer,
        models.AccountSnapshot,
        models.LedgerSeal,
        models.OpeningBalance,
    ),
}

show_by_topic("donations", TOPICS)
