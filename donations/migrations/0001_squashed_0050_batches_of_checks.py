"""Everything up to 0050 in its final state, for new databases; those that have it go on from there."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import goodplay.lib.fields
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from donations.migrations._first_rows import (
    add_accounts_and_rate,
    add_compliance_settings,
    add_levels,
    add_suspense_account,
    open_providers,
)
from donations.migrations._risk_rules import add_rules, add_rules_of_people
from donations.migrations._tax_rules import add_tax_rules
from goodplay.lib.jobs.schedule import schedule
from goodplay.lib.migrating import CreateModels


def add_first_rows(apps, schema_editor):
    add_accounts_and_rate(apps, schema_editor)
    add_suspense_account(apps, schema_editor)
    open_providers(apps, schema_editor)
    add_tax_rules(apps, schema_editor)
    add_compliance_settings(apps, schema_editor)
    add_rules(apps, schema_editor)
    add_levels(apps, schema_editor)
    add_rules_of_people(apps, schema_editor)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("donations", "0001_initial"),
        ("donations", "0002_defaults"),
        ("donations", "0003_schedule"),
        ("donations", "0004_round_the_donations_sum"),
        ("donations", "0005_giving_grows"),
        ("donations", "0006_fill_clears_at"),
        ("donations", "0007_donation_dates_hold"),
        ("donations", "0008_wallets_freeze"),
        ("donations", "0009_bonuses_and_automatic_giving"),
        ("donations", "0010_payments"),
        ("donations", "0011_donations_know_their_match"),
        ("donations", "0012_payouts"),
        ("donations", "0013_payment_next_action"),
        ("donations", "0014_payment_defaults"),
        ("donations", "0015_wallet_schedule"),
        ("donations", "0016_receipts_can_be_voided"),
        ("donations", "0017_fill_receipt_codes"),
        ("donations", "0018_receipt_codes_hold"),
        ("donations", "0019_tax_rules"),
        ("donations", "0020_suspense_account"),
        ("donations", "0021_batches"),
        ("donations", "0022_allocation"),
        ("donations", "0023_payout_schedule"),
        ("donations", "0024_recurring_schedule"),
        ("donations", "0025_allocation_schedule"),
        ("donations", "0025_batch_schedule"),
        ("donations", "0026_merge_schedules"),
        ("donations", "0027_reviews_can_be_withdrawn"),
        ("donations", "0028_compliance"),
        ("donations", "0029_compliance_settings"),
        ("donations", "0030_screening"),
        ("donations", "0031_rollups"),
        ("donations", "0032_rollup_schedule"),
        ("donations", "0033_reconciliation"),
        ("donations", "0034_rules_decide_reviews"),
        ("donations", "0035_default_rules"),
        ("donations", "0036_thresholds_are_rules"),
        ("donations", "0037_refused_gifts"),
        ("donations", "0038_reconciliation_indexes"),
        ("donations", "0039_reconciliation_schedule"),
        ("donations", "0040_compliance_schedule"),
        ("donations", "0041_financial_watch_schedule"),
        ("donations", "0042_player_days"),
        ("donations", "0043_roll_up_everything"),
        ("donations", "0044_case_files"),
        ("donations", "0045_identity"),
        ("donations", "0046_identity_defaults"),
        ("donations", "0047_screening_schedule"),
        ("donations", "0048_screening_vintages"),
        ("donations", "0049_rules_of_identity_and_lists"),
        ("donations", "0050_batches_of_checks"),
    ]
    dependencies = [
        ("accounts", "0007_schedule_watch"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("games", "0004_sessions_of_a_day"),
        ("private_files", "0002_schedule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="GivingPool",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                        ("description", models.TextField(blank=True, default="", verbose_name="description")),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                    ],
                    options={
                        "verbose_name": "giving pool",
                        "verbose_name_plural": "giving pools",
                    },
                ),
                migrations.CreateModel(
                    name="LedgerSeal",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False, verbose_name="day")),
                        ("transfer_count", models.PositiveIntegerField(verbose_name="transfers")),
                        ("previous_hash", models.CharField(max_length=64, verbose_name="previous hash")),
                        ("hash", models.CharField(max_length=64, verbose_name="hash")),
                        ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                    ],
                    options={
                        "verbose_name": "ledger seal",
                        "verbose_name_plural": "ledger seals",
                    },
                ),
                migrations.CreateModel(
                    name="PayoutFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("message_id", models.CharField(max_length=35, unique=True, verbose_name="message")),
                        ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                        ("payout_count", models.PositiveIntegerField(verbose_name="payouts")),
                        (
                            "total_amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="total"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="written at")),
                        (
                            "run",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="file",
                                to="donations.payoutrun",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payout file",
                        "verbose_name_plural": "payout files",
                    },
                ),
                migrations.CreateModel(
                    name="ReceiptCounter",
                    fields=[
                        (
                            "year",
                            models.PositiveSmallIntegerField(
                                primary_key=True, serialize=False, verbose_name="year"
                            ),
                        ),
                        ("last_number", models.PositiveIntegerField(default=0, verbose_name="last number")),
                    ],
                    options={
                        "verbose_name": "receipt counter",
                        "verbose_name_plural": "receipt counters",
                    },
                ),
                migrations.CreateModel(
                    name="ReconciliationMatch",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "account",
                            models.CharField(
                                choices=[
                                    ("provider_clearing", "Payment providers"),
                                    ("bank", "Bank"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="account",
                            ),
                        ),
                        ("rule", models.CharField(max_length=20, verbose_name="rule")),
                        (
                            "confidence",
                            models.DecimalField(decimal_places=2, max_digits=3, verbose_name="confidence"),
                        ),
                        ("facts", models.JSONField(blank=True, default=dict, verbose_name="facts")),
                        (
                            "difference",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0"),
                                max_digits=14,
                                verbose_name="difference",
                            ),
                        ),
                        ("matched_at", models.DateTimeField(verbose_name="matched at")),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="donations.reconciliationrun",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "match",
                        "verbose_name_plural": "matches",
                        "indexes": [
                            models.Index(fields=["-matched_at", "-id"], name="reconciliation_match_newest")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RollupState",
                    fields=[
                        (
                            "name",
                            models.CharField(
                                max_length=30, primary_key=True, serialize=False, verbose_name="name"
                            ),
                        ),
                        (
                            "rolled_to",
                            models.DateTimeField(
                                help_text="What was committed well before this is in the rollups.",
                                verbose_name="rolled up to",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "state of the rollups",
                        "verbose_name_plural": "state of the rollups",
                    },
                ),
                migrations.CreateModel(
                    name="Sponsor",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(max_length=160, unique=True, verbose_name="name")),
                        (
                            "tax_id",
                            models.CharField(
                                blank=True, default="", max_length=16, verbose_name="codice fiscale or P. IVA"
                            ),
                        ),
                        (
                            "contact_email",
                            models.EmailField(
                                blank=True, default="", max_length=254, verbose_name="contact e-mail"
                            ),
                        ),
                        ("website_url", models.URLField(blank=True, default="", verbose_name="website")),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                    ],
                    options={
                        "verbose_name": "sponsor",
                        "verbose_name_plural": "sponsors",
                    },
                ),
                migrations.CreateModel(
                    name="AllocationRequest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("title", models.CharField(max_length=160, verbose_name="title")),
                        ("description", models.TextField(max_length=2000, verbose_name="description")),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, verbose_name="amount asked for"
                            ),
                        ),
                        (
                            "approved_amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="amount approved",
                            ),
                        ),
                        (
                            "expected_impact",
                            models.TextField(
                                blank=True, default="", max_length=1000, verbose_name="expected impact"
                            ),
                        ),
                        (
                            "urgency_level",
                            models.PositiveSmallIntegerField(
                                default=2,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ],
                                verbose_name="urgency",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "Low"),
                                    (2, "Normal"),
                                    (3, "High"),
                                    (4, "Urgent"),
                                    (5, "Emergency"),
                                ],
                                default=2,
                                verbose_name="priority",
                            ),
                        ),
                        (
                            "request_type",
                            models.CharField(
                                choices=[("general", "General"), ("emergency", "Emergency")],
                                default="general",
                                max_length=10,
                                verbose_name="type",
                            ),
                        ),
                        ("deadline", models.DateTimeField(blank=True, null=True, verbose_name="deadline")),
                        (
                            "annual_budget",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="As the organisation says.",
                                max_digits=14,
                                null=True,
                                verbose_name="budget of a year",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Waiting"),
                                    ("approved", "Approved"),
                                    ("scheduled", "Being carried out"),
                                    ("completed", "Funded"),
                                    ("partial", "Partly funded"),
                                    ("failed", "Nothing could be given"),
                                    ("rejected", "Rejected"),
                                    ("cancelled", "Withdrawn"),
                                ],
                                default="pending",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "is_forced",
                            models.BooleanField(
                                default=False,
                                help_text="Two people let it pass whatever its score.",
                                verbose_name="forced",
                            ),
                        ),
                        (
                            "score",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="score"
                            ),
                        ),
                        ("factors", models.JSONField(blank=True, default=dict, verbose_name="factors")),
                        (
                            "formula_version",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="formula"),
                        ),
                        ("scored_at", models.DateTimeField(blank=True, null=True, verbose_name="scored at")),
                        (
                            "approval_notes",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="notes"),
                        ),
                        (
                            "rejection_reason",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="why rejected"
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "alerted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="reported overdue at"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="asked at")),
                        (
                            "category",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onluscategory",
                                verbose_name="category",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="asked by",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Nobody: the formula.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocation_requests",
                                to="accounts.onlus",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "allocation request",
                        "verbose_name_plural": "allocation requests",
                        "indexes": [
                            models.Index(
                                fields=["onlus", "-created_at", "-id"], name="allocation_request_onlus"
                            ),
                            models.Index(
                                fields=["status", "priority", "created_at"], name="allocation_request_queue"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0), ("amount__lte", Decimal("1000000.00"))),
                                name="allocation_request_amount_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_amount", None),
                                    models.Q(
                                        ("approved_amount__gt", 0),
                                        ("approved_amount__lte", models.F("amount")),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_request_approves_what_is_asked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("priority__gte", 1),
                                    ("priority__lte", 5),
                                    ("urgency_level__gte", 1),
                                    ("urgency_level__lte", 5),
                                ),
                                name="allocation_request_levels_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("formula_version", None), ("score", None), ("scored_at", None)),
                                    models.Q(
                                        ("formula_version__isnull", False),
                                        ("score__gte", 0),
                                        ("score__lte", 100),
                                        ("scored_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_request_scored_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("status", "pending")),
                                    models.Q(
                                        models.Q(("status", "pending"), _negated=True),
                                        ("decided_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_request_decided_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "rejected"),
                                        models.Q(("rejection_reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "rejected"), _negated=True),
                                        ("rejection_reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_request_rejected_says_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("annual_budget", None), ("annual_budget__gt", 0), _connector="OR"
                                ),
                                name="allocation_request_budget_positive",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("priority", 5), ("status__in", ["pending", "approved", "scheduled"])
                                ),
                                fields=("onlus",),
                                name="allocation_request_one_emergency",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AllocationResult",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "target_amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="target"),
                        ),
                        (
                            "given_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="given",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("automatic", "By score"),
                                    ("emergency", "Emergency"),
                                    ("forced", "Forced"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("scheduled", "Being carried out"),
                                    ("completed", "Completed"),
                                    ("partial", "Partly given"),
                                    ("failed", "Nothing given"),
                                ],
                                default="scheduled",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("retry_count", models.PositiveSmallIntegerField(default=0, verbose_name="retries")),
                        ("created_at", models.DateTimeField(verbose_name="scheduled at")),
                        (
                            "finished_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                        ),
                        (
                            "request",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="result",
                                to="donations.allocationrequest",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "allocation",
                        "verbose_name_plural": "allocations",
                        "indexes": [
                            models.Index(fields=["status", "created_at"], name="allocation_result_open")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("given_amount__gte", 0),
                                    ("given_amount__lte", models.F("target_amount")),
                                    ("target_amount__gt", 0),
                                ),
                                name="allocation_result_within_target",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("status", "scheduled")),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("given_amount", 0),
                                        ("status", "failed"),
                                    ),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("given_amount__gt", 0),
                                        ("status__in", ["completed", "partial"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_result_says_what_was_given",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("retry_count__lte", 3)), name="allocation_result_retries"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AllocationRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("daily", "Every day"),
                                    ("emergency", "Emergencies"),
                                    ("staff", "By staff"),
                                ],
                                max_length=10,
                                verbose_name="trigger",
                            ),
                        ),
                        ("scheduled_count", models.PositiveIntegerField(default=0, verbose_name="allocated")),
                        ("rejected_count", models.PositiveIntegerField(default=0, verbose_name="rejected")),
                        (
                            "skipped_count",
                            models.PositiveIntegerField(default=0, verbose_name="left waiting"),
                        ),
                        (
                            "given_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="given",
                            ),
                        ),
                        (
                            "decisions",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Each request with its score and why.",
                                verbose_name="decisions",
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="started at")),
                        (
                            "finished_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="started by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "allocation run",
                        "verbose_name_plural": "allocation runs",
                        "indexes": [
                            models.Index(fields=["-started_at", "-id"], name="allocation_run_latest")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("pain.002", "Status report (pain.002)"),
                                    ("camt.053", "Account statement (camt.053)"),
                                    ("csv", "Account statement (CSV)"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=35, verbose_name="reference"),
                        ),
                        ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                        (
                            "content",
                            goodplay.lib.fields.EncryptedTextField(editable=False, verbose_name="content"),
                        ),
                        ("outcome", models.JSONField(default=dict, verbose_name="outcome")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "received_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "bank file",
                        "verbose_name_plural": "bank files",
                        "indexes": [models.Index(fields=["-received_at", "-id"], name="bank_file_received")],
                    },
                ),
                migrations.CreateModel(
                    name="BankStatement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True, verbose_name="key")),
                        ("account", models.CharField(max_length=34, verbose_name="account")),
                        ("statement_id", models.CharField(max_length=35, verbose_name="statement")),
                        ("page", models.PositiveIntegerField(default=1, verbose_name="page")),
                        (
                            "number",
                            models.CharField(blank=True, default="", max_length=20, verbose_name="number"),
                        ),
                        ("starts_on", models.DateField(verbose_name="from")),
                        ("ends_on", models.DateField(verbose_name="until")),
                        (
                            "opening",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, verbose_name="opening balance"
                            ),
                        ),
                        (
                            "closing",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, verbose_name="closing balance"
                            ),
                        ),
                        (
                            "is_proven",
                            models.BooleanField(
                                default=True,
                                help_text="A CSV without balances proves nothing about gaps.",
                                verbose_name="balances told",
                            ),
                        ),
                        ("line_count", models.PositiveIntegerField(verbose_name="lines")),
                        ("imported_at", models.DateTimeField(verbose_name="imported at")),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statements",
                                to="donations.bankfile",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "bank statement",
                        "verbose_name_plural": "bank statements",
                        "indexes": [
                            models.Index(
                                fields=["account", "starts_on", "ends_on"], name="bank_statement_days"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchOperation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "operation_type",
                            models.CharField(
                                choices=[
                                    ("donations", "Donations"),
                                    ("payouts", "Payouts"),
                                    ("refunds", "Refunds"),
                                    ("reconciliation", "Reconciliation"),
                                    ("compliance_check", "Compliance check"),
                                ],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("queued", "Queued"),
                                    ("processing", "Processing"),
                                    ("completed", "Completed"),
                                    ("partial", "Partly done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="queued",
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        ("total_items", models.PositiveIntegerField(verbose_name="lines")),
                        (
                            "processed_items",
                            models.PositiveIntegerField(default=0, verbose_name="lines dealt with"),
                        ),
                        (
                            "successful_items",
                            models.PositiveIntegerField(default=0, verbose_name="lines carried out"),
                        ),
                        (
                            "failed_items",
                            models.PositiveIntegerField(default=0, verbose_name="lines that failed"),
                        ),
                        (
                            "skipped_items",
                            models.PositiveIntegerField(default=0, verbose_name="lines left out"),
                        ),
                        (
                            "total_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="Of the lines that name an amount; payouts find theirs out.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="total",
                            ),
                        ),
                        (
                            "batch_size",
                            models.PositiveIntegerField(
                                default=50,
                                help_text="How many lines a worker takes up at a time.",
                                verbose_name="slice",
                            ),
                        ),
                        (
                            "max_retries",
                            models.PositiveIntegerField(default=3, verbose_name="retries of a line"),
                        ),
                        (
                            "retry_delay_seconds",
                            models.PositiveIntegerField(
                                default=30,
                                help_text="Seconds before the first; each further one waits twice as long.",
                                verbose_name="delay of a retry",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveIntegerField(
                                default=1, help_text="The higher goes first.", verbose_name="priority"
                            ),
                        ),
                        ("error_count", models.PositiveIntegerField(default=0, verbose_name="errors")),
                        (
                            "last_error",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="last error"
                            ),
                        ),
                        ("metadata", models.JSONField(blank=True, default=dict, verbose_name="metadata")),
                        (
                            "cancel_reason",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="why it was cancelled"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="handed in at")),
                        (
                            "released_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="released at"),
                        ),
                        (
                            "started_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="started at"),
                        ),
                        (
                            "completed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ended at"),
                        ),
                        ("last_updated_at", models.DateTimeField(verbose_name="last change")),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="handed in by",
                            ),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="released by",
                            ),
                        ),
                        (
                            "payout_run",
                            models.ForeignKey(
                                blank=True,
                                help_text="The run its payouts are drafts of.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.payoutrun",
                                verbose_name="payout run",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "batch",
                        "verbose_name_plural": "batches",
                        "permissions": [
                            ("release_batchoperation", "Can release batches somebody else handed in")
                        ],
                        "indexes": [
                            models.Index(fields=["operation_type", "-created_at", "-id"], name="batch_type"),
                            models.Index(fields=["-created_at", "-id"], name="batch_created"),
                            models.Index(
                                condition=models.Q(("status", "processing")),
                                fields=["last_updated_at"],
                                name="batch_under_way",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "processed_items",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("successful_items"), "+", models.F("failed_items")
                                            ),
                                            "+",
                                            models.F("skipped_items"),
                                        ),
                                    ),
                                    ("processed_items__lte", models.F("total_items")),
                                    ("total_items__gt", 0),
                                ),
                                name="batch_counts_each_line_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("released_at", None), ("released_by", None)),
                                    models.Q(
                                        ("released_at__isnull", False),
                                        ("released_by__isnull", False),
                                        models.Q(("released_by", models.F("created_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_released_by_a_second_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("started_at", None), ("status", "queued")),
                                    ("status", "cancelled"),
                                    models.Q(
                                        models.Q(("status__in", ["queued", "cancelled"]), _negated=True),
                                        ("started_at__isnull", False),
                                        models.Q(
                                            ("released_at__isnull", False),
                                            ("operation_type", "compliance_check"),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_started_iff_released",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("completed_at", None), ("status__in", ["queued", "processing"])
                                    ),
                                    models.Q(
                                        models.Q(("status__in", ["queued", "processing"]), _negated=True),
                                        ("completed_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_ended_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["queued", "processing", "cancelled"]),
                                    models.Q(
                                        ("failed_items", 0),
                                        ("processed_items", models.F("total_items")),
                                        ("status", "completed"),
                                    ),
                                    models.Q(
                                        ("failed_items__gt", 0),
                                        ("processed_items", models.F("total_items")),
                                        ("status", "partial"),
                                        ("successful_items__gt", 0),
                                    ),
                                    models.Q(
                                        ("failed_items__gt", 0),
                                        ("processed_items", models.F("total_items")),
                                        ("status", "failed"),
                                        ("successful_items", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_ended_as_it_counts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("batch_size__gte", 1),
                                    ("max_retries__lte", 10),
                                    ("retry_delay_seconds__lte", 3600),
                                ),
                                name="batch_numbers_sensible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("processing_order", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "check_type",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("aml", "Money laundering"),
                                    ("kyc", "Identity"),
                                    ("sanctions", "Sanctions"),
                                    ("pep", "Political exposure"),
                                    ("fraud", "Fraud"),
                                    ("tax_compliance", "Tax"),
                                ],
                                default="",
                                max_length=15,
                                verbose_name="check",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="amount"
                            ),
                        ),
                        (
                            "donation_message",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="message"),
                        ),
                        ("is_anonymous", models.BooleanField(default=False, verbose_name="anonymous")),
                        (
                            "source_reference",
                            models.CharField(
                                blank=True, default="", max_length=100, verbose_name="reference"
                            ),
                        ),
                        ("metadata", models.JSONField(blank=True, default=dict, verbose_name="metadata")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Waiting"),
                                    ("retrying", "Waiting for a retry"),
                                    ("completed", "Done"),
                                    ("failed", "Failed"),
                                    ("skipped", "Left out"),
                                ],
                                default="pending",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("retry_count", models.PositiveIntegerField(default=0, verbose_name="retries")),
                        (
                            "last_retry_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="last retry"),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When a line that failed may be tried again.",
                                null=True,
                                verbose_name="not before",
                            ),
                        ),
                        (
                            "processed_amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="amount carried out",
                            ),
                        ),
                        (
                            "error_code",
                            models.CharField(blank=True, default="", max_length=60, verbose_name="error"),
                        ),
                        (
                            "error_message",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="what went wrong"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("updated_at", models.DateTimeField(verbose_name="last change")),
                        ("completed_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                        (
                            "onlus",
                            models.ForeignKey(
                                blank=True,
                                help_text="Of every movement; a check names none.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.batchoperation",
                            ),
                        ),
                        (
                            "compliance_check",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.compliancecheck",
                                verbose_name="compliance check",
                            ),
                        ),
                        (
                            "donation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="batch_line",
                                to="donations.donation",
                                verbose_name="donation",
                            ),
                        ),
                        (
                            "gives_back",
                            models.ForeignKey(
                                blank=True,
                                help_text="The donation a refund gives back.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.donation",
                                verbose_name="gives back",
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.donationrefund",
                                verbose_name="refund",
                            ),
                        ),
                        (
                            "payout",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.payout",
                                verbose_name="payout",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "batch line",
                        "verbose_name_plural": "batch lines",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["pending", "retrying"])),
                                fields=["batch", "processing_order"],
                                name="batch_line_waiting",
                            ),
                            models.Index(
                                fields=["batch", "status", "processing_order"], name="batch_line_status"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("batch", "processing_order"), name="batch_line_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount", None),
                                    models.Q(("amount__gt", 0), ("amount__lte", 10000)),
                                    _connector="OR",
                                ),
                                name="batch_line_amount_within_limits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("check_type", ""),
                                        ("compliance_check", None),
                                        ("onlus__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("check_type", ""), _negated=True),
                                        ("amount", None),
                                        ("gives_back", None),
                                        ("onlus", None),
                                        ("player__isnull", False),
                                        ("donation", None),
                                        ("payout", None),
                                        ("refund", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_line_movement_or_check",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("check_type", ""),
                                        ("completed_at__isnull", False),
                                        ("error_code", ""),
                                        ("processed_amount__gt", 0),
                                        ("status", "completed"),
                                    ),
                                    models.Q(
                                        ("completed_at__isnull", False),
                                        ("error_code", ""),
                                        ("processed_amount", None),
                                        ("status", "completed"),
                                        models.Q(("check_type", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "completed"), _negated=True),
                                        ("completed_at", None),
                                        ("processed_amount", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_line_done_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "completed"),
                                        ("compliance_check__isnull", True),
                                        ("donation__isnull", False),
                                        ("payout__isnull", True),
                                        ("refund__isnull", True),
                                    ),
                                    models.Q(
                                        ("status", "completed"),
                                        ("compliance_check__isnull", True),
                                        ("donation__isnull", True),
                                        ("payout__isnull", True),
                                        ("refund__isnull", False),
                                    ),
                                    models.Q(
                                        ("status", "completed"),
                                        ("compliance_check__isnull", True),
                                        ("donation__isnull", True),
                                        ("payout__isnull", False),
                                        ("refund__isnull", True),
                                    ),
                                    models.Q(
                                        ("status", "completed"),
                                        ("compliance_check__isnull", False),
                                        ("donation__isnull", True),
                                        ("payout__isnull", True),
                                        ("refund__isnull", True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "completed"), _negated=True),
                                        ("compliance_check__isnull", True),
                                        ("donation__isnull", True),
                                        ("payout__isnull", True),
                                        ("refund__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_line_done_iff_it_has_one_result",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("next_attempt_at__isnull", False),
                                        ("status", "failed"),
                                        models.Q(("error_code", ""), _negated=True),
                                    ),
                                    ("status__in", ["retrying", "skipped"]),
                                    models.Q(
                                        ("error_code", ""),
                                        ("error_message", ""),
                                        ("status__in", ["pending", "completed"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="batch_line_failed_iff_it_says_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchError",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("code", models.CharField(max_length=60, verbose_name="error")),
                        ("message", models.CharField(max_length=500, verbose_name="what went wrong")),
                        ("details", models.JSONField(blank=True, default=dict, verbose_name="details")),
                        ("created_at", models.DateTimeField(verbose_name="at")),
                        (
                            "line",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="errors",
                                to="donations.batchline",
                            ),
                        ),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="errors",
                                to="donations.batchoperation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "batch error",
                        "verbose_name_plural": "batch errors",
                        "indexes": [
                            models.Index(fields=["batch", "-created_at", "-id"], name="batch_error_last")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchUpload",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "operation_type",
                            models.CharField(
                                choices=[
                                    ("donations", "Donations"),
                                    ("payouts", "Payouts"),
                                    ("refunds", "Refunds"),
                                    ("reconciliation", "Reconciliation"),
                                    ("compliance_check", "Compliance check"),
                                ],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="file")),
                        ("content", models.TextField(verbose_name="content")),
                        ("uploaded_at", models.DateTimeField(verbose_name="uploaded at")),
                        (
                            "batch",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="upload",
                                to="donations.batchoperation",
                                verbose_name="batch",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "batch upload",
                        "verbose_name_plural": "batch uploads",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("batch", None)),
                                fields=["uploaded_at"],
                                name="batch_upload_unused",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("operation_type__in", ["donations", "refunds", "compliance_check"])
                                ),
                                name="batch_upload_of_what_files_say",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("title", models.CharField(max_length=120, verbose_name="title")),
                        ("description", models.TextField(blank=True, default="", verbose_name="description")),
                        ("goal", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="goal")),
                        ("starts_at", models.DateTimeField(verbose_name="starts at")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaigns",
                                to="accounts.onlus",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "campaign",
                        "verbose_name_plural": "campaigns",
                        "indexes": [models.Index(fields=["is_active", "starts_at"], name="campaign_running")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("goal__gt", 0)), name="campaign_goal_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                                ),
                                name="campaign_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("case_id", models.CharField(max_length=28, unique=True, verbose_name="case")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("aml", "Money laundering"),
                                    ("fraud", "Fraud"),
                                    ("sanctions", "Sanctions"),
                                    ("pep", "Political exposure"),
                                    ("kyc", "Identity"),
                                    ("tax_compliance", "Tax"),
                                    ("other", "Other"),
                                ],
                                max_length=15,
                                verbose_name="kind",
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "risk_level",
                            models.CharField(
                                choices=[
                                    ("low", "Low"),
                                    ("medium", "Medium"),
                                    ("high", "High"),
                                    ("critical", "Critical"),
                                ],
                                max_length=8,
                                verbose_name="risk",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("in_progress", "Being worked on"),
                                    ("closing", "Closing proposed"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "escalation_level",
                            models.PositiveSmallIntegerField(default=0, verbose_name="escalation"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due at")),
                        ("opened_at", models.DateTimeField(verbose_name="opened at")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_action", "No action"),
                                    ("restricted", "Restricted"),
                                    ("reported", "Reported"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="outcome",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="closing proposed at"),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        ("last_updated_at", models.DateTimeField(verbose_name="last change")),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="assigned to",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closed by",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closing proposed by",
                            ),
                        ),
                        (
                            "subject_onlus",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="compliance_cases",
                                to="accounts.onlus",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "subject_user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="compliance_cases",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case",
                        "verbose_name_plural": "cases",
                        "permissions": [
                            ("close_case", "Can close cases somebody else proposed to close"),
                            ("report_case", "Can draw up report drafts of cases"),
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "closed"), _negated=True),
                                fields=["due_at", "id"],
                                name="case_queue",
                            ),
                            models.Index(fields=["subject_user", "-opened_at"], name="case_of_player"),
                            models.Index(fields=["opened_at"], name="case_opened"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("subject_onlus__isnull", False), ("subject_user", None)),
                                    models.Q(("subject_onlus", None), ("subject_user__isnull", False)),
                                    _connector="OR",
                                ),
                                name="case_has_one_subject",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("status", "closed"), _negated=True),
                                    ("subject_user__isnull", False),
                                ),
                                fields=("subject_user", "kind"),
                                name="case_one_open_per_player",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("status", "closed"), _negated=True),
                                    ("subject_onlus__isnull", False),
                                ),
                                fields=("subject_onlus", "kind"),
                                name="case_one_open_per_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("outcome", ""),
                                        ("proposed_at", None),
                                        ("proposed_by", None),
                                        ("status__in", ["open", "in_progress"]),
                                    ),
                                    models.Q(
                                        ("proposed_at__isnull", False),
                                        ("proposed_by__isnull", False),
                                        ("status__in", ["closing", "closed"]),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_closing_proposed_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("closed_by__isnull", False),
                                        ("status", "closed"),
                                    ),
                                    models.Q(
                                        models.Q(("status", "closed"), _negated=True),
                                        ("closed_at", None),
                                        ("closed_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_closed_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_by", None),
                                    models.Q(("closed_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="case_closed_by_a_second_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_at__gt", models.F("opened_at"))),
                                name="case_due_later",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("opened", "Opened"),
                                    ("joined", "Came up again"),
                                    ("note", "Note"),
                                    ("evidence", "Evidence"),
                                    ("linked", "Linked"),
                                    ("assigned", "Assigned"),
                                    ("escalated", "Escalated"),
                                    ("closing_proposed", "Closing proposed"),
                                    ("closing_refused", "Closing refused"),
                                    ("closed", "Closed"),
                                    ("report", "Report draft"),
                                ],
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        (
                            "text",
                            models.CharField(blank=True, default="", max_length=2000, verbose_name="text"),
                        ),
                        ("facts", models.JSONField(default=dict, verbose_name="facts")),
                        ("created_at", models.DateTimeField(verbose_name="when")),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="who",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="donations.case",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="private_files.privatefile",
                                verbose_name="file",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case event",
                        "verbose_name_plural": "case events",
                        "indexes": [models.Index(fields=["case", "created_at", "id"], name="case_timeline")],
                    },
                ),
                migrations.CreateModel(
                    name="CaseLink",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("target_type", models.CharField(max_length=60, verbose_name="kind of thing")),
                        ("target_id", models.CharField(max_length=64, verbose_name="thing")),
                        ("label", models.CharField(max_length=200, verbose_name="what")),
                        ("created_at", models.DateTimeField(verbose_name="linked at")),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="donations.case",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case link",
                        "verbose_name_plural": "case links",
                        "indexes": [
                            models.Index(fields=["target_type", "target_id"], name="case_link_target")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "target_type", "target_id"), name="case_links_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ComplianceCheck",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("check_id", models.CharField(max_length=27, unique=True, verbose_name="check")),
                        (
                            "transaction_id",
                            models.UUIDField(blank=True, null=True, verbose_name="transaction"),
                        ),
                        (
                            "check_type",
                            models.CharField(
                                choices=[
                                    ("aml", "Money laundering"),
                                    ("kyc", "Identity"),
                                    ("sanctions", "Sanctions"),
                                    ("pep", "Political exposure"),
                                    ("fraud", "Fraud"),
                                    ("tax_compliance", "Tax"),
                                ],
                                max_length=15,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Waiting"),
                                    ("in_progress", "Running"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                    ("requires_review", "Needs a person"),
                                    ("exempted", "Exempted"),
                                    ("expired", "Expired"),
                                ],
                                default="pending",
                                max_length=15,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "risk_level",
                            models.CharField(
                                choices=[
                                    ("low", "Low"),
                                    ("medium", "Medium"),
                                    ("high", "High"),
                                    ("critical", "Critical"),
                                ],
                                default="medium",
                                max_length=8,
                                verbose_name="risk",
                            ),
                        ),
                        (
                            "risk_score",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0"),
                                max_digits=5,
                                verbose_name="risk score",
                            ),
                        ),
                        (
                            "compliance_score",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0"),
                                max_digits=5,
                                verbose_name="compliance score",
                            ),
                        ),
                        ("risk_factors", models.JSONField(default=list, verbose_name="risk factors")),
                        ("check_criteria", models.JSONField(default=dict, verbose_name="criteria")),
                        ("check_results", models.JSONField(default=dict, verbose_name="results")),
                        ("data_sources", models.JSONField(default=list, verbose_name="sources")),
                        ("check_reason", models.CharField(max_length=300, verbose_name="reason")),
                        (
                            "manual_review_required",
                            models.BooleanField(default=False, verbose_name="needs a person"),
                        ),
                        (
                            "reviewed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="reviewed at"),
                        ),
                        (
                            "review_notes",
                            models.CharField(
                                blank=True, default="", max_length=1000, verbose_name="notes of the review"
                            ),
                        ),
                        (
                            "escalation_level",
                            models.PositiveSmallIntegerField(default=0, verbose_name="escalation"),
                        ),
                        (
                            "escalated_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="escalated at"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "completed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="completed at"),
                        ),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        ("last_updated_at", models.DateTimeField(verbose_name="last change")),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="compliance_checks",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "compliance check",
                        "verbose_name_plural": "compliance checks",
                        "permissions": [("review_compliancecheck", "Can decide on compliance checks")],
                        "indexes": [
                            models.Index(fields=["user", "-created_at", "-id"], name="check_of_user"),
                            models.Index(fields=["-created_at", "-id"], name="check_created"),
                            models.Index(
                                condition=models.Q(
                                    ("status__in", ["pending", "in_progress", "requires_review"])
                                ),
                                fields=["created_at", "id"],
                                name="check_queue",
                            ),
                            models.Index(
                                condition=models.Q(("status", "expired"), _negated=True),
                                fields=["expires_at"],
                                name="check_expiry",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("compliance_score__gte", 0),
                                    ("compliance_score__lte", 100),
                                    ("risk_score__gte", 0),
                                    ("risk_score__lte", 100),
                                ),
                                name="check_scores_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("completed_at", None),
                                        ("status__in", ["pending", "in_progress", "requires_review"]),
                                    ),
                                    models.Q(
                                        ("completed_at__isnull", False),
                                        ("status__in", ["passed", "failed", "exempted"]),
                                    ),
                                    ("status", "expired"),
                                    _connector="OR",
                                ),
                                name="check_completed_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reviewed_at", None), ("reviewed_by", None)),
                                    models.Q(("reviewed_at__isnull", False), ("reviewed_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="check_reviewed_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reviewed_by", None),
                                    models.Q(("reviewed_by", models.F("user")), _negated=True),
                                    _connector="OR",
                                ),
                                name="check_never_reviewed_by_its_subject",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                                name="check_expires_later",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ComplianceSettings",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                        ("risk_thresholds", models.JSONField(verbose_name="risk thresholds")),
                        ("aml_rules", models.JSONField(verbose_name="money laundering rules")),
                        ("system_settings", models.JSONField(verbose_name="system settings")),
                        (
                            "reason",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="reason"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="in force since")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "updated_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "compliance settings",
                        "verbose_name_plural": "compliance settings",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("updated_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="settings_approved_by_a_second_person",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConversionRate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("rate_id", models.SlugField(max_length=60, verbose_name="card")),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                        (
                            "base_rate",
                            models.DecimalField(
                                decimal_places=6, max_digits=8, verbose_name="EUR per minute"
                            ),
                        ),
                        (
                            "multipliers",
                            models.JSONField(
                                help_text='Name to factor, factors as text: {"weekend": "1.1"}.',
                                verbose_name="multipliers",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("priority", models.SmallIntegerField(default=0, verbose_name="priority")),
                        ("valid_from", models.DateTimeField(verbose_name="valid from")),
                        (
                            "valid_until",
                            models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
                        ),
                        (
                            "description",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="description"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                    ],
                    options={
                        "verbose_name": "conversion rate",
                        "verbose_name_plural": "conversion rates",
                        "constraints": [
                            models.UniqueConstraint(fields=("rate_id", "version"), name="rate_version_once"),
                            models.CheckConstraint(
                                condition=models.Q(("base_rate__gte", 0), ("base_rate__lte", 1)),
                                name="rate_base_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until", None),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="rate_validity_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Discrepancy",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "account",
                            models.CharField(
                                choices=[
                                    ("provider_clearing", "Payment providers"),
                                    ("bank", "Bank"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                help_text="The class and the lines it is about, hashed.",
                                max_length=64,
                                unique=True,
                                verbose_name="subject",
                            ),
                        ),
                        (
                            "break_class",
                            models.CharField(
                                choices=[
                                    ("missing", "Missing on the statement"),
                                    ("extra", "Not in the books"),
                                    ("amount", "Amounts differ"),
                                    ("currency", "Currencies differ"),
                                    ("duplicate", "Told twice"),
                                    ("date_shift", "Dates are far apart"),
                                    ("fee", "A fee that is not booked"),
                                    ("split", "One movement told as several"),
                                    ("merged", "Several movements told as one"),
                                    ("status", "States differ"),
                                ],
                                max_length=10,
                                verbose_name="class",
                            ),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("missing_transaction", "Missing transaction"),
                                    ("duplicate_transaction", "Duplicate transaction"),
                                    ("amount_mismatch", "Amount mismatch"),
                                    ("status_mismatch", "Status mismatch"),
                                    ("timing_discrepancy", "Timing"),
                                    ("external_mismatch", "External mismatch"),
                                    ("orphaned_payment", "Orphaned payment"),
                                ],
                                max_length=24,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")],
                                max_length=6,
                                verbose_name="severity",
                            ),
                        ),
                        (
                            "internal_transaction",
                            models.UUIDField(blank=True, null=True, verbose_name="our transaction"),
                        ),
                        (
                            "external_payment",
                            models.CharField(
                                blank=True, default="", max_length=250, verbose_name="their reference"
                            ),
                        ),
                        (
                            "internal_amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="in the books",
                            ),
                        ),
                        (
                            "external_amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="on the statement",
                            ),
                        ),
                        (
                            "difference",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="difference"),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="amount",
                            ),
                        ),
                        (
                            "ours",
                            models.JSONField(blank=True, default=list, verbose_name="lines of the books"),
                        ),
                        (
                            "theirs",
                            models.JSONField(blank=True, default=list, verbose_name="lines of the statement"),
                        ),
                        ("facts", models.JSONField(blank=True, default=dict, verbose_name="facts")),
                        ("happened_on", models.DateField(verbose_name="day")),
                        ("detected_at", models.DateTimeField(verbose_name="detected at")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("investigating", "Being looked into"),
                                    ("awaiting_approval", "Waits for a second person"),
                                    ("awaiting_correction", "Waits for the other side"),
                                    ("resolved", "Resolved"),
                                    ("ignored", "Ignored"),
                                    ("cleared", "Cleared by a later run"),
                                ],
                                default="open",
                                max_length=20,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "resolution_type",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("manual_adjustment", "Adjustment entry"),
                                    ("ignore", "Ignore"),
                                    ("investigate", "Look into it"),
                                    ("external_correction", "The other side corrects it"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="resolution",
                            ),
                        ),
                        ("approval_id", models.UUIDField(blank=True, null=True, verbose_name="approval")),
                        (
                            "resolved_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="resolved at"),
                        ),
                        ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Nobody: a later run.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="resolved by",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="discrepancies",
                                to="donations.reconciliationrun",
                                verbose_name="found by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "break",
                        "verbose_name_plural": "breaks",
                        "permissions": [("resolve_discrepancy", "Can resolve breaks of the reconciliation")],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        ["open", "investigating", "awaiting_approval", "awaiting_correction"],
                                    )
                                ),
                                fields=["happened_on", "id"],
                                name="discrepancy_queue",
                            ),
                            models.Index(fields=["account", "happened_on"], name="discrepancy_day"),
                            models.Index(fields=["approval_id"], name="discrepancy_approval"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("resolved_at__isnull", False),
                                        ("status__in", ["resolved", "ignored", "cleared"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status__in", ["resolved", "ignored", "cleared"]), _negated=True
                                        ),
                                        ("resolved_at", None),
                                        ("resolved_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="discrepancy_resolved_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "awaiting_approval"), _negated=True),
                                    ("approval_id__isnull", False),
                                    _connector="OR",
                                ),
                                name="discrepancy_waits_for_an_approval",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Donation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "onlus_name",
                            models.CharField(max_length=200, verbose_name="name of the ONLUS then"),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "earned_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Paid with credits earned by playing.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "paid_amount",
                            models.DecimalField(
                                decimal_places=2, help_text="Paid with the donor's own money.", max_digits=14
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("processing", "Processing"),
                                    ("completed", "Completed"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                    ("refunded", "Refunded"),
                                ],
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("user_initiated", "By the donor"),
                                    ("auto", "Automatic"),
                                    ("batch", "Batch"),
                                    ("allocation", "Allocation"),
                                    ("external_payment", "External payment"),
                                ],
                                max_length=20,
                                verbose_name="origin",
                            ),
                        ),
                        (
                            "message",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="message"),
                        ),
                        ("is_anonymous", models.BooleanField(default=False, verbose_name="anonymous")),
                        (
                            "round_up_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="The part of the amount that rounds it up to a whole euro.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "in_honour_of",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="in honour of"
                            ),
                        ),
                        (
                            "group_id",
                            models.UUIDField(
                                blank=True,
                                help_text="Shared by the donations one gift to a pool was split into.",
                                null=True,
                                verbose_name="group",
                            ),
                        ),
                        (
                            "refunded_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="What was given back to the donor so far.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "matched_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="What a sponsor added, less what went back: the net amount of its match.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "completed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="completed at"),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When it failed or was cancelled before completion.",
                                null=True,
                                verbose_name="closed at",
                            ),
                        ),
                        (
                            "failure_code",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="why it failed"
                            ),
                        ),
                        (
                            "clears_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When the money may be paid out to the ONLUS.",
                                null=True,
                                verbose_name="clears at",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="donations",
                                to="donations.campaign",
                            ),
                        ),
                        (
                            "donor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="donations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="donations",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "recurring",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="donations",
                                to="donations.recurringdonation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "donation",
                        "verbose_name_plural": "donations",
                        "indexes": [
                            models.Index(fields=["donor", "-created_at", "-id"], name="donation_donor"),
                            models.Index(fields=["onlus", "-completed_at", "-id"], name="donation_onlus"),
                            models.Index(
                                condition=models.Q(("status", "completed")),
                                fields=["onlus", "clears_at"],
                                name="donation_clearing",
                            ),
                            models.Index(
                                condition=models.Q(("status", "pending")),
                                fields=["created_at"],
                                name="donation_waiting",
                            ),
                            models.Index(
                                condition=models.Q(("status", "completed")),
                                fields=["completed_at"],
                                name="donation_completed",
                            ),
                            models.Index(fields=["completed_at"], name="donation_carried_out"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="donation_amount_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount",
                                        django.db.models.functions.math.Round(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("earned_amount"), "+", models.F("paid_amount")
                                            ),
                                            precision=2,
                                        ),
                                    ),
                                    ("earned_amount__gte", 0),
                                    ("paid_amount__gte", 0),
                                ),
                                name="donation_amount_is_earned_and_paid",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("completed_at__isnull", False),
                                        ("status__in", ["completed", "refunded"]),
                                    ),
                                    models.Q(
                                        ("completed_at", None),
                                        ("status__in", ["pending", "processing", "failed", "cancelled"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="donation_dated_iff_completed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False), ("status__in", ["failed", "cancelled"])
                                    ),
                                    models.Q(
                                        models.Q(("status__in", ["failed", "cancelled"]), _negated=True),
                                        ("closed_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="donation_closed_iff_not_carried_out",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("clears_at", None), ("completed_at", None)),
                                    models.Q(("clears_at__isnull", False), ("completed_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="donation_clears_iff_completed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("refunded_amount", models.F("amount")), ("status", "refunded")),
                                    models.Q(
                                        ("refunded_amount__gte", 0),
                                        ("refunded_amount__lt", models.F("amount")),
                                        ("status", "completed"),
                                    ),
                                    models.Q(
                                        ("refunded_amount", 0),
                                        ("status__in", ["pending", "processing", "failed", "cancelled"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="donation_refunded_within_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("round_up_amount__gte", 0), ("round_up_amount__lt", models.F("amount"))
                                ),
                                name="donation_round_up_within_amount",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DonationHour",
                    fields=[
                        (
                            "hour",
                            models.DateTimeField(primary_key=True, serialize=False, verbose_name="hour"),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        ("count", models.PositiveIntegerField(verbose_name="donations")),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Of completed donations, less what was given back.",
                                max_digits=14,
                            ),
                        ),
                        ("given_count", models.PositiveIntegerField(verbose_name="carried out")),
                        (
                            "given_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Of all that were carried out, before anything was given back.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "earned_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="The part of it that was earned by playing.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "paid_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="The part of it that was the donors' own money.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "refunded_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="What was given back of it, whenever that was.",
                                max_digits=14,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "donations of an hour",
                        "verbose_name_plural": "donations by hour",
                        "permissions": [("view_financial_analytics", "Can see the financial analytics")],
                        "indexes": [models.Index(fields=["day"], name="donation_hour_day")],
                    },
                ),
                migrations.CreateModel(
                    name="DonationRefund",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("earned_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("paid_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "matched_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="What went back to the sponsor who matched it.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "recovered_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="The part the ONLUS had been paid out already, match included.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("donor", "Cancelled by the donor"),
                                    ("staff", "Refunded by the staff"),
                                    ("payment", "The payment was refunded"),
                                    ("dispute", "The payment was disputed and lost"),
                                ],
                                max_length=10,
                                verbose_name="cause",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "donation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "donation refund",
                        "verbose_name_plural": "donation refunds",
                        "indexes": [models.Index(fields=["created_at"], name="donation_refund_made")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount",
                                        django.db.models.functions.math.Round(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("earned_amount"), "+", models.F("paid_amount")
                                            ),
                                            precision=2,
                                        ),
                                    ),
                                    ("amount__gt", 0),
                                    ("earned_amount__gte", 0),
                                    ("matched_amount__gte", 0),
                                    ("paid_amount__gte", 0),
                                    ("recovered_amount__gte", 0),
                                ),
                                name="refund_is_earned_and_paid",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DonationValueDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, help_text="Less what was given back.", max_digits=14
                            ),
                        ),
                        ("count", models.PositiveIntegerField(verbose_name="donations")),
                    ],
                    options={
                        "verbose_name": "donations of an amount on a day",
                        "verbose_name_plural": "donations by amount and day",
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "amount"), name="donation_value_day_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DonorDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        (
                            "cohort",
                            models.DateField(
                                help_text="The first of the month the donor registered in.",
                                verbose_name="cohort",
                            ),
                        ),
                        ("count", models.PositiveIntegerField(verbose_name="donations")),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Of completed donations, less what was given back.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "donor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "donations of a donor on a day",
                        "verbose_name_plural": "donations by donor and day",
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "donor"), name="donor_day_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DonorTaxProfile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "tax_code",
                            goodplay.lib.fields.EncryptedTextField(
                                blank=True, default="", editable=False, verbose_name="codice fiscale"
                            ),
                        ),
                        (
                            "legal_name",
                            goodplay.lib.fields.EncryptedTextField(
                                blank=True, default="", editable=False, verbose_name="name for the tax office"
                            ),
                        ),
                        (
                            "address",
                            goodplay.lib.fields.EncryptedTextField(
                                blank=True, default="", editable=False, verbose_name="address"
                            ),
                        ),
                        (
                            "is_individual",
                            models.BooleanField(
                                default=False,
                                help_text="The codice fiscale is a person's.",
                                verbose_name="individual",
                            ),
                        ),
                        (
                            "shares_with_onlus",
                            models.BooleanField(
                                help_text="The ONLUS may report the gifts to the tax office under this codice fiscale.",
                                verbose_name="shares with the ONLUS",
                            ),
                        ),
                        ("is_current", models.BooleanField(default=True, verbose_name="current")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "donor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tax_profiles",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="donor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "tax data of a donor",
                        "verbose_name_plural": "tax data of donors",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_current", True)),
                                fields=("donor",),
                                name="tax_profile_current_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FraudFlag",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("metadata", models.JSONField(default=dict, verbose_name="facts")),
                        ("flagged_at", models.DateTimeField(verbose_name="flagged at")),
                        (
                            "flagged_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fraud_flags",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fraud flag",
                        "verbose_name_plural": "fraud flags",
                        "indexes": [
                            models.Index(fields=["user", "-flagged_at", "-id"], name="fraud_flag_player")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FundingPool",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("general", "General"),
                                    ("emergency", "Emergencies only"),
                                    ("category_specific", "Named categories"),
                                ],
                                default="general",
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("active", "Active"), ("paused", "Paused"), ("closed", "Closed")],
                                default="active",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "total",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                                verbose_name="total",
                            ),
                        ),
                        (
                            "reserved",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="reserved",
                            ),
                        ),
                        (
                            "spent",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="spent",
                            ),
                        ),
                        (
                            "minimum_allocation",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="smallest allocation",
                            ),
                        ),
                        (
                            "maximum_allocation",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="largest allocation",
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Empty: anywhere.",
                                max_length=80,
                                verbose_name="region",
                            ),
                        ),
                        (
                            "auto_allocation",
                            models.BooleanField(default=True, verbose_name="allocates by itself"),
                        ),
                        (
                            "priority_weight",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("1.00"),
                                max_digits=4,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="priority",
                            ),
                        ),
                        (
                            "valid_until",
                            models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "categories",
                            models.ManyToManyField(
                                blank=True,
                                help_text="None: any.",
                                related_name="+",
                                to="accounts.onluscategory",
                                verbose_name="categories",
                            ),
                        ),
                        (
                            "sponsor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="funding_pools",
                                to="donations.sponsor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "funding pool",
                        "verbose_name_plural": "funding pools",
                        "indexes": [
                            models.Index(fields=["status", "auto_allocation"], name="funding_pool_open")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reserved__gte", 0),
                                    ("spent__gte", 0),
                                    ("total__gt", 0),
                                    (
                                        "total__gte",
                                        django.db.models.functions.math.Round(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("reserved"), "+", models.F("spent")
                                            ),
                                            precision=2,
                                        ),
                                    ),
                                ),
                                name="funding_pool_is_covered",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("minimum_allocation__gte", 0),
                                    models.Q(
                                        ("maximum_allocation", None),
                                        models.Q(
                                            ("maximum_allocation__gt", 0),
                                            ("maximum_allocation__gte", models.F("minimum_allocation")),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="funding_pool_range_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("priority_weight__gte", 0)),
                                name="funding_pool_weight_from_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AllocationLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("attempt", models.PositiveSmallIntegerField(verbose_name="attempt")),
                        (
                            "amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="planned"),
                        ),
                        (
                            "reserved_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="reserved",
                            ),
                        ),
                        (
                            "given_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="given",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("given", "Given"),
                                    ("not_given", "Not given"),
                                ],
                                default="planned",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(blank=True, default="", max_length=60, verbose_name="why not"),
                        ),
                        ("explanation", models.JSONField(default=dict, verbose_name="explanation")),
                        ("created_at", models.DateTimeField(verbose_name="planned at")),
                        (
                            "executed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="carried out at"),
                        ),
                        (
                            "donor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocation_lines",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "result",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.allocationresult",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.allocationrun",
                            ),
                        ),
                        (
                            "donation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocation_line",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "pool",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.fundingpool",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "allocation line",
                        "verbose_name_plural": "allocation lines",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("donor__isnull", False)),
                                fields=("result", "attempt", "donor"),
                                name="allocation_line_donor_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("pool__isnull", False)),
                                fields=("result", "attempt"),
                                name="allocation_line_one_pool",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("donor__isnull", False),
                                        ("given_amount__lte", models.F("amount")),
                                        ("pool", None),
                                        ("reserved_amount", 0),
                                    ),
                                    models.Q(
                                        ("donation", None),
                                        ("donor", None),
                                        ("given_amount__lte", models.F("reserved_amount")),
                                        ("pool__isnull", False),
                                        ("reserved_amount__gte", models.F("amount")),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_line_donor_or_pool",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount__gt", 0),
                                    models.Q(
                                        models.Q(
                                            ("code", ""),
                                            ("donation", None),
                                            ("executed_at", None),
                                            ("given_amount", 0),
                                            ("status", "planned"),
                                        ),
                                        models.Q(
                                            ("code", ""),
                                            ("executed_at__isnull", False),
                                            ("given_amount__gt", 0),
                                            ("status", "given"),
                                        ),
                                        models.Q(
                                            ("executed_at__isnull", False),
                                            ("given_amount", 0),
                                            ("status", "not_given"),
                                            models.Q(("code", ""), _negated=True),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="allocation_line_given_or_not",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GivingPoolMember",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("weight", models.PositiveSmallIntegerField(default=1, verbose_name="weight")),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "pool",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="members",
                                to="donations.givingpool",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "pool member",
                        "verbose_name_plural": "pool members",
                        "constraints": [
                            models.UniqueConstraint(fields=("pool", "onlus"), name="pool_member_once"),
                            models.CheckConstraint(
                                condition=models.Q(("weight__gte", 1)), name="pool_weight_positive"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GivingStatement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("annual", "Of a year"), ("period", "Of a period")],
                                max_length=8,
                                verbose_name="kind",
                            ),
                        ),
                        ("first", models.DateField(verbose_name="from")),
                        ("last", models.DateField(verbose_name="to")),
                        ("code", models.CharField(max_length=16, unique=True, verbose_name="check code")),
                        ("digest", models.CharField(max_length=64, verbose_name="digest of the facts")),
                        ("total", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("facts", models.JSONField(verbose_name="facts")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "donor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="giving_statements",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="donor",
                            ),
                        ),
                        (
                            "donor_profile",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statements",
                                to="donations.donortaxprofile",
                                verbose_name="tax data of the donor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "giving statement",
                        "verbose_name_plural": "giving statements",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("donor", "kind", "first", "last", "digest"), name="statement_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("first__lte", models.F("last"))),
                                name="statement_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("total__gt", 0)), name="statement_total_positive"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdentityLevel",
                    fields=[
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (0, "Nothing proven"),
                                    (1, "E-mail address proven"),
                                    (2, "Identity proven"),
                                    (3, "Identity and source of funds proven"),
                                ],
                                primary_key=True,
                                serialize=False,
                                verbose_name="level",
                            ),
                        ),
                        (
                            "single_limit",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="at once, EUR",
                            ),
                        ),
                        (
                            "daily_limit",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="a day, EUR",
                            ),
                        ),
                        (
                            "monthly_limit",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="a month, EUR",
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="changed at"),
                        ),
                    ],
                    options={
                        "verbose_name": "identity level",
                        "verbose_name_plural": "identity levels",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("single_limit__gte", 0),
                                    ("single_limit__lte", models.F("daily_limit")),
                                    ("daily_limit__lte", models.F("monthly_limit")),
                                ),
                                name="identity_limits_in_order",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdentityVerification",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (0, "Nothing proven"),
                                    (1, "E-mail address proven"),
                                    (2, "Identity proven"),
                                    (3, "Identity and source of funds proven"),
                                ],
                                verbose_name="level asked for",
                            ),
                        ),
                        ("given_names", models.CharField(max_length=100, verbose_name="given names")),
                        ("family_names", models.CharField(max_length=100, verbose_name="family names")),
                        ("born_on", models.DateField(verbose_name="born on")),
                        (
                            "nationality",
                            models.CharField(
                                max_length=2,
                                validators=[django.core.validators.RegexValidator("^[A-Z]{2}$")],
                                verbose_name="nationality",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Being filled in"),
                                    ("submitted", "Waits for review"),
                                    ("approved", "Approved"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                    ("expired", "Expired"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "provider",
                            models.CharField(default="manual", max_length=30, verbose_name="proven by"),
                        ),
                        (
                            "provider_reference",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="provider's number"
                            ),
                        ),
                        (
                            "provider_opinion",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="provider's opinion"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="begun at")),
                        (
                            "submitted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="handed in at"),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "decision_reason",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="reason of the decision"
                            ),
                        ),
                        (
                            "expires_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="holds until"),
                        ),
                        (
                            "reminded_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="reminded at"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="proposed by",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="identities",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "identity verification",
                        "verbose_name_plural": "identity verifications",
                        "permissions": [
                            ("decide_identityverification", "Can decide on identity verifications")
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "submitted")),
                                fields=["submitted_at"],
                                name="identity_queue",
                            ),
                            models.Index(fields=["user", "status", "expires_at"], name="identity_of"),
                            models.Index(
                                condition=models.Q(("status", "approved")),
                                fields=["expires_at"],
                                name="identity_expiring",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["draft", "submitted"])),
                                fields=("user",),
                                name="identity_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__in", [2, 3])), name="identity_level_can_be_asked"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "draft"), ("submitted_at", None)),
                                    ("status", "withdrawn"),
                                    models.Q(
                                        ("status__in", ["submitted", "approved", "rejected", "expired"]),
                                        ("submitted_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="identity_submitted_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at", None),
                                        ("decided_by", None),
                                        ("status__in", ["draft", "submitted", "withdrawn"]),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("status__in", ["approved", "rejected", "expired"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="identity_decided_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("expires_at__isnull", False), ("status__in", ["approved", "expired"])
                                    ),
                                    models.Q(("status__in", ["approved", "expired"]), _negated=True),
                                    _connector="OR",
                                ),
                                name="identity_approved_holds_until",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("level", 3), ("status__in", ["approved", "expired"]), _negated=True
                                    ),
                                    models.Q(
                                        ("proposed_by__isnull", False),
                                        models.Q(("proposed_by", models.F("decided_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="identity_funds_approved_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("decided_by", models.F("user")), _negated=True),
                                name="identity_not_decided_by_oneself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdentityDocument",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("id_card", "Identity card"),
                                    ("passport", "Passport"),
                                    ("driving_licence", "Driving licence"),
                                    ("proof_of_address", "Proof of address"),
                                    ("source_of_funds", "Source of funds"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "number_end",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="The last four signs only.",
                                max_length=4,
                                verbose_name="number ends with",
                            ),
                        ),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="valid until")),
                        ("uploaded_at", models.DateTimeField(verbose_name="handed in at")),
                        (
                            "file",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="private_files.privatefile",
                                verbose_name="file",
                            ),
                        ),
                        (
                            "verification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="donations.identityverification",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "identity document",
                        "verbose_name_plural": "identity documents",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["proof_of_address", "source_of_funds"]),
                                    models.Q(
                                        models.Q(("number_end", ""), _negated=True),
                                        ("expires_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="identity_document_has_number_and_end",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerAccount",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("player_credits", "Player: earned credits"),
                                    ("player_cash", "Player: paid money"),
                                    ("onlus_payable", "Payable to ONLUS"),
                                    ("reward_pool", "Reward pool"),
                                    ("sponsor", "Sponsors"),
                                    ("provider_clearing", "Payment provider clearing"),
                                    ("provider_fees", "Payment provider fees"),
                                    ("platform_fees", "Platform fees"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("bank", "Bank"),
                                    ("chargeback_loss", "Chargeback losses"),
                                    ("adjustment", "Adjustments"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "balance",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="Stored for players' accounts only.",
                                max_digits=14,
                                null=True,
                            ),
                        ),
                        (
                            "held",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="The part of the balance that pending transfers hold.",
                                max_digits=14,
                                null=True,
                            ),
                        ),
                        (
                            "is_frozen",
                            models.BooleanField(
                                default=False,
                                help_text="Money comes in, nothing is spent: a payment is disputed.",
                                verbose_name="frozen",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "onlus",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ledger_accounts",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ledger_accounts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ledger account",
                        "verbose_name_plural": "ledger accounts",
                        "constraints": [
                            models.UniqueConstraint(fields=("player", "kind"), name="account_player_kind"),
                            models.UniqueConstraint(fields=("onlus", "kind"), name="account_onlus_kind"),
                            models.UniqueConstraint(
                                condition=models.Q(("onlus", None), ("player", None)),
                                fields=("kind",),
                                name="account_system_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ("player_credits", "player_cash")),
                                        ("onlus", None),
                                        ("player__isnull", False),
                                    ),
                                    models.Q(
                                        ("kind", "onlus_payable"), ("onlus__isnull", False), ("player", None)
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("kind__in", ["player_credits", "player_cash", "onlus_payable"]),
                                            _negated=True,
                                        ),
                                        ("onlus", None),
                                        ("player", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="account_owner_fits_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_frozen", False),
                                    ("kind__in", ("player_credits", "player_cash")),
                                    _connector="OR",
                                ),
                                name="account_only_players_freeze",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("balance__gte", models.F("held")),
                                        ("held__gte", 0),
                                        ("kind__in", ("player_credits", "player_cash")),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("kind__in", ("player_credits", "player_cash")), _negated=True
                                        ),
                                        ("balance", None),
                                        ("held", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="account_balance_stored_and_covered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountSnapshot",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "taken_to",
                            models.DateTimeField(
                                help_text="Transfers made before this are in the balance.",
                                verbose_name="taken to",
                            ),
                        ),
                        ("balance", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="snapshots",
                                to="donations.ledgeraccount",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account snapshot",
                        "verbose_name_plural": "account snapshots",
                        "constraints": [
                            models.UniqueConstraint(fields=("account", "taken_to"), name="snapshot_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MatchingOffer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "ratio",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("1.00"),
                                max_digits=4,
                                verbose_name="euros added to a euro",
                            ),
                        ),
                        ("cap", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="cap")),
                        (
                            "cap_per_donation",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="cap for one donation",
                            ),
                        ),
                        (
                            "matched_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="matched so far",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="starts at")),
                        ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "campaign",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matching_offers",
                                to="donations.campaign",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: any.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "sponsor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matching_offers",
                                to="donations.sponsor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "matching offer",
                        "verbose_name_plural": "matching offers",
                        "indexes": [models.Index(fields=["is_active", "starts_at"], name="offer_running")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ratio__gt", 0)), name="offer_ratio_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cap__gt", 0),
                                    ("matched_amount__gte", 0),
                                    ("matched_amount__lte", models.F("cap")),
                                ),
                                name="offer_matched_within_cap",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cap_per_donation", None), ("cap_per_donation__gt", 0), _connector="OR"
                                ),
                                name="offer_cap_per_donation_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                                ),
                                name="offer_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DonationMatch",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "refunded_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "donation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="match",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="donations.matchingoffer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "matched amount",
                        "verbose_name_plural": "matched amounts",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount__gt", 0),
                                    ("refunded_amount__gte", 0),
                                    ("refunded_amount__lte", models.F("amount")),
                                ),
                                name="match_refunded_within_amount",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MonthClose",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                        ("balances", models.JSONField(verbose_name="balances")),
                        (
                            "statement_balance",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="balance at the bank",
                            ),
                        ),
                        ("seal", models.CharField(max_length=64, verbose_name="seal of the ledger")),
                        ("hash", models.CharField(max_length=64, verbose_name="signature")),
                        ("closed_at", models.DateTimeField(verbose_name="closed at")),
                        (
                            "reopened_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="reopened at"),
                        ),
                        (
                            "reopen_reason",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="why it was reopened"
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="asked for by",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closed by",
                            ),
                        ),
                        (
                            "reopened_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="reopened by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "month close",
                        "verbose_name_plural": "month closes",
                        "permissions": [("close_month", "Can close and reopen months")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("reopened_at", None)),
                                fields=("month",),
                                name="month_closed_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("asked_by", models.F("closed_by")), _negated=True),
                                name="month_closed_by_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("reopen_reason", ""), ("reopened_at", None), ("reopened_by", None)
                                    ),
                                    models.Q(
                                        ("reopened_at__isnull", False),
                                        ("reopened_by__isnull", False),
                                        models.Q(("reopen_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="month_reopened_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OnlusBankAccount",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("iban", goodplay.lib.fields.EncryptedTextField(editable=False, verbose_name="IBAN")),
                        ("masked_iban", models.CharField(max_length=20, verbose_name="IBAN")),
                        ("holder", models.CharField(max_length=70, verbose_name="account holder")),
                        ("bic", models.CharField(blank=True, default="", max_length=11, verbose_name="BIC")),
                        ("town", models.CharField(max_length=35, verbose_name="town")),
                        ("country", models.CharField(default="IT", max_length=2, verbose_name="country")),
                        (
                            "payee_check",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("match", "Name and IBAN match"),
                                    ("close_match", "The name nearly matches"),
                                    ("no_match", "The name does not match"),
                                    ("not_possible", "The bank cannot tell"),
                                ],
                                default="",
                                max_length=12,
                                verbose_name="verification of payee",
                            ),
                        ),
                        (
                            "payee_name",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="When it nearly matches.",
                                max_length=140,
                                verbose_name="name the bank told",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="entered at")),
                        (
                            "active_from",
                            models.DateTimeField(
                                help_text="After a change payouts wait until then.", verbose_name="paid from"
                            ),
                        ),
                        (
                            "verified_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="verified at"),
                        ),
                        (
                            "flagged_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="flagged at"),
                        ),
                        (
                            "flag_reason",
                            models.CharField(
                                blank=True, default="", max_length=35, verbose_name="bank's reason"
                            ),
                        ),
                        (
                            "replaced_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="replaced at"),
                        ),
                        (
                            "entered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="entered by",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_accounts",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="verified by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "bank account",
                        "verbose_name_plural": "bank accounts",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("replaced_at", None)),
                                fields=("onlus",),
                                name="bank_account_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("verified_at", None), ("verified_by", None)),
                                    models.Q(
                                        ("verified_at__isnull", False),
                                        ("verified_by__isnull", False),
                                        models.Q(("verified_by", models.F("entered_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="bank_account_verified_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verified_at", None),
                                    ("payee_check__in", ["match", "close_match", "not_possible"]),
                                    _connector="OR",
                                ),
                                name="bank_account_verified_with_payee_check",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("flag_reason", ""), ("flagged_at", None)),
                                    models.Q(
                                        ("flagged_at__isnull", False),
                                        models.Q(("flag_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="bank_account_flagged_iff_told_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OnlusDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        ("count", models.PositiveIntegerField(verbose_name="donations")),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Of completed donations, less what was given back.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "donations to an organisation on a day",
                        "verbose_name_plural": "donations by organisation and day",
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "onlus"), name="onlus_day_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentProvider",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "provider_type",
                            models.CharField(
                                choices=[
                                    ("stripe", "Stripe"),
                                    ("paypal", "PayPal"),
                                    ("sandbox", "Sandbox"),
                                    ("bank_transfer", "Bank transfer"),
                                ],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        ("name", models.SlugField(max_length=40, unique=True, verbose_name="name")),
                        ("display_name", models.CharField(max_length=60, verbose_name="shown name")),
                        (
                            "description",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="description"
                            ),
                        ),
                        (
                            "credentials",
                            goodplay.lib.fields.EncryptedJSONField(
                                default=dict, editable=False, verbose_name="credentials"
                            ),
                        ),
                        (
                            "webhook_secret",
                            goodplay.lib.fields.EncryptedTextField(
                                default="", editable=False, verbose_name="webhook secret"
                            ),
                        ),
                        (
                            "api_endpoint",
                            models.URLField(
                                blank=True,
                                default="",
                                help_text="Empty for the provider's own; another one for tests.",
                                verbose_name="address",
                            ),
                        ),
                        (
                            "min_amount",
                            models.DecimalField(decimal_places=2, default=Decimal("1.00"), max_digits=14),
                        ),
                        (
                            "max_amount",
                            models.DecimalField(decimal_places=2, default=Decimal("50000.00"), max_digits=14),
                        ),
                        (
                            "processing_fee_percentage",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("2.90"),
                                max_digits=5,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(99),
                                ],
                                verbose_name="fee in percent",
                            ),
                        ),
                        (
                            "processing_fee_fixed",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.30"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="fixed fee",
                            ),
                        ),
                        (
                            "settlement_time_days",
                            models.PositiveSmallIntegerField(default=2, verbose_name="days to settle"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("is_test_mode", models.BooleanField(default=True, verbose_name="test mode")),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="Higher wins.", verbose_name="priority"
                            ),
                        ),
                        (
                            "health_status",
                            models.CharField(
                                choices=[
                                    ("unknown", "Unknown"),
                                    ("healthy", "Healthy"),
                                    ("degraded", "Degraded"),
                                    ("down", "Down"),
                                ],
                                default="unknown",
                                max_length=10,
                                verbose_name="health",
                            ),
                        ),
                        (
                            "health_detail",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="what the last check found",
                            ),
                        ),
                        (
                            "health_checked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="last check"),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                    ],
                    options={
                        "verbose_name": "payment provider",
                        "verbose_name_plural": "payment providers",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("max_amount__gte", models.F("min_amount")), ("min_amount__gt", 0)
                                ),
                                name="provider_limits_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("processing_fee_fixed__gte", 0),
                                    ("processing_fee_percentage__gte", 0),
                                    ("processing_fee_percentage__lt", 100),
                                ),
                                name="provider_fee_in_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentIntent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "provider_payment_id",
                            models.CharField(
                                blank=True, default="", max_length=255, verbose_name="payment at the provider"
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[("top_up", "Top-up"), ("donation", "Donation")],
                                default="top_up",
                                max_length=10,
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, help_text="What the payer pays.", max_digits=14
                            ),
                        ),
                        (
                            "processing_fee",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "platform_fee",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "net_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="What reaches the wallet, or the donation.",
                                max_digits=14,
                            ),
                        ),
                        ("currency", models.CharField(default="EUR", max_length=3, verbose_name="currency")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("processing", "Processing"),
                                    ("requires_action", "Waits for the payer"),
                                    ("succeeded", "Succeeded"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                    ("refunded", "Refunded"),
                                    ("partially_refunded", "Partly refunded"),
                                ],
                                default="pending",
                                max_length=20,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "payment_method",
                            models.CharField(
                                choices=[
                                    ("card", "Card"),
                                    ("paypal", "PayPal"),
                                    ("bank_transfer", "Bank transfer"),
                                ],
                                default="card",
                                max_length=20,
                                verbose_name="means of payment",
                            ),
                        ),
                        (
                            "method_brand",
                            models.CharField(blank=True, default="", max_length=30, verbose_name="brand"),
                        ),
                        (
                            "method_last4",
                            models.CharField(
                                blank=True, default="", max_length=4, verbose_name="last four digits"
                            ),
                        ),
                        (
                            "save_method",
                            models.BooleanField(default=False, verbose_name="keep the means of payment"),
                        ),
                        (
                            "is_off_session",
                            models.BooleanField(default=False, verbose_name="without the payer"),
                        ),
                        (
                            "client_secret",
                            goodplay.lib.fields.EncryptedTextField(
                                default="", editable=False, verbose_name="client secret"
                            ),
                        ),
                        (
                            "next_action_url",
                            models.TextField(blank=True, default="", verbose_name="where the payer goes on"),
                        ),
                        (
                            "return_url",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=500,
                                verbose_name="where the payer comes back",
                            ),
                        ),
                        (
                            "description",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="description"
                            ),
                        ),
                        ("metadata", models.JSONField(blank=True, default=dict, verbose_name="metadata")),
                        (
                            "request_key",
                            models.CharField(
                                blank=True, default="", max_length=255, verbose_name="idempotency key"
                            ),
                        ),
                        (
                            "confirmation_attempts",
                            models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
                        ),
                        (
                            "last_attempt_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="last attempt at"),
                        ),
                        (
                            "last_error",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="last error"
                            ),
                        ),
                        (
                            "error_code",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="error code"
                            ),
                        ),
                        (
                            "cancel_reason",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="why it is cancelled"
                            ),
                        ),
                        (
                            "cancel_requested_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="cancellation asked for at"
                            ),
                        ),
                        (
                            "actual_fee",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="What the provider kept, once it has told.",
                                max_digits=14,
                                null=True,
                            ),
                        ),
                        (
                            "stray_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="Money the provider took that was not asked for like this. It waits for a person.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "refunded_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "refund_reason",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="reason of the refund"
                            ),
                        ),
                        (
                            "refunded_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="refunded at"),
                        ),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        (
                            "confirmed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                        ),
                        (
                            "processed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="processed at"),
                        ),
                        (
                            "checked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="last asked for"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("updated_at", models.DateTimeField(verbose_name="updated at")),
                        (
                            "donation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payment",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payment_intents",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="intents",
                                to="donations.paymentprovider",
                            ),
                        ),
                        (
                            "saved_method",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.savedpaymentmethod",
                            ),
                        ),
                        (
                            "review_hold",
                            models.OneToOneField(
                                blank=True,
                                help_text="Holds a top-up under review.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payment",
                        "verbose_name_plural": "payments",
                        "indexes": [
                            models.Index(fields=["player", "-created_at", "-id"], name="intent_player"),
                            models.Index(fields=["-created_at", "-id"], name="intent_created"),
                            models.Index(
                                condition=models.Q(
                                    ("status__in", ["pending", "processing", "requires_action"])
                                ),
                                fields=["created_at"],
                                name="intent_open",
                            ),
                            models.Index(fields=["confirmed_at"], name="intent_confirmed"),
                            models.Index(fields=["updated_at"], name="intent_changed"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("provider_payment_id", ""), _negated=True),
                                fields=("provider", "provider_payment_id"),
                                name="intent_once_at_provider",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("request_key", ""), _negated=True),
                                fields=("player", "request_key"),
                                name="intent_once_per_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount",
                                        django.db.models.functions.math.Round(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("net_amount"), "+", models.F("processing_fee")
                                                ),
                                                "+",
                                                models.F("platform_fee"),
                                            ),
                                            precision=2,
                                        ),
                                    ),
                                    ("amount__gt", 0),
                                    ("net_amount__gt", 0),
                                    ("platform_fee__gte", 0),
                                    ("processing_fee__gte", 0),
                                ),
                                name="intent_amount_is_net_and_fees",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency", "EUR")), name="intent_in_euros"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("donation", None), ("purpose", "top_up")),
                                    models.Q(("donation__isnull", False), ("purpose", "donation")),
                                    _connector="OR",
                                ),
                                name="intent_donation_iff_purpose",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("processed_at", None),
                                        ("status__in", ["pending", "processing", "requires_action"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status__in", ["pending", "processing", "requires_action"]),
                                            _negated=True,
                                        ),
                                        ("processed_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="intent_processed_iff_closed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        ("status__in", ["succeeded", "partially_refunded", "refunded"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status__in", ["succeeded", "partially_refunded", "refunded"]),
                                            _negated=True,
                                        ),
                                        ("confirmed_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="intent_confirmed_iff_paid",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("refunded_amount", models.F("amount")), ("status", "refunded")),
                                    models.Q(
                                        ("refunded_amount__gt", 0),
                                        ("refunded_amount__lt", models.F("amount")),
                                        ("status", "partially_refunded"),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status__in", ["refunded", "partially_refunded"]), _negated=True
                                        ),
                                        ("refunded_amount", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="intent_refunded_as_its_status",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("confirmation_attempts__lte", 3)),
                                name="intent_attempts_limited",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("card", "Card"),
                                    ("paypal", "PayPal"),
                                    ("bank_transfer", "Bank transfer"),
                                ],
                                max_length=20,
                                verbose_name="means of payment",
                            ),
                        ),
                        ("intents", models.PositiveIntegerField(verbose_name="payments")),
                        (
                            "succeeded",
                            models.PositiveIntegerField(
                                help_text="Whatever was given back of them since.", verbose_name="paid"
                            ),
                        ),
                        ("failed", models.PositiveIntegerField(verbose_name="failed")),
                        ("cancelled", models.PositiveIntegerField(verbose_name="cancelled")),
                        ("pending", models.PositiveIntegerField(verbose_name="open")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("net_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("processing_fee", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("platform_fee", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("refunded_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "provider",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.paymentprovider",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payments of a day",
                        "verbose_name_plural": "payments by day",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("day", "provider", "method"), name="payment_day_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExternalLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "account",
                            models.CharField(
                                choices=[
                                    ("provider_clearing", "Payment providers"),
                                    ("bank", "Bank"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="account",
                            ),
                        ),
                        ("key", models.CharField(max_length=250, unique=True, verbose_name="key")),
                        ("kind", models.CharField(max_length=40, verbose_name="kind")),
                        ("lane", models.CharField(max_length=10, verbose_name="direction or kind")),
                        (
                            "amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount"),
                        ),
                        (
                            "fee",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="fee"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("moved_at", models.DateTimeField(verbose_name="moved at")),
                        ("references", models.JSONField(blank=True, default=list, verbose_name="references")),
                        ("related", models.JSONField(blank=True, default=list, verbose_name="belongs to")),
                        (
                            "group",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="order"),
                        ),
                        (
                            "text",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="text"),
                        ),
                        (
                            "party",
                            models.CharField(
                                blank=True, default="", max_length=160, verbose_name="other side"
                            ),
                        ),
                        ("is_charge", models.BooleanField(default=False, verbose_name="charge")),
                        ("imported_at", models.DateTimeField(verbose_name="imported at")),
                        (
                            "statement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.bankstatement",
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.paymentprovider",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "statement line",
                        "verbose_name_plural": "statement lines",
                        "indexes": [
                            models.Index(fields=["account", "moved_at", "id"], name="external_line_period")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("account", "provider_clearing"),
                                        ("provider__isnull", False),
                                        ("statement", None),
                                    ),
                                    models.Q(
                                        ("account", "bank"), ("provider", None), ("statement__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="external_line_has_one_source",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentStatusChange",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "from_status",
                            models.CharField(blank=True, default="", max_length=20, verbose_name="from"),
                        ),
                        ("to_status", models.CharField(max_length=20, verbose_name="to")),
                        (
                            "is_applied",
                            models.BooleanField(
                                default=True,
                                help_text="No: it was news a payment in this state cannot have.",
                                verbose_name="applied",
                            ),
                        ),
                        ("source", models.CharField(max_length=20, verbose_name="told by")),
                        (
                            "error_code",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="error code"
                            ),
                        ),
                        (
                            "error_message",
                            models.CharField(blank=True, default="", max_length=300, verbose_name="error"),
                        ),
                        ("changed_at", models.DateTimeField(verbose_name="at")),
                        (
                            "intent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="status_changes",
                                to="donations.paymentintent",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "status change",
                        "verbose_name_plural": "status changes",
                    },
                ),
                migrations.CreateModel(
                    name="PaymentTimeDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("card", "Card"),
                                    ("paypal", "PayPal"),
                                    ("bank_transfer", "Bank transfer"),
                                ],
                                max_length=20,
                                verbose_name="means of payment",
                            ),
                        ),
                        ("tenths", models.PositiveBigIntegerField(verbose_name="tenths of a second")),
                        ("count", models.PositiveIntegerField(verbose_name="payments")),
                    ],
                    options={
                        "verbose_name": "payments of a day by time taken",
                        "verbose_name_plural": "payments by day and time taken",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("day", "method", "tenths"), name="payment_time_day_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payout",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("exported", "Ordered at the bank"),
                                    ("accepted", "Accepted by the bank"),
                                    ("settled", "Paid"),
                                    ("rejected", "Rejected by the bank"),
                                    ("returned", "Came back"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "end_to_end_id",
                            models.CharField(max_length=35, unique=True, verbose_name="reference"),
                        ),
                        (
                            "reason_code",
                            models.CharField(
                                blank=True, default="", max_length=35, verbose_name="bank's reason"
                            ),
                        ),
                        (
                            "debit_entry",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="charged by entry"
                            ),
                        ),
                        (
                            "return_entry",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="given back by entry"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="prepared at")),
                        (
                            "approved_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="approved at"),
                        ),
                        (
                            "exported_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ordered at"),
                        ),
                        (
                            "accepted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="accepted at"),
                        ),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="paid at")),
                        (
                            "closed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="given up at"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="donations.onlusbankaccount",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="donations.payoutrun",
                            ),
                        ),
                        (
                            "hold",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payout",
                        "verbose_name_plural": "payouts",
                        "indexes": [
                            models.Index(fields=["onlus", "-exported_at", "-id"], name="payout_onlus"),
                            models.Index(
                                condition=models.Q(("status__in", ["exported", "accepted"])),
                                fields=["exported_at"],
                                name="payout_in_transit",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "onlus"), name="payout_once_per_run"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="payout_amount_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("approved_at", None), ("status", "draft")),
                                    ("status", "cancelled"),
                                    models.Q(
                                        models.Q(("status__in", ["draft", "cancelled"]), _negated=True),
                                        ("approved_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_approved_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("accepted_at", None),
                                        ("exported_at", None),
                                        ("status__in", ["draft", "approved", "cancelled"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status__in", ["draft", "approved", "cancelled"]), _negated=True
                                        ),
                                        ("exported_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_ordered_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "accepted"), _negated=True),
                                    ("accepted_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="payout_accepted_is_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("settled_at__isnull", False), ("status__in", ["settled", "returned"])
                                    ),
                                    models.Q(
                                        models.Q(("status__in", ["settled", "returned"]), _negated=True),
                                        ("debit_entry", ""),
                                        ("settled_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_settled_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("status__in", ["rejected", "returned", "cancelled"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("status__in", ["rejected", "returned", "cancelled"]),
                                            _negated=True,
                                        ),
                                        ("closed_at", None),
                                        ("reason_code", ""),
                                        ("return_entry", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_closed_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutFileContent",
                    fields=[
                        (
                            "file",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="content",
                                serialize=False,
                                to="donations.payoutfile",
                            ),
                        ),
                        (
                            "xml",
                            goodplay.lib.fields.EncryptedTextField(editable=False, verbose_name="content"),
                        ),
                    ],
                    options={
                        "verbose_name": "content of a payout file",
                        "verbose_name_plural": "contents of payout files",
                    },
                ),
                migrations.CreateModel(
                    name="PayoutRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("period_end", models.DateTimeField(verbose_name="cleared until")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("exported", "Ordered at the bank"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("payout_count", models.PositiveIntegerField(default=0, verbose_name="payouts")),
                        (
                            "total_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="total",
                            ),
                        ),
                        ("message_id", models.CharField(max_length=35, unique=True, verbose_name="message")),
                        ("execute_on", models.DateField(blank=True, null=True, verbose_name="executed on")),
                        ("created_at", models.DateTimeField(verbose_name="prepared at")),
                        (
                            "approved_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="approved at"),
                        ),
                        (
                            "exported_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ordered at"),
                        ),
                        (
                            "cancelled_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="cancelled at"),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Nobody: the monthly job.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="prepared by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payout run",
                        "verbose_name_plural": "payout runs",
                        "permissions": [("release_payoutrun", "Can release payouts somebody else prepared")],
                        "indexes": [models.Index(fields=["-created_at", "-id"], name="payout_run_created")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("approved_at", None),
                                        ("cancelled_at", None),
                                        ("exported_at", None),
                                        ("status", "draft"),
                                    ),
                                    models.Q(
                                        ("approved_at__isnull", False),
                                        ("cancelled_at", None),
                                        ("exported_at", None),
                                        ("status", "approved"),
                                    ),
                                    models.Q(
                                        ("approved_at__isnull", False),
                                        ("cancelled_at", None),
                                        ("execute_on__isnull", False),
                                        ("exported_at__isnull", False),
                                        ("status", "exported"),
                                    ),
                                    models.Q(
                                        ("cancelled_at__isnull", False),
                                        ("exported_at", None),
                                        ("payout_count", 0),
                                        ("status", "cancelled"),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_run_dated_as_its_status",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("payout_count", 0), ("total_amount", 0)),
                                    models.Q(("payout_count__gt", 0), ("total_amount__gt", 0)),
                                    _connector="OR",
                                ),
                                name="payout_run_counts_what_it_sums",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutStatusChange",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "from_status",
                            models.CharField(blank=True, default="", max_length=10, verbose_name="from"),
                        ),
                        (
                            "to_status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("exported", "Ordered at the bank"),
                                    ("accepted", "Accepted by the bank"),
                                    ("settled", "Paid"),
                                    ("rejected", "Rejected by the bank"),
                                    ("returned", "Came back"),
                                    ("cancelled", "Cancelled"),
                                ],
                                max_length=10,
                                verbose_name="to",
                            ),
                        ),
                        (
                            "reason_code",
                            models.CharField(
                                blank=True, default="", max_length=35, verbose_name="bank's reason"
                            ),
                        ),
                        (
                            "detail",
                            models.CharField(blank=True, default="", max_length=300, verbose_name="detail"),
                        ),
                        ("changed_at", models.DateTimeField(verbose_name="at")),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "bank_file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.bankfile",
                                verbose_name="told by",
                            ),
                        ),
                        (
                            "payout",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="donations.payout",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payout status change",
                        "verbose_name_plural": "payout status changes",
                    },
                ),
                migrations.CreateModel(
                    name="PlayerDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        (
                            "cohort",
                            models.DateField(
                                help_text="The first of the month the player registered in.",
                                verbose_name="cohort",
                            ),
                        ),
                        ("sessions", models.PositiveIntegerField(verbose_name="game sessions")),
                        (
                            "player",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "game sessions of a player on a day",
                        "verbose_name_plural": "game sessions by player and day",
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "player"), name="player_day_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PoolGrant",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "line",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grant",
                                to="donations.allocationline",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "pool",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="donations.fundingpool",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "grant",
                        "verbose_name_plural": "grants",
                        "indexes": [models.Index(fields=["onlus", "created_at"], name="grant_onlus")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="grant_amount_positive"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "matched_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="The part of the amount that a sponsor added.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        ("is_live", models.BooleanField(default=True, verbose_name="live")),
                        (
                            "donation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payout_lines",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "payout",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.payout",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                blank=True,
                                help_text="The latest refund of the donation that is set right.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payout_lines",
                                to="donations.donationrefund",
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payout_lines",
                                to="donations.poolgrant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payout line",
                        "verbose_name_plural": "payout lines",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_live", True)),
                                fields=("donation",),
                                name="payout_line_donation_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_live", True)),
                                fields=("grant",),
                                name="payout_line_grant_once",
                            ),
                            models.UniqueConstraint(
                                fields=("payout", "refund"), name="payout_line_recovery_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("donation__isnull", False),
                                        ("grant", None),
                                        ("matched_amount__gte", 0),
                                        ("matched_amount__lt", models.F("amount")),
                                        ("refund", None),
                                    ),
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("donation", None),
                                        ("grant__isnull", False),
                                        ("matched_amount", 0),
                                        ("refund", None),
                                    ),
                                    models.Q(
                                        ("donation", None),
                                        ("grant", None),
                                        ("matched_amount", 0),
                                        ("refund__isnull", False),
                                        models.Q(("amount", 0), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_line_of_one_thing",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProviderReport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("since", models.DateTimeField(verbose_name="from")),
                        ("until", models.DateTimeField(verbose_name="until")),
                        ("line_count", models.PositiveIntegerField(verbose_name="lines")),
                        ("new_count", models.PositiveIntegerField(verbose_name="new lines")),
                        ("fetched_at", models.DateTimeField(verbose_name="fetched at")),
                        (
                            "provider",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="donations.paymentprovider",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "provider report",
                        "verbose_name_plural": "provider reports",
                        "indexes": [models.Index(fields=["provider", "since"], name="provider_report_days")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("since__lt", models.F("until"))),
                                name="provider_report_order",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuarantinedFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "name",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="name"),
                        ),
                        ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                        (
                            "content",
                            goodplay.lib.fields.EncryptedTextField(editable=False, verbose_name="content"),
                        ),
                        ("fault", models.CharField(max_length=40, verbose_name="fault")),
                        (
                            "detail",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="detail"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Quarantined"),
                                    ("replaced", "Replaced by a corrected file"),
                                    ("discarded", "Discarded"),
                                ],
                                default="waiting",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "note",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="note"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                        (
                            "replaced_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaces",
                                to="donations.bankfile",
                                verbose_name="corrected file",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "quarantined file",
                        "verbose_name_plural": "quarantined files",
                        "indexes": [models.Index(fields=["-received_at", "-id"], name="quarantined_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at", None), ("replaced_by", None), ("state", "waiting")
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("replaced_by__isnull", False),
                                        ("state", "replaced"),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("replaced_by", None),
                                        ("state", "discarded"),
                                    ),
                                    _connector="OR",
                                ),
                                name="quarantine_decided_iff_dated",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("thank_you", "Thank-you statement"),
                                    ("gift", "Receipt for a gift of money"),
                                    ("void", "Void"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "code",
                            models.CharField(
                                help_text="Printed on it; proves it genuine.",
                                max_length=16,
                                unique=True,
                                verbose_name="check code",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="What it is over: what was given, less what was given back before.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "paid_amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="The part that was the donor's own money.",
                                max_digits=14,
                            ),
                        ),
                        (
                            "is_deductible",
                            models.BooleanField(
                                help_text="The part of own money may be deducted.", verbose_name="deductible"
                            ),
                        ),
                        ("tax_year", models.PositiveSmallIntegerField(verbose_name="year of the gift")),
                        ("facts", models.JSONField(verbose_name="facts")),
                        ("issued_at", models.DateTimeField(verbose_name="issued at")),
                        (
                            "donation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "donor_profile",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="donations.donortaxprofile",
                                verbose_name="tax data of the donor",
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="donations.receipt",
                                verbose_name="replaces",
                            ),
                        ),
                        (
                            "voids",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="voided_by",
                                to="donations.receipt",
                                verbose_name="voids",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "receipt",
                        "verbose_name_plural": "receipts",
                        "constraints": [
                            models.UniqueConstraint(fields=("year", "number"), name="receipt_number_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("replaces", None), ("voids", None)),
                                fields=("donation",),
                                name="receipt_first_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "void"), ("replaces", None), ("voids__isnull", False)),
                                    models.Q(("kind__in", ["thank_you", "gift"]), ("voids", None)),
                                    _connector="OR",
                                ),
                                name="receipt_void_names_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount__gt", 0),
                                    ("paid_amount__gte", 0),
                                    ("paid_amount__lte", models.F("amount")),
                                ),
                                name="receipt_paid_within_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_deductible", False), ("paid_amount__gt", 0), _connector="OR"
                                ),
                                name="receipt_deductible_is_paid",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReceiptMail",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[("issue", "Issued"), ("request", "Asked for by the donor")],
                                max_length=8,
                                verbose_name="cause",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("waiting", "Waiting"), ("sent", "Sent"), ("skipped", "Not wanted")],
                                default="waiting",
                                max_length=8,
                                verbose_name="status",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        (
                            "receipt",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mails",
                                to="donations.receipt",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "receipt mail",
                        "verbose_name_plural": "receipt mails",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("cause", "issue")),
                                fields=("receipt",),
                                name="receipt_mailed_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("status", "waiting")),
                                    models.Q(
                                        ("closed_at__isnull", False), ("status__in", ["sent", "skipped"])
                                    ),
                                    _connector="OR",
                                ),
                                name="receipt_mail_closed_iff_decided",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MatchLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "account",
                            models.CharField(
                                choices=[
                                    ("provider_clearing", "Payment providers"),
                                    ("bank", "Bank"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("ours", "Books"), ("theirs", "Statement")],
                                max_length=6,
                                verbose_name="side",
                            ),
                        ),
                        ("key", models.CharField(max_length=250, verbose_name="line")),
                        (
                            "amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount"),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("moved_at", models.DateTimeField(verbose_name="moved at")),
                        (
                            "match",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="donations.reconciliationmatch",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "line of a match",
                        "verbose_name_plural": "lines of matches",
                        "indexes": [models.Index(fields=["account", "moved_at"], name="match_line_period")],
                        "constraints": [
                            models.UniqueConstraint(fields=("account", "side", "key"), name="match_line_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReconciliationRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "reconciliation_id",
                            models.CharField(max_length=40, unique=True, verbose_name="number"),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[("daily", "Daily"), ("weekly", "Weekly"), ("monthly", "Monthly")],
                                max_length=8,
                                verbose_name="type",
                            ),
                        ),
                        ("start_date", models.DateField(verbose_name="from")),
                        (
                            "end_date",
                            models.DateField(
                                help_text="The last day, by the calendar of Rome.", verbose_name="until"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("in_progress", "In progress"),
                                    ("completed", "Completed"),
                                    ("failed", "Failed"),
                                    ("partial", "Partly done"),
                                ],
                                default="pending",
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "internal_count",
                            models.PositiveIntegerField(default=0, verbose_name="lines of the books"),
                        ),
                        (
                            "external_count",
                            models.PositiveIntegerField(default=0, verbose_name="lines of statements"),
                        ),
                        (
                            "matched_count",
                            models.PositiveIntegerField(
                                default=0, verbose_name="lines of the books with a partner"
                            ),
                        ),
                        ("break_count", models.PositiveIntegerField(default=0, verbose_name="breaks")),
                        ("summary", models.JSONField(blank=True, default=dict, verbose_name="summary")),
                        ("times_run", models.PositiveIntegerField(default=0, verbose_name="times run")),
                        (
                            "error",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="error"),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="started at")),
                        (
                            "completed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ended at"),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Nobody: the daily job.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="started by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reconciliation",
                        "verbose_name_plural": "reconciliations",
                        "permissions": [("start_reconciliationrun", "Can start reconciliations")],
                        "indexes": [
                            models.Index(fields=["-started_at", "-id"], name="reconciliation_started")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("type", "start_date", "end_date"), name="reconciliation_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("start_date__lte", models.F("end_date"))),
                                name="reconciliation_days_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("completed_at", None), ("status__in", ["pending", "in_progress"])
                                    ),
                                    models.Q(
                                        ("completed_at__isnull", False),
                                        ("status__in", ["completed", "failed", "partial"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="reconciliation_ended_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DiscrepancyEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "from_status",
                            models.CharField(blank=True, default="", max_length=20, verbose_name="from"),
                        ),
                        (
                            "to_status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("investigating", "Being looked into"),
                                    ("awaiting_approval", "Waits for a second person"),
                                    ("awaiting_correction", "Waits for the other side"),
                                    ("resolved", "Resolved"),
                                    ("ignored", "Ignored"),
                                    ("cleared", "Cleared by a later run"),
                                ],
                                max_length=20,
                                verbose_name="to",
                            ),
                        ),
                        (
                            "note",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="note"),
                        ),
                        ("happened_at", models.DateTimeField(verbose_name="at")),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "discrepancy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="donations.discrepancy",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.reconciliationrun",
                                verbose_name="run",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "step of a break",
                        "verbose_name_plural": "steps of breaks",
                    },
                ),
                migrations.CreateModel(
                    name="RecurringDonation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "interval",
                            models.CharField(
                                choices=[
                                    ("weekly", "Every week"),
                                    ("monthly", "Every month"),
                                    ("quarterly", "Every three months"),
                                    ("yearly", "Every year"),
                                ],
                                max_length=10,
                                verbose_name="interval",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[("wallet", "Wallet"), ("saved_method", "Saved means of payment")],
                                max_length=12,
                                verbose_name="paid from",
                            ),
                        ),
                        (
                            "cover_fees",
                            models.BooleanField(
                                default=False,
                                help_text="The donor pays the fees, so that all of the amount is given.",
                                verbose_name="fees on top",
                            ),
                        ),
                        (
                            "message",
                            models.CharField(blank=True, default="", max_length=500, verbose_name="message"),
                        ),
                        ("is_anonymous", models.BooleanField(default=False, verbose_name="anonymous")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("active", "Active"),
                                    ("paused", "Paused"),
                                    ("cancelled", "Cancelled"),
                                    ("failed", "Stopped after failures"),
                                ],
                                default="active",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "anchor_day",
                            models.PositiveSmallIntegerField(
                                help_text="Of the month; shorter months use their last day.",
                                verbose_name="day",
                            ),
                        ),
                        ("next_on", models.DateField(help_text="Rome's calendar.", verbose_name="next on")),
                        (
                            "noticed_for",
                            models.DateField(blank=True, null=True, verbose_name="notice sent for"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "donor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recurring_donations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                            ),
                        ),
                        (
                            "saved_method",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.savedpaymentmethod",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recurring donation",
                        "verbose_name_plural": "recurring donations",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "active")),
                                fields=["next_on"],
                                name="recurring_due",
                            ),
                            models.Index(fields=["donor", "-created_at"], name="recurring_donor"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="recurring_amount_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cover_fees", False), ("saved_method", None), ("source", "wallet")
                                    ),
                                    models.Q(("saved_method__isnull", False), ("source", "saved_method")),
                                    _connector="OR",
                                ),
                                name="recurring_source_names_method",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("anchor_day__gte", 1), ("anchor_day__lte", 31)),
                                name="recurring_anchor_in_month",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False), ("status__in", ["cancelled", "failed"])
                                    ),
                                    models.Q(("ended_at", None), ("status__in", ["active", "paused"])),
                                    _connector="OR",
                                ),
                                name="recurring_ended_iff_over",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecurringCharge",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="due on")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("processing", "Payment under way"),
                                    ("succeeded", "Given"),
                                    ("skipped", "Skipped"),
                                    ("failed", "Failed"),
                                ],
                                default="pending",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                        (
                            "next_attempt_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="next attempt at"),
                        ),
                        (
                            "attempted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="last attempt at"),
                        ),
                        (
                            "last_error",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="last error"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "donation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recurring_charge",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "recurring",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="charges",
                                to="donations.recurringdonation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recurring charge",
                        "verbose_name_plural": "recurring charges",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "pending")),
                                fields=["next_attempt_at"],
                                name="charge_due",
                            ),
                            models.Index(
                                condition=models.Q(("status", "processing")),
                                fields=["attempted_at"],
                                name="charge_under_way",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("recurring", "due_on"), name="charge_once_per_due_date"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "succeeded"), _negated=True),
                                    ("donation__isnull", False),
                                    _connector="OR",
                                ),
                                name="charge_succeeded_names_donation",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskDecision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("session", "Session"),
                                    ("donation", "Donation"),
                                    ("top_up", "Top-up"),
                                    ("payout", "Payout"),
                                    ("batch", "Batch"),
                                ],
                                max_length=10,
                                verbose_name="movement",
                            ),
                        ),
                        ("subject_id", models.UUIDField(verbose_name="of")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("allow", "Allowed"),
                                    ("review", "Held for a review"),
                                    ("block", "Refused"),
                                ],
                                max_length=6,
                                verbose_name="decision",
                            ),
                        ),
                        ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("low", "Low"),
                                    ("medium", "Medium"),
                                    ("high", "High"),
                                    ("critical", "Critical"),
                                ],
                                max_length=8,
                                verbose_name="risk",
                            ),
                        ),
                        ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                        (
                            "shadow_reasons",
                            models.JSONField(default=list, verbose_name="what rules on trial said"),
                        ),
                        ("facts", models.JSONField(default=dict, verbose_name="facts")),
                        (
                            "rules",
                            models.JSONField(
                                default=list,
                                help_text="Code and version of each, and whether it was on trial.",
                                verbose_name="rules asked",
                            ),
                        ),
                        ("ruleset", models.CharField(max_length=16, verbose_name="rule set")),
                        (
                            "settings_version",
                            models.PositiveIntegerField(verbose_name="version of the settings"),
                        ),
                        (
                            "has_failed",
                            models.BooleanField(
                                default=False,
                                help_text="Held because it could not be judged.",
                                verbose_name="facts were missing",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="decided at")),
                        (
                            "player",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="risk_decisions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "risk decision",
                        "verbose_name_plural": "risk decisions",
                        "indexes": [
                            models.Index(fields=["subject_id", "-created_at"], name="risk_decision_subject"),
                            models.Index(
                                fields=["player", "-created_at", "-id"], name="risk_decision_player"
                            ),
                            models.Index(fields=["-created_at", "-id"], name="risk_decision_created"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("session", "Session"),
                                    ("donation", "Donation"),
                                    ("top_up", "Top-up"),
                                    ("payout", "Payout"),
                                    ("batch", "Batch"),
                                ],
                                max_length=10,
                                verbose_name="movement",
                            ),
                        ),
                        ("subject_id", models.UUIDField(verbose_name="of")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "reasons",
                            models.JSONField(
                                default=list,
                                help_text="Constants, for people and programs.",
                                verbose_name="reasons",
                            ),
                        ),
                        (
                            "risk_level",
                            models.CharField(
                                choices=[
                                    ("low", "Low"),
                                    ("medium", "Medium"),
                                    ("high", "High"),
                                    ("critical", "Critical"),
                                ],
                                default="medium",
                                max_length=8,
                                verbose_name="risk",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("released", "Released"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "decision_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason of the decision"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decision",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="donations.riskdecision",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "review",
                        "verbose_name_plural": "reviews",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "open")),
                                fields=["created_at"],
                                name="review_queue",
                            ),
                            models.Index(
                                condition=models.Q(("status", "rejected"), ("subject", "session")),
                                fields=["player"],
                                name="review_refused_play",
                            ),
                            models.Index(
                                condition=models.Q(("status", "open"), ("subject", "session")),
                                fields=["subject_id"],
                                name="review_held_play",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("subject", "subject_id"), name="review_once_per_subject"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("decided_by", None), ("status", "open")),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by", None),
                                        ("status", "withdrawn"),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("status__in", ["released", "rejected"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="review_decided_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskRule",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("code", models.SlugField(max_length=60, verbose_name="code")),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("session", "Session"),
                                    ("donation", "Donation"),
                                    ("top_up", "Top-up"),
                                    ("payout", "Payout"),
                                    ("batch", "Batch"),
                                ],
                                max_length=10,
                                verbose_name="movement",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "description",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="description"
                            ),
                        ),
                        ("conditions", models.JSONField(verbose_name="conditions")),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("score", "Only adds to the score"),
                                    ("review", "Holds for a review"),
                                    ("block", "Refuses"),
                                ],
                                default="score",
                                max_length=6,
                                verbose_name="effect",
                            ),
                        ),
                        ("score", models.PositiveSmallIntegerField(default=0, verbose_name="score")),
                        (
                            "is_weak",
                            models.BooleanField(
                                default=False,
                                help_text="Counts only together with another one.",
                                verbose_name="weak signal",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("shadow", "On trial"),
                                    ("active", "Active"),
                                    ("retired", "Retired"),
                                ],
                                default="draft",
                                max_length=7,
                                verbose_name="status",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "published_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="active since"),
                        ),
                        (
                            "retired_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="retired at"),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="approved by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "risk rule",
                        "verbose_name_plural": "risk rules",
                        "permissions": [("publish_riskrule", "Can approve risk rules somebody else wrote")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("subject", "code", "version"), name="risk_rule_version_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "active")),
                                fields=("subject", "code"),
                                name="risk_rule_one_active",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("score__lte", 100)), name="risk_rule_score_in_range"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("is_weak", False), ("action", "score"), _connector="OR"),
                                name="risk_rule_weak_only_scores",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at", None),
                                        ("retired_at", None),
                                        ("status__in", ["draft", "shadow"]),
                                    ),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("retired_at", None),
                                        ("status", "active"),
                                    ),
                                    models.Q(("retired_at__isnull", False), ("status", "retired")),
                                    _connector="OR",
                                ),
                                name="risk_rule_dated_as_it_stands",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("published_by", None),
                                    ("created_by", None),
                                    models.Q(("published_by", models.F("created_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="risk_rule_published_by_a_second_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RuleBacktest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("since", models.DateTimeField(verbose_name="since")),
                        ("until", models.DateTimeField(verbose_name="until")),
                        ("looked_at", models.PositiveIntegerField(verbose_name="movements looked at")),
                        ("hit_count", models.PositiveIntegerField(verbose_name="hits")),
                        (
                            "known_count",
                            models.PositiveIntegerField(
                                help_text="Reviewed, refunded or disputed at the time.",
                                verbose_name="hits already known",
                            ),
                        ),
                        ("examples", models.JSONField(default=list, verbose_name="some of the hits")),
                        (
                            "settings_version",
                            models.PositiveIntegerField(verbose_name="version of the settings"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="run at")),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="backtests",
                                to="donations.riskrule",
                            ),
                        ),
                        (
                            "run_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "back-test",
                        "verbose_name_plural": "back-tests",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("hit_count__lte", models.F("looked_at")),
                                    ("known_count__lte", models.F("hit_count")),
                                ),
                                name="backtest_counts_hits_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedPaymentMethod",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "token",
                            goodplay.lib.fields.EncryptedTextField(editable=False, verbose_name="token"),
                        ),
                        (
                            "token_hash",
                            models.CharField(
                                help_text="By it the same token is recognised.",
                                max_length=64,
                                verbose_name="fingerprint of the token",
                            ),
                        ),
                        (
                            "customer",
                            goodplay.lib.fields.EncryptedTextField(
                                default="", editable=False, verbose_name="customer"
                            ),
                        ),
                        ("kind", models.CharField(max_length=20, verbose_name="kind")),
                        (
                            "brand",
                            models.CharField(blank=True, default="", max_length=30, verbose_name="brand"),
                        ),
                        (
                            "last4",
                            models.CharField(
                                blank=True, default="", max_length=4, verbose_name="last four digits"
                            ),
                        ),
                        (
                            "expires_on",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Year and month.",
                                max_length=7,
                                verbose_name="expires",
                            ),
                        ),
                        ("is_default", models.BooleanField(default=False, verbose_name="default")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "removed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="removed at"),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="saved_payment_methods",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="saved_methods",
                                to="donations.paymentprovider",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "saved payment method",
                        "verbose_name_plural": "saved payment methods",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at", None)),
                                fields=("player", "provider", "token_hash"),
                                name="saved_method_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_default", True)),
                                fields=("player",),
                                name="saved_method_one_default",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("removed_at", None), ("is_default", False), _connector="OR"
                                ),
                                name="saved_method_removed_is_no_default",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreenedSubject",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Not screened yet"),
                                    ("clear", "Clear"),
                                    ("nameless", "Has no name yet"),
                                    ("open", "A hit is open"),
                                    ("confirmed", "Confirmed as listed"),
                                ],
                                default="waiting",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "facts_digest",
                            models.CharField(
                                blank=True,
                                default="",
                                editable=False,
                                help_text="Of what was screened last.",
                                max_length=64,
                            ),
                        ),
                        (
                            "vintages",
                            models.JSONField(
                                default=list, help_text="Screened against, last time.", verbose_name="lists"
                            ),
                        ),
                        (
                            "due_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="to be screened since"),
                        ),
                        (
                            "screened_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="screened at"),
                        ),
                        (
                            "bank_account",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="screened",
                                to="donations.onlusbankaccount",
                                verbose_name="bank account",
                            ),
                        ),
                        (
                            "onlus",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="screened",
                                to="accounts.onlus",
                                verbose_name="ONLUS",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="screened",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "screened person or organisation",
                        "verbose_name_plural": "screened people and organisations",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_at__isnull", False)),
                                fields=["due_at"],
                                name="screened_subject_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("bank_account", None), ("onlus", None), ("user__isnull", False)
                                    ),
                                    models.Q(
                                        ("bank_account", None), ("onlus__isnull", False), ("user", None)
                                    ),
                                    models.Q(
                                        ("bank_account__isnull", False), ("onlus", None), ("user", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="screened_subject_is_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "waiting"), ("screened_at__isnull", False), _connector="OR"
                                ),
                                name="screened_subject_waits_until_screened",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningDecision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("subject", "New or renamed"),
                                    ("edition", "A new edition of a list"),
                                ],
                                max_length=10,
                                verbose_name="cause",
                            ),
                        ),
                        ("name", models.CharField(max_length=310, verbose_name="name")),
                        ("query", models.JSONField(verbose_name="asked")),
                        ("vintages", models.JSONField(verbose_name="lists")),
                        ("code_version", models.CharField(max_length=20, verbose_name="rules")),
                        (
                            "band",
                            models.CharField(
                                choices=[
                                    ("strong", "Strong"),
                                    ("possible", "Possible"),
                                    ("none", "None"),
                                    ("unreadable", "Nothing to read in it"),
                                ],
                                max_length=10,
                                verbose_name="band",
                            ),
                        ),
                        ("score", models.DecimalField(decimal_places=4, max_digits=5, verbose_name="score")),
                        ("hits", models.JSONField(default=list, verbose_name="hits")),
                        ("facts_digest", models.CharField(editable=False, max_length=64)),
                        ("decided_at", models.DateTimeField(verbose_name="decided at")),
                        (
                            "subject",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="donations.screenedsubject",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="donations.screeningrun",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "screening decision",
                        "verbose_name_plural": "screening decisions",
                        "indexes": [
                            models.Index(fields=["subject", "-decided_at"], name="screening_decision_of"),
                            models.Index(fields=["-decided_at", "-id"], name="screening_decision_newest"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cause", "edition"), ("run__isnull", False)),
                                    models.Q(("cause", "subject"), ("run", None)),
                                    _connector="OR",
                                ),
                                name="screening_decision_of_its_run",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningEdition",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("OFAC", "OFAC (United States)"),
                                    ("UN", "United Nations"),
                                    ("EU", "European Union"),
                                    ("PEP", "Politically exposed persons"),
                                ],
                                max_length=10,
                                verbose_name="list",
                            ),
                        ),
                        (
                            "published_on",
                            models.DateField(blank=True, null=True, verbose_name="published on"),
                        ),
                        ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                        (
                            "vintage",
                            models.CharField(blank=True, default="", max_length=60, verbose_name="vintage"),
                        ),
                        ("entry_count", models.PositiveIntegerField(default=0, verbose_name="entries")),
                        ("added_count", models.PositiveIntegerField(default=0, verbose_name="new entries")),
                        (
                            "changed_count",
                            models.PositiveIntegerField(default=0, verbose_name="changed entries"),
                        ),
                        (
                            "removed_count",
                            models.PositiveIntegerField(default=0, verbose_name="removed entries"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("current", "In force"),
                                    ("superseded", "Followed by another"),
                                    ("refused", "Refused"),
                                ],
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "refusal_code",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="refused because"
                            ),
                        ),
                        (
                            "refusal_detail",
                            models.CharField(blank=True, default="", max_length=300, verbose_name="detail"),
                        ),
                        ("imported_at", models.DateTimeField(verbose_name="imported at")),
                        (
                            "superseded_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="followed at"),
                        ),
                        (
                            "imported_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="imported by",
                            ),
                        ),
                        (
                            "previous",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.screeningedition",
                                verbose_name="follows",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "edition of a screening list",
                        "verbose_name_plural": "screening lists",
                        "indexes": [
                            models.Index(fields=["vintage"], name="screening_edition_vintage"),
                            models.Index(fields=["-imported_at"], name="screening_edition_newest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "current")),
                                fields=("source",),
                                name="screening_edition_one_current",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "refused"), models.Q(("refusal_code", ""), _negated=True)
                                    ),
                                    models.Q(
                                        models.Q(("status", "refused"), _negated=True),
                                        ("entry_count__gt", 0),
                                        ("published_on__isnull", False),
                                        ("refusal_code", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="screening_edition_refused_iff_told_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "superseded"), ("superseded_at__isnull", False)),
                                    models.Q(
                                        models.Q(("status", "superseded"), _negated=True),
                                        ("superseded_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="screening_edition_followed_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
                        ("content", goodplay.lib.fields.EncryptedBytesField(editable=False)),
                        (
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="donations.screeningedition",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "file of a screening list",
                        "verbose_name_plural": "files of screening lists",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("edition", "position"), name="screening_file_position"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningHit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("OFAC", "OFAC (United States)"),
                                    ("UN", "United Nations"),
                                    ("EU", "European Union"),
                                    ("PEP", "Politically exposed persons"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="list",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="entry"),
                        ),
                        (
                            "entry_name",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="listed as"
                            ),
                        ),
                        ("entry", models.JSONField(default=dict, verbose_name="the entry")),
                        ("entry_digest", models.CharField(editable=False, max_length=64)),
                        ("facts_digest", models.CharField(editable=False, max_length=64)),
                        ("explanation", models.JSONField(default=dict, verbose_name="explanation")),
                        (
                            "band",
                            models.CharField(
                                choices=[
                                    ("strong", "Strong"),
                                    ("possible", "Possible"),
                                    ("none", "None"),
                                    ("unreadable", "Nothing to read in it"),
                                ],
                                max_length=10,
                                verbose_name="band",
                            ),
                        ),
                        ("score", models.DecimalField(decimal_places=4, max_digits=5, verbose_name="score")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("confirmed", "It is the listed one"),
                                    ("false", "It is somebody else"),
                                    ("closed", "No longer listed"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="opened at")),
                        (
                            "decision_reason",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="reason of the decision"
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.screeningdecision",
                                verbose_name="decision",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="proposed by",
                            ),
                        ),
                        (
                            "subject",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hits",
                                to="donations.screenedsubject",
                                verbose_name="ours",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "screening hit",
                        "verbose_name_plural": "screening hits",
                        "permissions": [("decide_screeninghit", "Can decide on screening hits")],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "open")),
                                fields=["opened_at"],
                                name="screening_hit_queue",
                            ),
                            models.Index(fields=["subject", "source", "reference"], name="screening_hit_of"),
                            models.Index(fields=["source", "reference"], name="screening_hit_entry"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["open", "confirmed"])),
                                fields=("subject", "source", "reference"),
                                name="screening_hit_stands_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("decided_by", None), ("status", "open")),
                                    models.Q(("decided_at__isnull", False), ("status", "closed")),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("status__in", ["confirmed", "false"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="screening_hit_decided_iff_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "confirmed"), _negated=True),
                                    models.Q(
                                        ("proposed_by__isnull", False),
                                        models.Q(("proposed_by", models.F("decided_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="screening_hit_confirmed_by_two",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningQuality",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("code_version", models.CharField(max_length=20, verbose_name="rules")),
                        ("f1", models.DecimalField(decimal_places=4, max_digits=5, verbose_name="F1")),
                        (
                            "precision",
                            models.DecimalField(decimal_places=4, max_digits=5, verbose_name="precision"),
                        ),
                        (
                            "recall",
                            models.DecimalField(decimal_places=4, max_digits=5, verbose_name="recall"),
                        ),
                        (
                            "strong_recall",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=5,
                                null=True,
                                verbose_name="strong matches caught",
                            ),
                        ),
                        (
                            "clean_alert_rate",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=5,
                                null=True,
                                verbose_name="alerts on clean names",
                            ),
                        ),
                        (
                            "milliseconds",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=8,
                                null=True,
                                verbose_name="milliseconds a name",
                            ),
                        ),
                        ("report", models.JSONField(verbose_name="report")),
                        ("measured_at", models.DateTimeField(verbose_name="measured at")),
                    ],
                    options={
                        "verbose_name": "quality of the screener",
                        "verbose_name_plural": "quality of the screener",
                        "indexes": [models.Index(fields=["-measured_at"], name="screening_quality_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "after",
                            models.UUIDField(
                                blank=True, editable=False, null=True, verbose_name="screened up to"
                            ),
                        ),
                        ("subject_count", models.PositiveIntegerField(default=0, verbose_name="screened")),
                        ("hit_count", models.PositiveIntegerField(default=0, verbose_name="hits")),
                        ("closed_count", models.PositiveIntegerField(default=0, verbose_name="hits closed")),
                        ("vintages", models.JSONField(default=list, verbose_name="lists")),
                        ("started_at", models.DateTimeField(verbose_name="started at")),
                        (
                            "finished_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                        ),
                        (
                            "edition",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="run",
                                to="donations.screeningedition",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "screening of everybody",
                        "verbose_name_plural": "screenings of everybody",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("finished_at", None)),
                                fields=["started_at"],
                                name="screening_run_open",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SpecialEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("holiday", "Holiday"),
                                    ("emergency", "Emergency response"),
                                    ("community_goal", "Community goal"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="starts at")),
                        ("ends_at", models.DateTimeField(verbose_name="ends at")),
                    ],
                    options={
                        "verbose_name": "special event",
                        "verbose_name_plural": "special events",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="special_event_in_order",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Funding",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("reward_pool", "Credits for play"),
                                    ("matching", "Matching donations"),
                                    ("allocation", "Funding pools"),
                                ],
                                max_length=12,
                                verbose_name="purpose",
                            ),
                        ),
                        ("received_on", models.DateField(verbose_name="received on")),
                        ("bank_reference", models.CharField(max_length=60, verbose_name="bank reference")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "sponsor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fundings",
                                to="donations.sponsor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "sponsor funding",
                        "verbose_name_plural": "sponsor fundings",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="funding_amount_positive"
                            ),
                            models.UniqueConstraint(
                                fields=("sponsor", "bank_reference"), name="funding_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StatementMapping",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                        (
                            "delimiter",
                            models.CharField(
                                choices=[
                                    (";", "Semicolon"),
                                    (",", "Comma"),
                                    ("\t", "Tab"),
                                    ("|", "Vertical bar"),
                                ],
                                default=";",
                                max_length=1,
                                verbose_name="delimiter",
                            ),
                        ),
                        (
                            "encoding",
                            models.CharField(
                                choices=[
                                    ("utf-8-sig", "UTF-8"),
                                    ("cp1252", "Windows-1252"),
                                    ("iso-8859-15", "ISO 8859-15"),
                                ],
                                default="utf-8-sig",
                                max_length=12,
                                verbose_name="encoding",
                            ),
                        ),
                        (
                            "skipped_rows",
                            models.PositiveSmallIntegerField(
                                default=0,
                                validators=[django.core.validators.MaxValueValidator(50)],
                                verbose_name="rows before the header",
                            ),
                        ),
                        (
                            "date_format",
                            models.CharField(
                                default="%d/%m/%Y",
                                help_text="%d/%m/%Y reads 23/11/2026.",
                                max_length=20,
                                verbose_name="date format",
                            ),
                        ),
                        (
                            "has_decimal_comma",
                            models.BooleanField(default=True, verbose_name="decimal comma"),
                        ),
                        (
                            "date_column",
                            models.CharField(max_length=60, verbose_name="column of the booking date"),
                        ),
                        (
                            "amount_column",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="With its sign.",
                                max_length=60,
                                verbose_name="column of the amount",
                            ),
                        ),
                        (
                            "sign_column",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Where the amount has none: D, DARE or - went out.",
                                max_length=60,
                                verbose_name="column of the sign",
                            ),
                        ),
                        (
                            "in_column",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="column of money in"
                            ),
                        ),
                        (
                            "out_column",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="column of money out"
                            ),
                        ),
                        (
                            "currency_column",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="column of the currency"
                            ),
                        ),
                        (
                            "text_column",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="column of the text"
                            ),
                        ),
                        (
                            "party_column",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="column of the other side"
                            ),
                        ),
                        (
                            "reference_column",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="column of the reference"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "columns of a bank's CSV",
                        "verbose_name_plural": "columns of banks' CSVs",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(("amount_column", ""), _negated=True),
                                        ("in_column", ""),
                                        ("out_column", ""),
                                    ),
                                    models.Q(
                                        ("amount_column", ""),
                                        ("sign_column", ""),
                                        models.Q(("in_column", ""), _negated=True),
                                        models.Q(("out_column", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="statement_mapping_has_an_amount",
                                violation_error_message="Name the column of the amount, or those of money in and out.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaxRule",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "jurisdiction",
                            models.CharField(
                                choices=[("IT", "Italy"), ("EU", "European Union"), ("US", "United States")],
                                max_length=2,
                                verbose_name="jurisdiction",
                            ),
                        ),
                        (
                            "runts_section",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("odv", "Volunteer organisation (ODV)"),
                                    ("aps", "Social promotion association (APS)"),
                                    ("filantropico", "Philanthropic body"),
                                    ("impresa_sociale", "Social enterprise"),
                                    ("rete", "Association network"),
                                    ("mutuo_soccorso", "Mutual aid society"),
                                    ("altri", "Other third-sector body"),
                                ],
                                default="",
                                help_text="Empty: for every section that has no rule of its own.",
                                max_length=20,
                                verbose_name="RUNTS section",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_until",
                            models.DateField(
                                blank=True,
                                help_text="The first day it no longer holds; empty: open.",
                                null=True,
                                verbose_name="valid until",
                            ),
                        ),
                        ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                        (
                            "deduction_rate",
                            models.DecimalField(
                                decimal_places=4,
                                help_text="0.30 is 30 %; 0: nothing may be deducted.",
                                max_digits=5,
                                verbose_name="rate",
                            ),
                        ),
                        (
                            "annual_cap",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="most in a year",
                            ),
                        ),
                        (
                            "income_share",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=5,
                                null=True,
                                verbose_name="share of income",
                            ),
                        ),
                        (
                            "income_share_instead",
                            models.BooleanField(
                                default=False,
                                help_text="The share of income is another way to deduct the same gift, and no limit of this one.",
                                verbose_name="share of income instead",
                            ),
                        ),
                        (
                            "minimum_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="least amount",
                            ),
                        ),
                        (
                            "traceable_only",
                            models.BooleanField(default=True, verbose_name="traceable means only"),
                        ),
                        (
                            "retention_years",
                            models.PositiveSmallIntegerField(verbose_name="years to keep the papers"),
                        ),
                        (
                            "organisation_types",
                            models.JSONField(default=list, verbose_name="organisations that qualify"),
                        ),
                        (
                            "documentation",
                            models.JSONField(default=list, verbose_name="papers the donor needs"),
                        ),
                        (
                            "special_limits",
                            models.JSONField(blank=True, default=dict, verbose_name="special limits"),
                        ),
                        (
                            "texts",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="By language: requirements, rules, notes.",
                                verbose_name="texts",
                            ),
                        ),
                        ("method", models.CharField(max_length=60, verbose_name="method")),
                        ("rate_key", models.CharField(max_length=40, verbose_name="name of the rate")),
                        ("law", models.CharField(blank=True, default="", max_length=200, verbose_name="law")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "tax rule",
                        "verbose_name_plural": "tax rules",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("jurisdiction", "runts_section", "valid_from", "version"),
                                name="tax_rule_version_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until", None),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="tax_rule_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("deduction_rate__gte", 0),
                                    ("deduction_rate__lte", 1),
                                    ("minimum_amount__gte", 0),
                                    models.Q(
                                        ("income_share", None),
                                        models.Q(("income_share__gte", 0), ("income_share__lte", 1)),
                                        _connector="OR",
                                    ),
                                ),
                                name="tax_rule_shares_are_shares",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("annual_cap", None), ("annual_cap__gt", 0), _connector="OR"
                                ),
                                name="tax_rule_cap_positive",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Transfer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("transaction_id", models.UUIDField(db_index=True, verbose_name="transaction")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("session_credit", "Credits for play"),
                                    ("bonus", "Bonus"),
                                    ("donation", "Donation"),
                                    ("match", "Matched by a sponsor"),
                                    ("grant", "Granted by a sponsor"),
                                    ("funding", "Sponsor funding"),
                                    ("top_up", "Top-up"),
                                    ("fee", "Fee"),
                                    ("refund", "Refund"),
                                    ("payout", "Payout"),
                                    ("dispute", "Dispute"),
                                    ("adjustment", "Adjustment"),
                                    ("settlement", "Paid out by a provider"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "phase",
                            models.CharField(
                                choices=[
                                    ("single", "Single"),
                                    ("pending", "Pending"),
                                    ("post", "Posted"),
                                    ("void", "Voided"),
                                    ("expire", "Expired"),
                                ],
                                default="single",
                                max_length=10,
                                verbose_name="phase",
                            ),
                        ),
                        ("cause_id", models.UUIDField(verbose_name="cause")),
                        (
                            "reason",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "credit_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credits",
                                to="donations.ledgeraccount",
                            ),
                        ),
                        (
                            "debit_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="debits",
                                to="donations.ledgeraccount",
                            ),
                        ),
                        (
                            "pending_transfer",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolution",
                                to="donations.transfer",
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                blank=True,
                                help_text="The person whose wallet this touches.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transfers",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reverses",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversals",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "transfer",
                        "verbose_name_plural": "transfers",
                        "indexes": [
                            models.Index(fields=["player", "-created_at", "-id"], name="transfer_player"),
                            models.Index(fields=["debit_account", "created_at"], name="transfer_debit_tail"),
                            models.Index(
                                fields=["credit_account", "created_at"], name="transfer_credit_tail"
                            ),
                            models.Index(fields=["created_at", "kind"], name="transfer_day"),
                            models.Index(
                                condition=models.Q(("phase", "pending")),
                                fields=["player", "id"],
                                name="transfer_player_hold",
                            ),
                            models.Index(
                                condition=models.Q(("phase", "pending")),
                                fields=["debit_account", "created_at", "id"],
                                name="transfer_debit_hold",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="transfer_amount_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("debit_account", models.F("credit_account")), _negated=True
                                ),
                                name="transfer_between_two_accounts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("pending_transfer", None), ("phase__in", ["single", "pending"])
                                    ),
                                    models.Q(
                                        ("pending_transfer__isnull", False),
                                        ("phase__in", ["post", "void", "expire"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_resolution_names_pending",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("phase__in", ["single", "pending"]), ("reverses", None)),
                                fields=("kind", "cause_id", "debit_account", "credit_account"),
                                name="transfer_once_per_cause",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SessionCredit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "source_type",
                            models.CharField(
                                choices=[
                                    ("gameplay", "Play"),
                                    ("tournament", "Tournament"),
                                    ("challenge", "Challenge"),
                                    ("streak_bonus", "Daily streak"),
                                ],
                                max_length=20,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "minutes",
                            models.DecimalField(decimal_places=4, max_digits=10, verbose_name="minutes"),
                        ),
                        (
                            "base_rate",
                            models.DecimalField(
                                decimal_places=8,
                                max_digits=12,
                                verbose_name="EUR per minute, with the game's factor",
                            ),
                        ),
                        (
                            "multiplier",
                            models.DecimalField(decimal_places=4, max_digits=6, verbose_name="multiplier"),
                        ),
                        (
                            "active_multipliers",
                            models.JSONField(default=list, verbose_name="active multipliers"),
                        ),
                        ("base_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("played_on", models.DateField(verbose_name="played on")),
                        ("streak_days", models.PositiveIntegerField(verbose_name="streak after this")),
                        (
                            "months_played",
                            models.PositiveIntegerField(verbose_name="months played, this one included"),
                        ),
                        ("earned_that_day", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "earned_that_hour",
                            models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=14),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "player",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="session_credits",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "rate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.conversionrate",
                            ),
                        ),
                        (
                            "session",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="games.gamesession",
                            ),
                        ),
                        (
                            "transfer",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="session_credit",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "session credit",
                        "verbose_name_plural": "session credits",
                        "indexes": [
                            models.Index(fields=["player", "-created_at", "-id"], name="credit_latest")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("amount", 0), ("transfer", None)),
                                    models.Q(("amount__gt", 0), ("transfer__isnull", False)),
                                    _connector="OR",
                                ),
                                name="credit_transfer_iff_amount",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentRefund",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "provider_refund_id",
                            models.CharField(
                                blank=True, max_length=255, null=True, verbose_name="refund at the provider"
                            ),
                        ),
                        ("is_ours", models.BooleanField(default=True, verbose_name="asked for here")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "wallet_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "fee_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "stray_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "shortfall",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "settled_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="What of the shortfall came back or was written off.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("succeeded", "Succeeded"),
                                    ("failed", "Failed"),
                                ],
                                default="pending",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                        ),
                        (
                            "error_code",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="error code"
                            ),
                        ),
                        (
                            "request_key",
                            models.CharField(
                                blank=True, default="", max_length=255, verbose_name="idempotency key"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "checked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="last asked for"),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        (
                            "intent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="donations.paymentintent",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "hold",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payment refund",
                        "verbose_name_plural": "payment refunds",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "pending")),
                                fields=["created_at"],
                                name="payment_refund_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("intent", "provider_refund_id"),
                                name="payment_refund_once_at_provider",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_ours", True), ("status", "pending")),
                                fields=("intent",),
                                name="payment_refund_one_under_way",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("request_key", ""), _negated=True),
                                fields=("intent", "request_key"),
                                name="payment_refund_once_per_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount",
                                        django.db.models.functions.math.Round(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("wallet_amount"), "+", models.F("fee_amount")
                                                ),
                                                "+",
                                                models.F("stray_amount"),
                                            ),
                                            precision=2,
                                        ),
                                    ),
                                    ("amount__gt", 0),
                                    ("fee_amount__gte", 0),
                                    ("stray_amount__gte", 0),
                                    ("wallet_amount__gte", 0),
                                ),
                                name="payment_refund_is_its_parts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("settled_amount__gte", 0),
                                    ("settled_amount__lte", models.F("shortfall")),
                                    ("shortfall__gte", 0),
                                    ("shortfall__lte", models.F("wallet_amount")),
                                ),
                                name="payment_refund_shortfall_within_share",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("status", "pending")),
                                    models.Q(
                                        models.Q(("status", "pending"), _negated=True),
                                        ("closed_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="payment_refund_closed_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentDispute",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "provider_dispute_id",
                            models.CharField(max_length=255, verbose_name="dispute at the provider"),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "fee",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                                default="open",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, default="", max_length=100, verbose_name="reason"),
                        ),
                        (
                            "lost_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "booked_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        ("bookings", models.PositiveSmallIntegerField(default=0, verbose_name="bookings")),
                        (
                            "recovered_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="What of the loss the wallet paid.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "shortfall",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        (
                            "settled_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                help_text="What of the shortfall came back or was written off.",
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="opened at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        (
                            "intent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disputes",
                                to="donations.paymentintent",
                            ),
                        ),
                        (
                            "hold",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payment dispute",
                        "verbose_name_plural": "payment disputes",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "open")), fields=["intent"], name="dispute_open"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("intent", "provider_dispute_id"), name="dispute_once_at_provider"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount__gt", 0),
                                    ("booked_amount__gte", 0),
                                    ("fee__gte", 0),
                                    ("lost_amount__gte", 0),
                                    ("lost_amount__lte", models.F("amount")),
                                    ("recovered_amount__gte", 0),
                                    ("settled_amount__gte", 0),
                                    ("settled_amount__lte", models.F("shortfall")),
                                ),
                                name="dispute_amounts_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "lost_amount",
                                        django.db.models.functions.math.Round(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("recovered_amount"), "+", models.F("shortfall")
                                            ),
                                            precision=2,
                                        ),
                                    )
                                ),
                                name="dispute_loss_is_recovered_or_short",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("lost_amount", 0), ("status", "open")),
                                    models.Q(
                                        ("closed_at__isnull", False), ("lost_amount", 0), ("status", "won")
                                    ),
                                    models.Q(("closed_at__isnull", False), ("status", "lost")),
                                    _connector="OR",
                                ),
                                name="dispute_closed_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Bonus",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "source_type",
                            models.CharField(
                                choices=[
                                    ("tournament", "Tournament"),
                                    ("challenge", "Challenge"),
                                    ("achievement", "Achievement"),
                                    ("daily_bonus", "Daily bonus"),
                                    ("streak_bonus", "Daily streak"),
                                    ("referral", "Referral"),
                                    ("manual", "By the staff"),
                                ],
                                max_length=20,
                                verbose_name="source",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "granted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bonuses",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "transfer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bonus",
                                to="donations.transfer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "bonus",
                        "verbose_name_plural": "bonuses",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("source_type", "manual"), _negated=True),
                                    ("granted_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="bonus_by_staff_names_them",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("granted_by", None),
                                    models.Q(("granted_by", models.F("player")), _negated=True),
                                    _connector="OR",
                                ),
                                name="bonus_not_to_oneself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TransferDay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day in Rome")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("session_credit", "Credits for play"),
                                    ("bonus", "Bonus"),
                                    ("donation", "Donation"),
                                    ("match", "Matched by a sponsor"),
                                    ("grant", "Granted by a sponsor"),
                                    ("funding", "Sponsor funding"),
                                    ("top_up", "Top-up"),
                                    ("fee", "Fee"),
                                    ("refund", "Refund"),
                                    ("payout", "Payout"),
                                    ("dispute", "Dispute"),
                                    ("adjustment", "Adjustment"),
                                    ("settlement", "Paid out by a provider"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "debit_kind",
                            models.CharField(
                                choices=[
                                    ("player_credits", "Player: earned credits"),
                                    ("player_cash", "Player: paid money"),
                                    ("onlus_payable", "Payable to ONLUS"),
                                    ("reward_pool", "Reward pool"),
                                    ("sponsor", "Sponsors"),
                                    ("provider_clearing", "Payment provider clearing"),
                                    ("provider_fees", "Payment provider fees"),
                                    ("platform_fees", "Platform fees"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("bank", "Bank"),
                                    ("chargeback_loss", "Chargeback losses"),
                                    ("adjustment", "Adjustments"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="from",
                            ),
                        ),
                        (
                            "credit_kind",
                            models.CharField(
                                choices=[
                                    ("player_credits", "Player: earned credits"),
                                    ("player_cash", "Player: paid money"),
                                    ("onlus_payable", "Payable to ONLUS"),
                                    ("reward_pool", "Reward pool"),
                                    ("sponsor", "Sponsors"),
                                    ("provider_clearing", "Payment provider clearing"),
                                    ("provider_fees", "Payment provider fees"),
                                    ("platform_fees", "Platform fees"),
                                    ("payout_in_transit", "Payouts in transit"),
                                    ("bank", "Bank"),
                                    ("chargeback_loss", "Chargeback losses"),
                                    ("adjustment", "Adjustments"),
                                    ("suspense", "Unclear payments"),
                                ],
                                max_length=20,
                                verbose_name="to",
                            ),
                        ),
                        ("count", models.PositiveIntegerField(verbose_name="transfers")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                    ],
                    options={
                        "verbose_name": "transfers of a day",
                        "verbose_name_plural": "transfers by day",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("day", "kind", "debit_kind", "credit_kind"), name="transfer_day_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Wallet",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "auto_donation_enabled",
                            models.BooleanField(default=False, verbose_name="automatic donation"),
                        ),
                        (
                            "auto_donation_threshold",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("10.00"),
                                max_digits=14,
                                verbose_name="kept in the wallet",
                            ),
                        ),
                        (
                            "auto_donation_percentage",
                            models.PositiveSmallIntegerField(
                                default=50,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="share of the excess",
                            ),
                        ),
                        (
                            "allocation_consent",
                            models.BooleanField(
                                default=False,
                                help_text="What would be given automatically goes to requests of organisations instead.",
                                verbose_name="given where it is needed most",
                            ),
                        ),
                        ("round_up_enabled", models.BooleanField(default=False, verbose_name="round up")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "player",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="wallet",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "preferred_onlus",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "wallet",
                        "verbose_name_plural": "wallets",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("auto_donation_threshold__gte", 0)),
                                name="wallet_threshold_from_zero",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("auto_donation_percentage__gte", 1),
                                    ("auto_donation_percentage__lte", 100),
                                ),
                                name="wallet_percentage_in_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AutoDonation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("donated", "Given"),
                                    ("calculation_failed", "Nothing above the threshold"),
                                    ("onlus_not_eligible", "The organisation cannot receive donations"),
                                    ("account_not_verified", "The player's address is not confirmed"),
                                    ("refused_for_safety", "Refused for safety"),
                                ],
                                max_length=20,
                                verbose_name="outcome",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "donation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="auto_donation",
                                to="donations.donation",
                            ),
                        ),
                        (
                            "transfer",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="auto_donation",
                                to="donations.transfer",
                            ),
                        ),
                        (
                            "wallet",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="automatic",
                                to="donations.wallet",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "automatic donation",
                        "verbose_name_plural": "automatic donations",
                        "indexes": [
                            models.Index(fields=["wallet", "-created_at"], name="auto_donation_latest")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("donation__isnull", False), ("outcome", "donated")),
                                    models.Q(
                                        models.Q(("outcome", "donated"), _negated=True), ("donation", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="auto_donation_names_donation",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("event_id", models.CharField(max_length=255, verbose_name="event")),
                        ("event_type", models.CharField(max_length=100, verbose_name="type")),
                        (
                            "provider_payment_id",
                            models.CharField(
                                blank=True, default="", max_length=255, verbose_name="payment at the provider"
                            ),
                        ),
                        ("body", goodplay.lib.fields.EncryptedTextField(editable=False, verbose_name="body")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "processed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="processed at"),
                        ),
                        (
                            "outcome",
                            models.CharField(blank=True, default="", max_length=100, verbose_name="outcome"),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                        (
                            "next_attempt_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="next attempt at"),
                        ),
                        (
                            "last_error",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="last error"
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="webhook_events",
                                to="donations.paymentprovider",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "webhook event",
                        "verbose_name_plural": "webhook events",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("processed_at", None)),
                                fields=["next_attempt_at"],
                                name="webhook_due",
                            ),
                            models.Index(fields=["-received_at", "-id"], name="webhook_received"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("provider", "event_id"), name="webhook_event_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("processed_at", None), ("next_attempt_at", None), _connector="OR"
                                ),
                                name="webhook_processed_is_done",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(add_first_rows, migrations.RunPython.noop),
        schedule("donations.tasks.close_day", cron="20 0 * * *"),
        schedule("donations.tasks.verify_books", cron="40 0 * * *"),
        schedule("donations.tasks.process_due_webhooks", minutes=1),
        schedule("donations.tasks.repair_stuck_intents", minutes=5),
        schedule("donations.tasks.expire_intents", minutes=5),
        schedule("donations.tasks.check_payment_providers", minutes=10),
        schedule("donations.tasks.clear_old_webhooks", cron="50 3 * * *"),
        schedule("donations.tasks.pay_waiting_credits", minutes=10),
        schedule("donations.tasks.give_automatically", minutes=60),
        schedule("donations.tasks.prepare_payouts", cron="0 6 2 * *"),
        schedule("donations.tasks.carry_out_recurring", minutes=60),
        schedule("donations.tasks.give_recurring_notices", cron="0 9 * * *"),
        schedule("donations.tasks.allocate_due", cron="0 5 * * *"),
        schedule("donations.tasks.allocate_emergencies", minutes=10),
        schedule("donations.tasks.resume_batches", minutes=1),
        schedule("donations.tasks.clear_unused_uploads", cron="50 3 * * *"),
        schedule("donations.tasks.roll_up", minutes=10),
        schedule("donations.tasks.verify_rollups", cron="40 3 * * *"),
        schedule("donations.tasks.reconcile", cron="30 5 * * *"),
        schedule("donations.tasks.expire_compliance_checks", cron="20 4 * * *"),
        schedule("donations.tasks.renew_compliance_checks", cron="40 4 * * *"),
        schedule("donations.tasks.watch_finances", minutes=30),
        schedule("donations.tasks.screen_waiting", minutes=1),
        schedule("donations.tasks.screen_everybody", minutes=5),
        schedule("donations.tasks.find_unscreened", cron="35 2 * * *"),
        schedule("donations.tasks.expire_identities", cron="15 5 * * *"),
    ]
