"""What assessments found, in words: for the people of an organisation, and for staff."""

from typing import Any

from django.utils.translation import gettext_lazy as _

CATEGORIES: dict[str, Any] = {
    "financial_transparency": _("Financial transparency"),
    "operational_efficiency": _("How allocations are carried out"),
    "governance": _("Governance"),
    "impact_reporting": _("Reporting of impact"),
    "regulatory_compliance": _("Register and law"),
    "donor_trust": _("Trust of donors"),
    "overall": _("The whole"),
}

MOVES: dict[str, Any] = {
    "success": _("Allocations that gave something"),
    "efficiency": _("How much of what was aimed at was given"),
    "processing": _("How long allocations took"),
    "tax_id": _("Codice fiscale"),
    "incorporation_date": _("Day of incorporation"),
    "legal_form": _("Legal form"),
    "verification_level": _("Verification level"),
    "status": _("Status of the organisation"),
    "passed_checks": _("Checks that were passed"),
    "failed_checks": _("Checks that failed in the last 30 days"),
    "reported": _("Funded projects followed by reported figures"),
    "well_reported": _("Funded projects followed by three figures or more"),
    "compliance_status": _("Compliance status"),
    "repeat_donors": _("Donors who gave more than once"),
    "completion": _("Gifts that were completed and kept"),
}

ISSUES: dict[str, Any] = {
    "verification_outdated": _("The organisation was verified more than a year ago."),
    "allocations_fail": _("Fewer than four in five allocations gave something."),
    "tax_id_missing": _("The codice fiscale is missing."),
    "legal_form_missing": _("The legal form is missing."),
    "compliance_status_bad": _("The compliance status is not in order."),
}

REMEDIES: dict[str, Any] = {
    "verification_outdated": _(
        "Our staff will ask for your current papers. Keep statute and accounts at hand."
    ),
    "allocations_fail": _("Ask for smaller amounts, with a deadline that leaves time to collect them."),
    "tax_id_missing": _("Write your codice fiscale to our staff, with the paper it stands on."),
    "legal_form_missing": _("Tell our staff your legal form: association, foundation, cooperative."),
    "compliance_status_bad": _("Answer what our staff asked for; a review lifts the status again."),
}

ADVICE: dict[str, Any] = {
    "financial_transparency": _(
        "Have your codice fiscale and the day of incorporation on record, and ask for what can be given."
    ),
    "operational_efficiency": _("Ask for funding in amounts that can be given at once."),
    "governance": _("Complete your legal form, and ask our staff for a higher verification level."),
    "impact_reporting": _("Report at least three figures after each funded project, with evidence."),
    "regulatory_compliance": _("Complete register and tax data, and clear what failed."),
    "overall": _("Begin with what pulls the score down most; each line above says by how much."),
}


def issue_in_words(issue_type: str, description: str) -> Any:
    return description or ISSUES.get(issue_type, issue_type)
