"""Combinations of settings that are dangerous, refused before anything starts."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from goodplay.lib.encryption import development_key, malformed

DEVELOPMENT_SECRET = "only-for-development-never-for-production"  # noqa: S105  (the value we refuse)


@register(Tags.security)
def secrets_are_secret(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    for name in ("SECRET_KEY", "JWT_SECRET_KEY"):
        value = getattr(settings, name)
        if not value or value == DEVELOPMENT_SECRET or len(value) < 32:
            hint = "Generate one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            found.append(
                Error(f"{name} is missing, short or the development one.", hint=hint, id="goodplay.E002")
            )
    return found


@register(Tags.security)
def secrets_are_encrypted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    hint = "Generate a key with: python -c 'import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
    keys = settings.FIELD_ENCRYPTION_KEYS
    if malformed(keys):
        return [Error("FIELD_ENCRYPTION_KEYS holds what is no Fernet key.", hint=hint, id="goodplay.E006")]
    if settings.DEBUG or (keys and development_key(DEVELOPMENT_SECRET) not in keys):
        return []
    return [Error("FIELD_ENCRYPTION_KEYS is missing or the development one.", hint=hint, id="goodplay.E006")]


@register(Tags.security)
def hosts_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or (settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "ALLOWED_HOSTS must name this installation's hosts.",
            hint="Set ALLOWED_HOSTS.",
            id="goodplay.E001",
        )
    ]


@register(Tags.security)
def origins_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or not getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False):
        return []
    return [
        Error("Every website may call the API.", hint="Name the origins in CORS_ORIGINS.", id="goodplay.E003")
    ]


@register()
def deliveries_have_a_carrier(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.EVENT_DELIVERY not in {"thread", "celery", "inline", "sweep"}:
        return [Error("EVENT_DELIVERY must be thread, celery, inline or sweep.", id="goodplay.E004")]
    if settings.EVENT_DELIVERY == "celery" and not settings.CELERY_BROKER_URL:
        return [Error("EVENT_DELIVERY is celery but CELERY_BROKER_URL is not set.", id="goodplay.E005")]
    return []


@register()
def several_processes_share_a_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With workers of their own, signing out and live events need a cache all processes see."""
    if settings.CELERY_BROKER_URL and not settings.REDIS_URL:
        hint = "Set REDIS_URL: revoked sign-ins, caches and live events are shared through it."
        return [Warning("CELERY_BROKER_URL is set but REDIS_URL is not.", hint=hint, id="goodplay.W001")]
    return []


@register(Tags.database)
def production_uses_postgresql(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return []
    hint = "SQLite serves one machine and one process; set DATABASE_URL=postgres://…"
    return [Warning("Production money belongs on PostgreSQL.", hint=hint, id="goodplay.W002")]


@register(Tags.security, deploy=True)
def own_address_is_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or settings.PUBLIC_URL.startswith(("http://", "https://")):
        return []
    hint = "Set PUBLIC_URL to the address of this installation, with its scheme."
    return [Warning("The codes printed on receipts lead nowhere.", hint=hint, id="goodplay.W003")]


@register(Tags.security)
def private_files_are_served_by_nobody(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a folder that is also one of the files everybody may read, or is inside one."""
    root = Path(settings.PRIVATE_FILES_ROOT).resolve()
    public: list[Any] = [settings.STATIC_ROOT, settings.MEDIA_ROOT, *settings.STATICFILES_DIRS]
    if any(root.is_relative_to(Path(folder).resolve()) for folder in public if folder):
        hint = "Set PRIVATE_FILES_ROOT to a folder of its own."
        return [Error("PRIVATE_FILES_ROOT lies in a folder that is served.", hint=hint, id="goodplay.E009")]
    return []


@register(Tags.security, deploy=True)
def staff_show_a_second_factor(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or settings.STAFF_TOTP_REQUIRED:
        return []
    hint = "Leave STAFF_TOTP_REQUIRED on outside of trials."
    return [Warning("Staff enter the back office by password alone.", hint=hint, id="goodplay.W004")]
