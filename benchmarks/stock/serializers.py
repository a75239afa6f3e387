from django.contrib.auth.models import User
from rest_framework import serializers

from benchmarks.stock.models import Donation, Game, GameSession, Standing, Wallet


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "email", "password")
        extra_kwargs = {"password": {"write_only": True}}

    def create(self, validated_data):
        return User.objects.create_user(**validated_data)


class WalletSerializer(serializers.ModelSerializer[Wallet]):
    class Meta:
        model = Wallet
        fields = ("id", "balance", "total_earned", "total_donated")


class StandingSerializer(serializers.ModelSerializer[Standing]):
    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Standing
        fields = ("id", "user", "username", "score")


class GameSerializer(serializers.ModelSerializer[Game]):
    class Meta:
        model = Game
        fields = ("id", "name", "description", "category", "credit_rate", "is_active", "created_at")


class GameSessionSerializer(serializers.ModelSerializer[GameSession]):
    class Meta:
        model = GameSession
        fields = ("id", "game", "status", "state", "score", "credits_earned", "started_at", "ended_at")
        read_only_fields = ("status", "state", "score", "credits_earned", "started_at", "ended_at")


class DonationSerializer(serializers.ModelSerializer[Donation]):
    class Meta:
        model = Donation
        fields = ("id", "onlus", "amount", "created_at")
