from django.conf import settings


def is_open() -> bool:
    """Say whether the sandbox bank answers: on a developer's machine, elsewhere only where nobody plays for real.

    Asked at every door, because web servers do not run the system checks.
    """
    return settings.SANDBOX_BANK and (settings.DEBUG or settings.SANDBOX_PAYMENTS_IN_PRODUCTION)
