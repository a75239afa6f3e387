"""Three machines: one does everything; two leave rules out, so that the others meet more often."""

from tests.machine.paying import Paying
from tests.machine.paying_out import PayingOut


class Everything(PayingOut):
    pass


class Contested(Paying):
    """Payments that are contested and given back from both sides, while their money is spent."""

    a_sponsor_pays_for_play = somebody_earns = who_waits_is_paid = None
    somebody_gives_to_the_pool = automatic_giving_looks = an_account_is_set_right = None
    the_player_pays = the_player_gives_up = the_bank_decides = refunds_become_slow = None


class PaidOut(PayingOut):
    """Gifts that are paid out, refunded and contested at every point of the way."""

    a_sponsor_pays_for_play = somebody_earns = who_waits_is_paid = None
    somebody_gives_to_the_pool = automatic_giving_looks = an_account_is_set_right = None
    the_player_pays = the_player_gives_up = the_bank_decides = refunds_become_slow = None
    a_top_up_begins = the_player_wants_it_back = a_job_looks_after_payments = a_refund_ends = None
    a_notification_is_overtaken = a_notification_comes = a_debt_is_collected = a_debt_is_forgiven = None
