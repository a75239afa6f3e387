"""What each field of work asks of applicants, and how it looks."""

from django.db import migrations

FOR_ALL = [
    "Entered in the RUNTS, with its number and section.",
    "At least six months of documented activity and two years of accounts.",
    "A clear mission and clear beneficiaries; no party, no union, no profit.",
]
STANDARDS = [
    "Administration below 25 % of spending, programmes above 65 %.",
    "A board of 7 to 15 people, most of them independent.",
    "Accounts published every year, results told every three months.",
]
EXTRA = {
    "healthcare": ["Authorisations of the health services it works with.", "An operational plan and a certificate of compliance."],
    "education": ["Child protection policy.", "An operational plan and evidence of impact."],
    "environment": ["Evidence of impact and a certificate of compliance."],
    "social_services": ["Child and adult protection policy.", "An operational plan and evidence of impact."],
    "humanitarian": ["Security policy for staff abroad.", "An operational plan and a certificate of compliance."],
    "arts_culture": ["An operational plan."],
    "animal_welfare": ["Authorisation of the veterinary service.", "An operational plan and a certificate of compliance."],
}
LOOKS = {
    "healthcare": ("heart-pulse", "#b3261e"),
    "education": ("book-open", "#8a5a00"),
    "environment": ("leaf", "#1d6149"),
    "social_services": ("hands", "#6b4a9c"),
    "humanitarian": ("life-ring", "#a33b1d"),
    "arts_culture": ("music", "#8c2f6b"),
    "animal_welfare": ("paw", "#5d6b1a"),
    "research": ("flask", "#1f5f8b"),
    "community": ("houses", "#2f6f6f"),
    "other": ("star", "#54635b"),
}


def fill(apps, schema_editor):
    model = apps.get_model("accounts", "OnlusCategory")
    for category, (icon, color) in LOOKS.items():
        model.objects.filter(category=category, icon="").update(
            icon=icon,
            color=color,
            verification_requirements=FOR_ALL + EXTRA.get(category, []),
            compliance_standards=STANDARDS,
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_categories_and_totals")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
