"""A player's own proofs of identity over REST."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import IdentityVerification
from donations.operations.identity import applying
from donations.queries.identity import standing, verifications_of
from donations.serializers import identity as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id
from goodplay.lib.private_files import checks
from goodplay.lib.private_files.uploads import expect_private_file

_GONE = applying.VerificationNotFound
_SHOWN_AT_ONCE = 20


class IdentityViewSet(ApiViewSet):
    """How well the signed-in player is known, and asking to be known better."""

    serializer_class = serializers.VerificationSerializer
    messages: ClassVar[dict[str, str]] = {
        "show": "IDENTITY_RETRIEVED",
        "create": "IDENTITY_VERIFICATION_CREATED",
        "retrieve": "IDENTITY_VERIFICATION_RETRIEVED",
        "submit": "IDENTITY_VERIFICATION_SUBMITTED",
        "withdraw": "IDENTITY_VERIFICATION_WITHDRAWN",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            applying.EmailNotProven,
            applying.VerificationOpen,
            applying.AlreadyProven,
            applying.BirthInvalid,
            applying.NationalityInvalid,
        ),
        "retrieve": (_GONE,),
        "submit": (_GONE, applying.NotADraft, applying.DocumentExpired, applying.DocumentsMissing),
        "withdraw": (_GONE, applying.NotOpen),
    }

    @extend_schema(operation_id="users_identity_overview", responses=serializers.IdentitySerializer)
    def show(self, request: Request) -> Response:
        """Show level, limits and what is left of them, and the latest verifications."""
        told = serializers.StandingSerializer(standing(self.caller_id, timezone.now())).data
        rows = verifications_of(self.caller_id)[:_SHOWN_AT_ONCE]
        return Response({**told, "verifications": serializers.VerificationSerializer(rows, many=True).data})

    @extend_schema(request=serializers.VerificationInput, responses={201: serializers.VerificationSerializer})
    def create(self, request: Request) -> Response:
        """Begin a verification. One can be open at a time."""
        serializer = serializers.VerificationInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        begun = applying.begin(user=self.caller, now=timezone.now(), **serializer.validated_data)
        return Response(serializers.VerificationSerializer(begun).data, status=201)

    @extend_schema(responses=serializers.VerificationSerializer)
    def retrieve(self, request: Request, verification_id: str) -> Response:
        """Show one verification."""
        return self._told(verification_id)

    @extend_schema(request=None, responses=serializers.VerificationSerializer)
    def submit(self, request: Request, verification_id: str) -> Response:
        """Hand in a draft that has all its documents."""
        applying.submit(user_id=self.caller_id, verification_id=parse_id(verification_id), now=timezone.now())
        return self._told(verification_id)

    @extend_schema(request=None, responses=serializers.VerificationSerializer)
    def withdraw(self, request: Request, verification_id: str) -> Response:
        """Take back what nobody has decided on. Its documents are erased."""
        applying.withdraw(
            user_id=self.caller_id, verification_id=parse_id(verification_id), now=timezone.now()
        )
        return self._told(verification_id)

    def _told(self, verification_id: str) -> Response:
        found = verifications_of(self.caller_id).filter(pk=parse_id(verification_id)).first()
        if found is None:
            raise _GONE
        return Response(serializers.VerificationSerializer(found).data)

    def get_queryset(self) -> Any:
        return IdentityVerification.objects.none()


class IdentityDocumentViewSet(ApiViewSet):
    """Documents of one's own draft. They are handed in as a form with a file, and shown to nobody here."""

    serializer_class = serializers.IdentityDocumentSerializer
    parser_classes = (MultiPartParser,)
    messages: ClassVar[dict[str, str]] = {"create": "IDENTITY_DOCUMENT_ADDED"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            _GONE,
            applying.NotADraft,
            applying.TooManyDocuments,
            applying.DocumentFactsMissing,
            applying.DocumentExpired,
            *checks.REFUSALS,
        ),
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        expect_private_file(request._request)
        super().initial(request, *args, **kwargs)

    @extend_schema(
        request=serializers.IdentityDocumentInput,
        responses={201: serializers.IdentityDocumentSerializer},
    )
    def create(self, request: Request, verification_id: str) -> Response:
        """Add a document to a draft: `kind`, `file`, and of documents of identity `number` and `expires_on`."""
        serializer = serializers.IdentityDocumentInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        made = applying.add_document(
            user_id=self.caller_id,
            verification_id=parse_id(verification_id),
            upload=checks.read_upload(data.pop("file")),
            now=timezone.now(),
            **data,
        )
        return Response(serializers.IdentityDocumentSerializer(made).data, status=201)


class IdentityDocumentRemovalViewSet(ApiViewSet):
    """Taking a document out of one's own draft."""

    messages: ClassVar[dict[str, str]] = {"destroy": "IDENTITY_DOCUMENT_REMOVED"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "destroy": (_GONE, applying.NotADraft, applying.DocumentNotFound)
    }

    @extend_schema(request=None, responses={200: None})
    def destroy(self, request: Request, verification_id: str, document_id: str) -> Response:
        """Take a document out of a draft. Its file is erased."""
        applying.remove_document(
            user_id=self.caller_id,
            verification_id=parse_id(verification_id),
            document_id=parse_id(document_id),
            now=timezone.now(),
        )
        return Response(None)
