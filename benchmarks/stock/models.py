from django.conf import settings
from django.db import models


class Wallet(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wallet")
    balance = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    total_earned = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    total_donated = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Standing(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="standing")
    score = models.DecimalField(max_digits=7, decimal_places=2, db_index=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.score}"


class Game(models.Model):
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=40, db_index=True)
    credit_rate = models.DecimalField(max_digits=6, decimal_places=3, default=1)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class GameSession(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    game = models.ForeignKey(Game, models.CASCADE, related_name="sessions")
    status = models.CharField(max_length=10, default="active")
    state = models.JSONField(default=dict)
    score = models.IntegerField(null=True)
    credits_earned = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.game_id} {self.status}"


class Onlus(models.Model):
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Donation(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="donations")
    onlus = models.ForeignKey(Onlus, models.PROTECT, related_name="donations")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.amount}"
