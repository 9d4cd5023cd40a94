"""Look again, from a shell or from cron, whether anything of what was ever deleted is left."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import Unavailable
from apps.documents.purging import Deleted, check_deleted, deletions


class Command(BaseCommand):
    help = (
        "Look in every table, among the files and in Redis for anything that is left of deleted documents, as the records of "
        "their deletion name them. Ends with status 1 if there is something."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--document", default="", metavar="ID", help="Only the deletion of this document.")

    def handle(self, *, document: str, **_: Any) -> None:
        records = deletions().filter(documents__contains=[document]) if document else deletions()
        deleted = Deleted.by(records.iterator())
        if document and not deleted.documents:
            raise CommandError(f"There is no record of a deletion of {document}.", returncode=1)
        try:
            check = check_deleted(deleted)
        except Unavailable as error:
            raise CommandError(error.detail, returncode=1) from None
        for place, found in check.found.items():
            self.stdout.write(f"{place}: {found or 'nothing'}")
        if check.remains:
            raise CommandError(f"{check.remains} traces of deleted documents are left.", returncode=1)
        self.stdout.write(f"Nothing is left of {len(deleted.documents)} deleted documents.")
