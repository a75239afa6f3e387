from django.conf import settings


def is_open() -> bool:
    """Say whether the sandbox answers: on a developer's machine, elsewhere only where it was allowed twice.

    Asked at every door, because web servers do not run the system checks.
    """
    return settings.SANDBOX_PAYMENTS and (settings.DEBUG or settings.SANDBOX_PAYMENTS_IN_PRODUCTION)
