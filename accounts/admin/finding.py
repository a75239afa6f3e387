"""What people and organisations are found by."""

from accounts.models import Onlus, OnlusApplication, User
from goodplay.lib.admin.search import beginning, by_key, exactly, searchable

searchable(User, by_key, beginning("email"))
searchable(Onlus, by_key, exactly("name"))
searchable(OnlusApplication, by_key, exactly("organization_name"))
