"""The ten fields of work."""

from django.db import migrations

CATEGORIES = [
    ("healthcare", "Health", "Salute", "Care for the ill and their families, prevention, medical research support."),
    ("education", "Education", "Istruzione", "Schools, after-school help, scholarships, training."),
    ("environment", "Environment", "Ambiente", "Protecting land, water, air and biodiversity."),
    ("social_services", "Social services", "Servizi sociali", "Help for people in hardship, the elderly, people with disabilities."),
    ("humanitarian", "Humanitarian aid", "Aiuti umanitari", "Emergency relief and international cooperation."),
    ("arts_culture", "Arts and culture", "Arte e cultura", "Heritage, music, theatre, libraries, amateur sport."),
    ("animal_welfare", "Animal welfare", "Benessere animale", "Shelters, rescue, protection of wildlife."),
    ("research", "Research", "Ricerca", "Scientific research in the public interest."),
    ("community", "Community", "Comunità", "Neighbourhoods, civic participation, local development."),
    ("other", "Other", "Altro", "Everything else that serves the common good."),
]


def add(apps, schema_editor):
    model = apps.get_model("accounts", "OnlusCategory")
    for place, (code, name, name_it, description) in enumerate(CATEGORIES):
        columns = {"name": name, "name_it": name_it, "description": description, "priority": len(CATEGORIES) - place}
        model.objects.get_or_create(category=code, defaults=columns)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
