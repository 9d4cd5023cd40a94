import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Func, Value

NUMBERS = "retrieval_passage_numbers"
FILL = """
UPDATE retrieval_indexedpassage AS passage SET access_id = document.access_id
FROM documents_document AS document WHERE document.id = passage.document_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0004_access"),
        ("retrieval", "0004_pending_passages"),
    ]

    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE {NUMBERS}", f"DROP SEQUENCE {NUMBERS}"),
        migrations.AddField(
            model_name="indexedpassage",
            name="number",
            field=models.BigIntegerField(
                db_default=Func(Value(NUMBERS), function="nextval", output_field=models.BigIntegerField()),
                editable=False,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="indexedpassage",
            name="access",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="documents.access",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="indexedpassage",
            name="access",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="documents.access",
            ),
        ),
        migrations.AlterField(
            model_name="indexedpassage",
            name="collection",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="documents.collection",
            ),
        ),
        migrations.RemoveIndex(model_name="indexedpassage", name="passage_in_force"),
        migrations.AddIndex(
            model_name="indexedpassage",
            index=models.Index(
                condition=models.Q(("in_force", True)),
                fields=["access", "generation", "language"],
                name="passage_in_force",
            ),
        ),
    ]
