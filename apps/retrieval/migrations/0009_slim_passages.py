from django.db import migrations

TABLE = "retrieval_indexedpassage"


class Migration(migrations.Migration):
    dependencies = [
        ("retrieval", "0008_wall"),
    ]

    operations = [
        # Texts and places lie beside the table, so that comparing vectors reads little else. Rows that are there stay as they are.
        migrations.RunSQL(
            f"ALTER TABLE {TABLE} SET (toast_tuple_target = 128)", f"ALTER TABLE {TABLE} RESET (toast_tuple_target)"
        ),
    ]
