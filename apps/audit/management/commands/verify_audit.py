"""Check the chain of records from a shell or from cron."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.audit import log
from apps.audit.actions import Action
from apps.audit.bounds import numbers
from apps.core.errors import Invalid


class Command(BaseCommand):
    help = (
        "Check that no record was changed, removed or slipped in. Ends with status 1 at the first that does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", default="", help="First record: its number, a date or a time.")
        parser.add_argument("--to", dest="last", default="", help="Last record: its number, a date or a time.")

    def handle(self, *, first: str, last: str, **_: Any) -> None:
        try:
            start, end = numbers(first, last)
        except Invalid as error:
            raise CommandError(error.detail) from None
        found = log.verify_chain(start=start, end=end)
        with transaction.atomic():
            log.record(
                Action.AUDIT_VERIFIED,
                data={"ok": found.ok, "checked": found.checked, "from": start, "to": end, "first_bad": found.first_bad},
            )
        if not found.ok:
            raise CommandError(f"The chain does not hold at record {found.first_bad}. {found.problem}", returncode=1)
        if not found.checked:
            self.stdout.write("There are no records to check.")
            return
        reach = f"records {start} to {start + found.checked - 1}"
        self.stdout.write(
            f"The chain is whole: {reach}, {found.checked} in all, each hash, link and index column agrees. "
            f"The newest record is {found.head.sequence}, hash {found.head.hash}."
        )
