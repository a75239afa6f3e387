"""Settings of the test suite: SQLite unless DATABASE_URL names a server, cheap hashes, events delivered at once."""

import os

os.environ.setdefault("SECRET_KEY", "a-secret-of-the-test-suite-and-of-nothing-else-0123456789")
os.environ["FIELD_ENCRYPTION_KEYS"] = "a-key-of-the-test-suite-and-of-nothing-else="
os.environ["PAYMENT_ENCRYPTION_KEY"] = ""
os.environ["DEBUG"] = "false"
# Empty, so that a developer's .env has no say: only the documents run names a server (tests/impact/on_mongodb.py).
os.environ["MONGODB_URL"] = os.environ.get("DOCUMENTS_UNDER_TEST", "")

from goodplay.settings import *

ALLOWED_HOSTS = ["*"]
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "goodplay.lib.hashers.WerkzeugScryptPasswordHasher",
]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {"default": _MEMORY, "limits": _MEMORY}
_SCOPES = ("read", "write", "money", "sign_in", "refresh", "register", "mail", "check")
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(_SCOPES, "100000/min")
CELERY_TASK_ALWAYS_EAGER = True
EVENT_DELIVERY = "inline"
EVENT_STREAM_URL = ""
METRICS_FLUSH_SECONDS = 0  # tests write down what was counted themselves
METRICS_TOKEN, METRICS_ON_LOOPBACK = "", False
SANDBOX_PAYMENTS = SANDBOX_PAYMENTS_IN_PRODUCTION = True
SANDBOX_BANK = True
STAFF_TOTP_REQUIRED = False  # tests of the second step ask for it
PAYOUT_ACCOUNT_IBAN = "IT60X0542811101000000123456"
# Nobody listens there: tests that want the sandbox's notifications say where.
PUBLIC_URL = "http://127.0.0.1:9"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
LOG_LEVEL = "CRITICAL"
LOGGING = {"level": LOG_LEVEL, "format": "console"}
SILENCED_SYSTEM_CHECKS = ["goodplay.E001"]
PRIVATE_FILES_ROOT = str(VAR_DIR / f"private-{os.getpid()}")
MEDIA_ROOT = str(VAR_DIR / f"media-{os.getpid()}")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads of the race tests need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3"), "SERIALIZE": False}
    # A database of tests need not outlive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["TEST"] = {"SERIALIZE": False}  # tests/real_commits.py puts it back
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
