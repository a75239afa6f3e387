from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("donations", "0035_default_rules")]
    operations = [migrations.DeleteModel(name="ReviewThreshold")]
