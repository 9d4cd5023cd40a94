"""Load the sample collection, so that a new installation has something to answer from."""

import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from apps.accounts.management.answering import in_words, person
from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.actors import acting
from apps.audit.models import Record
from apps.documents.models import Collection, Role
from apps.documents.services import create_collection
from apps.ingestion.services import upload_document

SAMPLES = Path(__file__).resolve().parents[4] / "samples"
_PIECE = 1024 * 1024


class Command(BaseCommand):
    help = (
        "Load the sample collection for one person, who becomes its manager. Running it again adds only what is missing; "
        "the documents are read by the ingestion worker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who is to manage the collection")
        parser.add_argument(
            "--once", action="store_true", help="do nothing if the samples were ever loaded here, even if deleted since"
        )

    @in_words
    def handle(self, *args: Any, owner: str, once: bool, **options: Any) -> None:
        if once and Record.objects.filter(action=Action.SAMPLES_LOADED).exists():
            self.stdout.write("The samples were loaded before; nothing was done.")
            return
        scope = Scope.of_user(person(owner))
        with acting(scope.actor):
            collection, added = load(scope)
        self.stdout.write(f"“{collection.name}” belongs to {owner}; {added} documents were added.")


def load(scope: Scope) -> tuple[Collection, int]:
    """Return the sample collection of the scope's person, made and filled as far as it was not, and how much was added."""
    contents = tomllib.loads((SAMPLES / "collection.toml").read_text(encoding="utf-8"))
    collection = Collection.objects.visible_to(scope, Role.MANAGER).filter(is_sample=True).first() or create_collection(
        scope, name=contents["name"], description=contents["description"], is_sample=True
    )
    added = 0
    for entry in contents["documents"]:
        _, duplicate = upload_document(
            scope,
            collection,
            _pieces(SAMPLES / "files" / entry["file"]),
            filename=entry["file"],
            title=entry["title"],
            language=entry["language"],
        )
        added += not duplicate
    if added:
        with transaction.atomic():
            log.record(Action.SAMPLES_LOADED, collection, collection=collection.pk, data={"documents": added})
    return collection, added


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
