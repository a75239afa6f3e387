"""The second step of staff, as a phone and a hand do it."""

import base64
import time

from django_otp.oath import TOTP


class App:
    """The authenticator app on somebody's phone: it has what the page showed, and no code twice."""

    def __init__(self, secret):
        self.totp, self.last = TOTP(base64.b32decode(secret)), -1

    def code(self):
        """Return a code of a step not used before.

        The server takes a step to either side: the present one still counts when the clock moves on before it arrives.
        """
        step = max(_step_now(), self.last + 1)
        while step > _step_now() + 1:
            time.sleep(0.2)
        self.last, self.totp.time = step, step * 30
        return f"{self.totp.token():06d}"


def _step_now():
    return int(time.time()) // 30


def set_up(page):
    page.get_by_text("The picture cannot be scanned").click()
    app = App(page.locator("details code").inner_text().replace(" ", ""))
    page.locator("#id_code").fill(app.code())
    page.get_by_role("button", name="Finish").click()
    return app
