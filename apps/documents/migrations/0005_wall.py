from typing import Any

from django.db import migrations

from apps.documents.walls import lower_wall, raise_wall


def raise_(apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        raise_wall(cursor)


def lower(apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        lower_wall(cursor)


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0004_access"),
    ]

    operations = [migrations.RunPython(raise_, lower)]
