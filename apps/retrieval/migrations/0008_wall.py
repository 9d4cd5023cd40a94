from typing import Any

from django.db import migrations

from apps.documents.walls import raise_wall


def raise_(apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        raise_wall(cursor)


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0005_wall"),
        ("retrieval", "0007_postings"),
    ]

    operations = [migrations.RunPython(raise_, migrations.RunPython.noop)]
