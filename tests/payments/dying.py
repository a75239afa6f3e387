"""A process that dies while it asks the provider: nothing after that line runs, whatever catches exceptions."""

from typing import Any, ClassVar

from donations.payments.contract import PaymentState, RefundState
from donations.payments.providers.stripe import StripeProvider


class Killed(BaseException):
    """The process is gone."""


class DyingStripe(StripeProvider):
    """Stripe, asked by a process that dies at `call`: before it was heard, or after, when its answer is lost with it."""

    call: ClassVar[str] = ""
    after: ClassVar[bool] = False

    def create(self, *args: Any, **options: Any) -> PaymentState:
        return self._do("create", args, options)

    def confirm(self, *args: Any, **options: Any) -> PaymentState:
        return self._do("confirm", args, options)

    def cancel(self, *args: Any, **options: Any) -> PaymentState:
        return self._do("cancel", args, options)

    def refund(self, *args: Any, **options: Any) -> RefundState:
        return self._do("refund", args, options)

    def _do(self, name: str, args: Any, options: Any) -> Any:
        if name == self.call and not self.after:
            raise Killed
        answer = getattr(super(), name)(*args, **options)
        if name == self.call:
            raise Killed
        return answer
