"""Every setting, read from the environment. `.env.example` explains each one; `goodplay/lib/checks.py` refuses dangerous ones."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from goodplay.lib.documents.config import database as document_database
from goodplay.lib.encryption import development_key
from goodplay.lib.money import NotMoney, parse_euros

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def _key(name: str) -> UUID | None:
    """Read the key of a row; None where nothing is set."""
    text = env.str(name, default="")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a UUID.") from error


def _amount(name: str, *, default: str) -> Decimal:
    """Read a number from zero up with at most two decimals."""
    try:
        amount = parse_euros(env.str(name, default=default))
    except NotMoney:
        amount = Decimal(-1)
    if amount < 0:
        raise ImproperlyConfigured(f"{name} must be a number from zero up with at most two decimals.")
    return amount


# The installation -----------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-development-never-for-production" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY (see .env.example), or DEBUG=true on your own machine.")
JWT_SECRET_KEY = env.str("JWT_SECRET_KEY", default=SECRET_KEY)
# The first key encrypts, all decrypt. Installations of old know one key by the second name.
FIELD_ENCRYPTION_KEYS = [
    *env.list("FIELD_ENCRYPTION_KEYS", default=[]),
    *filter(None, [env.str("PAYMENT_ENCRYPTION_KEY", default="")]),
]
if DEBUG and not FIELD_ENCRYPTION_KEYS:
    FIELD_ENCRYPTION_KEYS = [development_key(SECRET_KEY)]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ORIGINS", default=["http://localhost:3000"] if DEBUG else [])
FRONTEND_URL = env.str("FRONTEND_URL", default="http://localhost:3000")
# Where this installation itself is reached: links to its own pages, and the sandbox's notifications.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000" if DEBUG else "").rstrip("/")

INSTALLED_APPS = [
    "goodplay.lib.admin.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_celery_beat",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "goodplay.lib.apps.LibraryConfig",
    "goodplay.lib.access_log",
    "goodplay.lib.alerts",
    "goodplay.lib.approvals",
    "goodplay.lib.audit",
    "goodplay.lib.events",
    "goodplay.lib.exports",
    "goodplay.lib.idempotency",
    "goodplay.lib.jobs",
    "goodplay.lib.metrics",
    "goodplay.lib.pictures",
    "goodplay.lib.private_files",
    "goodplay.lib.retention",
    "accounts",
    "social",
    "games",
    "donations",
    "donations.payments.sandbox",
    "impact",
    "goodplay.demo",
    "goodplay.importing",
]

MIDDLEWARE = [
    "goodplay.lib.requests.RequestContextMiddleware",
    "accounts.middleware.AddressBlockMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "goodplay.urls"
WSGI_APPLICATION = "goodplay.wsgi.application"
APPEND_SLASH = False  # both forms are served; nobody's POST is ever redirected

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

# Data -----------------------------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    # Recursive triggers: without them REPLACE deletes a row of an append-only table unseen.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    "PRAGMA recursive_triggers=ON;",
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'goodplay.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Documents: stories, metrics, updates and reports, in MongoDB when there is one ----------------------------------
MONGODB_URL = env.str("MONGODB_URL", default="")
DOCUMENT_MODELS = {
    "impact.impactstory",
    "impact.impactmetric",
    "impact.impactupdate",
    "impact.communityreport",
}
if MONGODB_URL:
    DATABASES["documents"] = document_database(MONGODB_URL)
    DATABASE_ROUTERS = ["goodplay.lib.documents.router.DocumentRouter"]
    # There are no check constraints there: validators and operations hold the rules.
    SILENCED_SYSTEM_CHECKS = ["models.W027"]

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    _redis = {
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # seconds
    }
    CACHES = {
        "default": {"BACKEND": "goodplay.lib.cache.ForgivingRedisCache", **_redis},
        "limits": {"BACKEND": "goodplay.lib.cache.StrictRedisCache", **_redis},
    }
else:
    # Ended sign-ins are kept here for an hour: plenty of room, so that traffic does not push them out.
    _memory = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
    CACHES = {"default": _memory, "limits": _memory}

# People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RightsBackend"]
PASSWORD_HASHERS = [
    "goodplay.lib.hashers.BoundedArgon2PasswordHasher",
    # Of accounts brought over from an old installation, until they sign in.
    "goodplay.lib.hashers.WerkzeugScryptPasswordHasher",
]
PASSWORD_HASHES_AT_ONCE = env.int("PASSWORD_HASHES_AT_ONCE", default=2)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validation.StaffLengthValidator"},
]
LOGIN_URL = "portal:sign_in"
LOGIN_REDIRECT_URL = "portal:overview"
SESSION_COOKIE_AGE = 60 * 60 * 12
# Staff sign in to the back office with a second step: a code of an authenticator app.
STAFF_TOTP_REQUIRED = env.bool("STAFF_TOTP_REQUIRED", default=not DEBUG)
# Signs what auditors get of the audit trail: 32 bytes in base64. Without it the key follows from SECRET_KEY.
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", default="")
ACCESS_TOKEN_LIFETIME = timedelta(hours=env.int("JWT_ACCESS_TOKEN_EXPIRES_HOURS", default=1))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.int("JWT_REFRESH_TOKEN_EXPIRES_DAYS", default=30))
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET_KEY,
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}

# Words and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("it", _("Italian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "goodplay.formats"
TIME_ZONE = "UTC"  # storage and JSON; calendar questions are asked of Europe/Rome in goodplay.lib.time

# The API --------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["goodplay.lib.api.renderers.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["goodplay.lib.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "goodplay.lib.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "goodplay.lib.api.schema.EnvelopeSchema",
    "DEFAULT_THROTTLE_CLASSES": ["goodplay.lib.api.throttling.RouteThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "read": env.str("THROTTLE_READ", default="600/min"),
        "write": env.str("THROTTLE_WRITE", default="240/min"),
        "money": env.str("THROTTLE_MONEY", default="60/min"),
        "sign_in": env.str("THROTTLE_SIGN_IN", default="20/min"),
        "refresh": env.str("THROTTLE_SIGN_IN", default="20/min"),
        "register": env.str("THROTTLE_REGISTER", default="20/hour"),
        "mail": env.str("THROTTLE_MAIL", default="10/hour"),
        "check": env.str("THROTTLE_CHECK", default="30/min"),
    },
    "EXCEPTION_HANDLER": "goodplay.lib.api.exceptions.handle",
    "DATETIME_FORMAT": None,
    "DEFAULT_METADATA_CLASS": None,
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "GoodPlay API",
    "DESCRIPTION": "Play games, earn credits funded by sponsors, give them to Italian non-profits, watch the impact.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": ["goodplay.lib.api.schema.sort_tags"],
    "PREPROCESSING_HOOKS": ["goodplay.lib.api.schema.one_form_of_each_path"],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    },
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MAX_REQUEST_BYTES", default=256 * 1024)
# Documents and exports, encrypted. Never below a folder that is served.
PRIVATE_FILES_ROOT = env.str("PRIVATE_FILES_ROOT", default=str(VAR_DIR / "private"))
PRIVATE_FILE_MAX_BYTES = env.int("PRIVATE_FILE_MAX_BYTES", default=10 * 1024 * 1024)
# Pictures of stories, updates and organisations.
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
MEDIA_URL = "/media/"
PICTURE_MAX_BYTES = env.int("PICTURE_MAX_BYTES", default=10 * 1024 * 1024)

# Events, jobs, live connections ---------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Europe/Rome"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 3,
        "unacked_restore_throttle": 1,
    }
DJANGO_CELERY_BEAT_TZ_AWARE = True
# "thread" hands events to a thread of this process, "celery" to workers, "inline" runs them at once (tests, scripts),
# "sweep" leaves them to the sweep.
EVENT_DELIVERY = env.str("EVENT_DELIVERY", default="celery" if CELERY_BROKER_URL else "thread")
EVENT_STREAM_URL = env.str("EVENT_STREAM_URL", default="")

# Files, mail, logs ----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)  # seconds; events wait behind a mail server that hangs
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="GoodPlay <noreply@goodplay.example>")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
LOGGING_CONFIG = "goodplay.lib.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}

# What is measured ------------------------------------------------------------------------------------------------
# Seconds between two notes of what a process counted. 0: nothing is noted.
METRICS_FLUSH_SECONDS = env.int("METRICS_FLUSH_SECONDS", default=10)
# Who may read /metrics: whoever sends this token, and programs on this machine if they may without.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ON_LOOPBACK = env.bool("METRICS_ON_LOOPBACK", default=DEBUG)

# Behind TLS -----------------------------------------------------------------------------------------------------
if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Payments -------------------------------------------------------------------------------------------------------
SANDBOX_PAYMENTS = env.bool("SANDBOX_PAYMENTS", default=DEBUG)
SANDBOX_PAYMENTS_IN_PRODUCTION = env.bool("SANDBOX_PAYMENTS_IN_PRODUCTION", default=False)

# Payouts --------------------------------------------------------------------------------------------------------
# The account ONLUS are paid from. With DEBUG it is one of the sandbox bank, which nobody has.
PAYOUT_ACCOUNT_NAME = env.str("PAYOUT_ACCOUNT_NAME", default="GoodPlay")
PAYOUT_ACCOUNT_IBAN = env.str(
    "PAYOUT_ACCOUNT_IBAN", default="IT60X0542811101000000123456" if DEBUG else ""
).replace(" ", "")
PAYOUT_ACCOUNT_BIC = env.str("PAYOUT_ACCOUNT_BIC", default="")
PAYOUT_ACCOUNT_TOWN = env.str("PAYOUT_ACCOUNT_TOWN", default="Milano")
PAYOUT_ACCOUNT_COUNTRY = env.str("PAYOUT_ACCOUNT_COUNTRY", default="IT")
# A bank that answers at once and moves no money, to try the whole way.
SANDBOX_BANK = env.bool("SANDBOX_BANK", default=DEBUG)

# Rules with one number ------------------------------------------------------------------------------------------
DEFAULT_GAME_CREDIT_RATE = "1.0"
DAILY_EARNING_LIMIT_EUR = _amount("CREDIT_DAILY_LIMIT", default="1000.00")
# With more than this in the reward pool credits are paid without reckoning each time; below, every one is reckoned.
POOL_MARGIN_EUR = _amount("POOL_MARGIN_EUR", default="1000.00")
# Who automatic donations go to when a player named nobody: the key of an ONLUS. Empty: they must name one.
DEFAULT_ONLUS_ID = _key("DEFAULT_ONLUS_ID")
# The platform's fee: of payments by card or PayPal, beside the provider's. Of what is donated nothing is kept.
TOP_UP_FEE_PERCENT = _amount("TOP_UP_FEE_PERCENT", default="0")
WEBHOOKS_PER_MINUTE = env.int("WEBHOOKS_PER_MINUTE", default=60_000)
# Screening lists: fewer entries than this are not believed (a list that is not named: what the reader knows of it), and
# after so many days without a new edition an alert is raised.
SCREENING_FEWEST_ENTRIES: dict[str, int] = {}
SCREENING_LIST_MAX_AGE_DAYS = env.int("SCREENING_LIST_MAX_AGE_DAYS", default=7)
# Who proves who players are (donations/identity/), for how long that holds, and how long a draft nobody sends is kept.
IDENTITY_PROVIDER = env.str("IDENTITY_PROVIDER", default="manual")
IDENTITY_VALID_DAYS = env.int("IDENTITY_VALID_DAYS", default=365)
IDENTITY_DRAFT_DAYS = env.int("IDENTITY_DRAFT_DAYS", default=30)

# How long own money must have been here before it is paid out to an ONLUS, and how long a donor may change their mind.
PAYOUT_HOLD_DAYS = env.int("PAYOUT_HOLD_DAYS", default=14)
DONATION_CANCEL_HOURS = env.int("DONATION_CANCEL_HOURS", default=24)
# Below this an ONLUS is not paid yet: what it got waits for the next payout.
PAYOUT_MINIMUM_EUR = _amount("PAYOUT_MINIMUM_EUR", default="10.00")
# How long payouts wait after an ONLUS changed its bank account.
BANK_ACCOUNT_COOLING_OFF_DAYS = env.int("BANK_ACCOUNT_COOLING_OFF_DAYS", default=7)
# How many seconds the making of a community report may take.
REPORT_GENERATION_TIMEOUT = env.int("REPORT_GENERATION_TIMEOUT", default=300)

# What receipts say ----------------------------------------------------------------------------------------------
PLATFORM_NAME = env.str("PLATFORM_NAME", default="GoodPlay")
PLATFORM_ADDRESS = env.str("PLATFORM_ADDRESS", default="")
PLATFORM_TAX_ID = env.str("PLATFORM_TAX_ID", default="")
# The wording a professional has reviewed, by language. Empty: the default text, which says that it is informative.
RECEIPT_LEGAL_NOTE_EN = env.str("RECEIPT_LEGAL_NOTE_EN", default="")
RECEIPT_LEGAL_NOTE_IT = env.str("RECEIPT_LEGAL_NOTE_IT", default="")
# Organisations that apply: whether every required document must be there before an application is handed in.
ONLUS_APPLICATION_NEEDS_ALL = env.bool("ONLUS_APPLICATION_NEEDS_ALL", default=True)

# Batches --------------------------------------------------------------------------------------------------------
# How many lines one takes, how many workers are called to it, and the seconds before a line is tried again.
BATCH_MAX_SIZE = env.int("BATCH_MAX_SIZE", default=500)
BATCH_MAX_WORKERS = env.int("BATCH_MAX_WORKERS", default=5)
BATCH_RETRY_DELAY = env.int("BATCH_RETRY_DELAY", default=30)

# Impact ---------------------------------------------------------------------------------------------------------
# The most stories one list shows, and for how many seconds a donor's summary is kept.
MAX_STORIES_PER_USER = env.int("MAX_STORIES_PER_USER", default=50)
IMPACT_STORY_CACHE_TTL = env.int("IMPACT_STORY_CACHE_TTL", default=600)
MAX_METRICS_PER_ONLUS = env.int("MAX_METRICS_PER_ONLUS", default=100)
# Hours after its publication in which an update can trend.
TRENDING_UPDATE_WINDOW = env.int("TRENDING_UPDATE_WINDOW", default=24)

# Exports --------------------------------------------------------------------------------------------------------
# A list with more rows than the first is made in the background; one with more than the second must be filtered.
EXPORT_MAX_RECORDS = env.int("EXPORT_MAX_RECORDS", default=50_000)
EXPORT_MAX_BACKGROUND_RECORDS = env.int("EXPORT_MAX_BACKGROUND_RECORDS", default=1_000_000)
