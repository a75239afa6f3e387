from datetime import UTC, datetime

import factory

from accounts.models import Onlus, OnlusCategory, OnlusMembership, Preferences, User

THEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
PASSWORD = "a long phrase of my own"


class UserFactory(factory.django.DjangoModelFactory):
    """A verified, active player."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"player{number}@example.org")
    first_name = "Alice"
    last_name = "Rossi"
    display_name = factory.Sequence(lambda number: f"Player {number}")
    email_verified_at = THEN
    created_at = THEN
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def preferences(self, create, extracted, **privacy):
        if create:
            row = Preferences(user=self)
            row.privacy.update(privacy)
            row.save()


class StaffFactory(UserFactory):
    is_staff = True
    is_superuser = True


class OnlusFactory(factory.django.DjangoModelFactory):
    """An organisation that can be given to."""

    class Meta:
        model = Onlus

    name = factory.Sequence(lambda number: f"Amici del Parco {number}")
    category = factory.LazyFunction(lambda: OnlusCategory.objects.get(pk="environment"))
    mission_statement = "Trees for the city."
    contact_email = "info@amici.example"
    status = Onlus.Status.ACTIVE
    verified_at = THEN
    bank_account_verified_at = THEN
    created_at = THEN


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OnlusMembership

    user = factory.SubFactory(UserFactory)
    onlus = factory.SubFactory(OnlusFactory)
    role = OnlusMembership.Role.OWNER
    created_at = THEN
