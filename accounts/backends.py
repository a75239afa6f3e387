"""What somebody may do: the rights of their role, their own, and those lent to them for now."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import TemporaryGrant


class RightsBackend(ModelBackend):
    """Django's own, with the rights that were lent and have not expired, in the same query."""

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        lent = TemporaryGrant.objects.in_force(timezone.now()).filter(user=user_obj)
        own = Q(user=user_obj) | Q(pk__in=lent.values("permission"))
        return Permission.objects.filter(own).distinct()
