import secrets
from decimal import Decimal

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from benchmarks.stock import serializers
from benchmarks.stock.models import Game, GameSession, Standing, Wallet


def bare(request: HttpRequest) -> JsonResponse:
    """A Django view that does nothing: the ceiling of the server."""
    return JsonResponse({"status": "healthy", "message": "API is running"})


class Register(generics.CreateAPIView):
    serializer_class = serializers.UserSerializer
    permission_classes = (AllowAny,)

    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.save()
        Wallet.objects.create(user=user)
        refresh = RefreshToken.for_user(user)
        tokens = {"access": str(refresh.access_token), "refresh": str(refresh)}
        return Response({"user": serializer.data, **tokens}, status=status.HTTP_201_CREATED)


class MyWallet(generics.RetrieveAPIView):
    serializer_class = serializers.WalletSerializer

    def get_object(self) -> Wallet:
        return get_object_or_404(Wallet, user=self.request.user)


class Leaderboard(generics.ListAPIView):
    serializer_class = serializers.StandingSerializer
    queryset = Standing.objects.select_related("user").order_by("-score")


class MyRank(APIView):
    def get(self, request: Request) -> Response:
        standing = get_object_or_404(Standing, user=request.user)
        rank = Standing.objects.filter(score__gt=standing.score).count() + 1
        return Response({"rank": rank, **serializers.StandingSerializer(standing).data})


class Games(generics.ListAPIView):
    serializer_class = serializers.GameSerializer
    queryset = Game.objects.filter(is_active=True).order_by("-created_at")


class StartSession(generics.CreateAPIView):
    serializer_class = serializers.GameSessionSerializer

    def create(self, request: Request, game_id: int) -> Response:
        game = get_object_or_404(Game, pk=game_id, is_active=True)
        if GameSession.objects.filter(user=request.user, game=game, status="active").exists():
            raise ValidationError("There is an open session.")
        state = {"secret": secrets.randbelow(100) + 1, "guesses": []}
        session = GameSession.objects.create(
            user=request.user, game=game, state=state, started_at=timezone.now()
        )
        return Response(self.get_serializer(session).data, status=status.HTTP_201_CREATED)


class EndSession(APIView):
    def put(self, request: Request, session_id: int) -> Response:
        with transaction.atomic():
            session = get_object_or_404(
                GameSession.objects.select_for_update().select_related("game"),
                pk=session_id,
                user=request.user,
            )
            if session.status != "active":
                raise ValidationError("The session has ended.")
            now = timezone.now()
            minutes = Decimal(int((now - session.started_at).total_seconds())) / 60
            session.status, session.ended_at, session.score = "completed", now, 1000
            session.credits_earned = (minutes * Decimal("0.01") * session.game.credit_rate).quantize(
                Decimal("0.01")
            )
            session.save()
            wallet = Wallet.objects.select_for_update().get(user=request.user)
            wallet.balance += session.credits_earned
            wallet.total_earned += session.credits_earned
            wallet.save()
        return Response(serializers.GameSessionSerializer(session).data)


class Donate(generics.CreateAPIView):
    serializer_class = serializers.DonationSerializer

    @transaction.atomic
    def perform_create(self, serializer) -> None:
        amount = serializer.validated_data["amount"]
        wallet = Wallet.objects.select_for_update().get(user=self.request.user)
        if wallet.balance < amount:
            raise ValidationError("There is not enough in the wallet.")
        wallet.balance -= amount
        wallet.total_donated += amount
        wallet.save()
        serializer.save(user=self.request.user)
