"""Endpoints from a shell: which there are, adding, changing, testing, ordering and removing one, sealing their keys anew."""

import os
import sys
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from getpass import getpass
from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.scope import Scope
from apps.core.errors import Invalid, ToulminError
from apps.serving import services
from apps.serving.endpoint_fields import PRICES, EndpointFields
from apps.serving.endpoints import ENVIRONMENT, endpoint_of_environment
from apps.serving.kinds import Kind
from apps.serving.models import Auth, Endpoint
from apps.serving.trial import Finding

_KEY_VARIABLE = "TOULMIN_ENDPOINT_KEY"
_TEXTS = ("name", "kind", "base_url", "api_version", "model", "auth", "tenant", "client", "currency")
_NUMBERS = ("at_once", "gpus", "watts")
_SIGNS = {"ok": "+", "note": "·", "bad": "!"}


class Command(BaseCommand):
    help = (
        "Looks after the endpoints that answer. A key is never given as an argument, where others on the machine could read"
        f" it: it is asked for, or read from a file (--key-file, “-” for standard input) or from {_KEY_VARIABLE}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="first to be asked first")
        add = verbs.add_parser("add", help="add one, to be asked after all others")
        add.add_argument("--name", required=True)
        add.add_argument("--kind", required=True, choices=Kind.values)
        add.add_argument("--url", required=True, dest="base_url", help="as the provider shows it")
        change = verbs.add_parser("change", help="change one; what is not given stays")
        change.add_argument("endpoint", help="its name")
        change.add_argument("--name")
        change.add_argument("--kind", choices=Kind.values)
        change.add_argument("--url", dest="base_url")
        for verb in (add, change):
            _add_fields(verb)
        test = verbs.add_parser("test", help="test the connection")
        test.add_argument("endpoint", help=f"its name, or “{ENVIRONMENT}”")
        order = verbs.add_parser("order", help="set the order in which endpoints are asked")
        order.add_argument("endpoints", nargs="+", help="the names of all, first to be asked first")
        remove = verbs.add_parser("remove", help="remove one and its key")
        remove.add_argument("endpoint")
        verbs.add_parser(
            "reseal", help="seal all keys under the present secret key, so that a former one can be forgotten"
        )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"_{verb}")(Scope.of_system(), options)
        except Invalid as error:
            reasons = [f"  {name}: {' '.join(messages)}" for name, messages in error.errors.items()]
            raise CommandError("\n".join([error.detail, *reasons])) from None
        except ToulminError as error:
            raise CommandError(error.detail) from None

    def _list(self, scope: Scope, options: dict[str, Any]) -> None:
        if first := endpoint_of_environment():
            self.stdout.write(f"{ENVIRONMENT}  {first.kind}  {first.base_url}  {first.model or 'first listed'}")
        rows = list(Endpoint.objects.all())
        for row in rows:
            off = "" if row.enabled else "  (off)"
            self.stdout.write(f"{row.name}  {row.kind}  {row.base_url}  {row.model or 'first listed'}{off}")
        if not rows and not first:
            self.stdout.write("There is no endpoint yet. Add one, or name one with TOULMIN_LLM_BASE_URL.")

    def _add(self, scope: Scope, options: dict[str, Any]) -> None:
        endpoint = services.add_endpoint(scope, **_fields(options))
        self.stdout.write(f"Added: {endpoint}. Try it with: endpoint test “{endpoint}”.")

    def _change(self, scope: Scope, options: dict[str, Any]) -> None:
        endpoint = services.change_endpoint(scope, _named(options["endpoint"]), **_fields(options))
        self.stdout.write(f"Changed: {endpoint}.")

    def _test(self, scope: Scope, options: dict[str, Any]) -> None:
        name = options["endpoint"]
        failed = False
        for finding in services.test_endpoint(scope, ENVIRONMENT if name == ENVIRONMENT else str(_named(name).pk)):
            self.stdout.write(_line(finding))
            failed = failed or finding.state == "bad"
        if failed:
            raise CommandError("The endpoint cannot be used as it is.")

    def _order(self, scope: Scope, options: dict[str, Any]) -> None:
        ordered = services.order_endpoints(scope, [_named(name).pk for name in options["endpoints"]])
        self.stdout.write("Asked in this order: " + ", ".join(row.name for row in ordered) + ".")

    def _remove(self, scope: Scope, options: dict[str, Any]) -> None:
        services.remove_endpoint(scope, _named(options["endpoint"]))
        self.stdout.write("Removed.")

    def _reseal(self, scope: Scope, options: dict[str, Any]) -> None:
        count = services.reseal_endpoints(scope)
        self.stdout.write(f"Keys sealed under the present secret key: {count}.")


def _add_fields(parser: ArgumentParser) -> None:
    parser.add_argument("--model", help="name of the model; on Azure, of the deployment")
    parser.add_argument("--api-version", help="Azure only")
    parser.add_argument("--auth", choices=Auth.values, help="what proves who asks; without it, a key if one is given")
    parser.add_argument("--key-file", help="file that holds the key or the client secret; “-”: standard input")
    parser.add_argument("--tenant", help="with --auth entra")
    parser.add_argument("--client", help="with --auth entra: client id of the application")
    parser.add_argument("--on", dest="enabled", action="store_true", default=None)
    parser.add_argument("--off", dest="enabled", action="store_false", default=None)
    parser.add_argument("--at-once", type=int, help="answers written at the same time; 0: no limit")
    parser.add_argument("--gpus", type=int)
    parser.add_argument("--watts", type=int)
    parser.add_argument("--currency", help="ISO 4217, of all prices")
    for name in PRICES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=_price)


def _fields(options: dict[str, Any]) -> EndpointFields:
    """Return what was given, with the key from where it lies."""
    names = (*_TEXTS, *_NUMBERS, *PRICES, "enabled")
    given = {name: options[name] for name in names if options.get(name) is not None}
    if key := _key(options):
        given["key"] = key
    return cast(EndpointFields, given)


def _key(options: dict[str, Any]) -> str:
    if path := options["key_file"]:
        try:
            return (sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")).strip()
        except OSError as error:
            raise CommandError(f"The file with the key cannot be read: {error.strerror}.") from None
    if key := os.environ.get(_KEY_VARIABLE, ""):
        return key
    if options["auth"] in {Auth.KEY, Auth.ENTRA} and sys.stdin.isatty():
        return getpass("Key, not shown: ")
    return ""


def _named(name: str) -> Endpoint:
    row = Endpoint.objects.filter(name=name).first()
    if row is None:
        raise CommandError(f"There is no endpoint named “{name}”. “endpoint list” says which there are.")
    return row


def _price(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


def _line(finding: Finding) -> str:
    said = (finding.values or {}).get("said", "")
    lines = [f"{_SIGNS[finding.state]} {finding.text} {finding.advice}".rstrip()]
    return "\n".join([*lines, f"    {said}"] if said else lines)
