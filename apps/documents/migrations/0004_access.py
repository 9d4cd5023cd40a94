import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OPEN = """
INSERT INTO documents_access (collection_id, narrowed, key) SELECT id, false, '' FROM documents_collection;
UPDATE documents_document AS document SET access_id = access.id
FROM documents_access AS access WHERE access.collection_id = document.collection_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("documents", "0003_resumable_uploads"),
    ]

    operations = [
        migrations.CreateModel(
            name="Access",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("narrowed", models.BooleanField()),
                (
                    "key",
                    models.CharField(
                        blank=True, help_text="Hash of who was named; empty where it is open.", max_length=64
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accesses",
                        to="documents.collection",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("collection", "key"), name="one_access_a_set_of_readers")
                ]
            },
        ),
        migrations.CreateModel(
            name="AccessReader",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readers", to="documents.access"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("group__isnull", True), ("user__isnull", False))
                        | models.Q(("group__isnull", False), ("user__isnull", True)),
                        name="access_names_one_principal",
                    ),
                    models.UniqueConstraint(fields=("access", "user"), name="one_access_reader_a_user"),
                    models.UniqueConstraint(fields=("access", "group"), name="one_access_reader_a_group"),
                ]
            },
        ),
        migrations.AddField(
            model_name="document",
            name="access",
            field=models.ForeignKey(
                help_text="Who may read it.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="documents.access",
            ),
        ),
        migrations.RunSQL(OPEN, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="document",
            name="access",
            field=models.ForeignKey(
                help_text="Who may read it.",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="documents.access",
            ),
        ),
    ]
