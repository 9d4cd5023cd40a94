"""Have documents read again that an older parser has read, from a shell, after an upgrade."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.scope import Scope
from apps.audit.actors import acting
from apps.documents.models import Collection
from apps.ingestion.services import reprocess_outdated


class Command(BaseCommand):
    help = (
        "Have the documents read again that an older parser has read. They answer as before until that is done; what is being "
        "read just now is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--collection", default="", metavar="ID", help="only this collection; without it, all")

    def handle(self, *args: Any, collection: str, **options: Any) -> None:
        scope = Scope.of_system()
        with acting(scope.actor):
            counts = {chosen.name: reprocess_outdated(scope, chosen) for chosen in _chosen(collection)}
        for name, count in counts.items():
            if count:
                self.stdout.write(f"“{name}”: {count} documents wait to be read again.")
        self.stdout.write(f"{sum(counts.values())} documents in all.")


def _chosen(pk: str) -> list[Collection]:
    if not pk:
        return list(Collection.objects.all())
    try:
        return [Collection.objects.get(pk=pk)]
    except (Collection.DoesNotExist, ValidationError):
        raise CommandError(f"There is no collection {pk}.") from None
