"""What the import contracts in pyproject.toml cannot say about the code, said here."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config.settings import BASE_DIR

APPS = BASE_DIR / "apps"
DOMAIN = [
    "evaluation",
    "ingestion",
    "reasoning",
    "usage",
    "verification",
    "serving",
    "retrieval",
    "documents",
    "accounts",
    "audit",
    "core",
]
LONGEST_MODULE, LONGEST_FUNCTION = 400, 70

ONE_PLACE = {
    "sentence_transformers": "apps/retrieval/",
    "openvino": "apps/retrieval/quantised",
    "pypdfium2": "apps/documents/parsers/pdf/",
    "docx": "apps/documents/parsers/word/docx.py",
    "httpx": "apps/serving/",
}
"""Libraries that may be swapped: each is imported in one module or one room, behind a protocol."""


def _modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (BASE_DIR / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts and ".venv" not in path.parts]


OURS = _modules("apps", "config", "standalone", "inference")
SERVICES = sorted([*APPS.glob("*/services.py"), *APPS.glob("*/services/[!_]*.py")])


def _name(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("app", DOMAIN)
def test_the_domain_does_not_know_http(app: str) -> None:
    delivery = {"adapters.py", "admin.py"}
    offenders = [
        _name(path)
        for path in _modules(f"apps/{app}")
        if path.name not in delivery
        and "management" not in path.parts
        and any(name == "django.http" or name.startswith(("django.http.", "django.views")) for name in _imports(path))
    ]
    assert not offenders


def test_there_are_no_model_signals() -> None:
    offenders = [
        _name(path)
        for path in _modules("apps", "config")
        if any(name.startswith(("django.db.models.signals", "django.dispatch")) for name in _imports(path))
    ]
    assert not offenders


@pytest.mark.parametrize("library", ONE_PLACE)
def test_a_library_that_may_be_swapped_is_imported_in_one_place(library: str) -> None:
    importers = {
        _name(path)
        for path in _modules("apps", "config")
        if any(name == library or name.startswith(f"{library}.") for name in _imports(path))
    }
    assert importers
    assert not [name for name in importers if not name.startswith(ONE_PLACE[library])]


def test_the_model_service_knows_nothing_of_the_application() -> None:
    offenders = [
        _name(path)
        for path in _modules("inference")
        if any(name.split(".")[0] in {"apps", "config", "django"} for name in _imports(path))
    ]
    assert not offenders


@pytest.mark.parametrize("path", SERVICES, ids=_name)
def test_every_service_that_changes_something_records_it(path: Path) -> None:
    """A public function that takes a scope calls `record`, itself or through another function that it calls.

    Names are followed inside the module and into other services; what is only read is a queryset method, not a service.
    """
    recording = _recording_functions()
    public = [f for f in _functions(path) if not f.name.startswith("_") and any(a.arg == "scope" for a in f.args.args)]
    assert public
    assert not [function.name for function in public if function.name not in recording]


def _recording_functions() -> set[str]:
    """Return the names of the functions of all services from which a call of `record` is reached."""
    calls = {function.name: _called(function) for path in SERVICES for function in _functions(path)}
    recording = {"record"}
    while grown := {name for name, called in calls.items() if called & recording} - recording:
        recording |= grown
    return recording


def _called(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    targets = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "") for target in targets}


@pytest.mark.parametrize("path", SERVICES, ids=_name)
def test_a_record_is_written_in_the_transaction_of_its_change(path: Path) -> None:
    outside = [
        f"{_name(path)}:{call.lineno}"
        for function in _functions(path)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "record"
        and not _inside_atomic(function, call)
    ]
    assert not outside


def _inside_atomic(function: ast.AST, call: ast.Call) -> bool:
    blocks = [node for node in ast.walk(function) if isinstance(node, ast.With)]
    return any(
        "atomic" in ast.unparse(item.context_expr) and call in ast.walk(block)
        for block in blocks
        for item in block.items
    )


def test_every_module_can_be_read_in_one_sitting() -> None:
    assert not [_name(path) for path in OURS if len(path.read_text().splitlines()) > LONGEST_MODULE]


def test_every_function_fits_a_screen() -> None:
    assert not [
        f"{_name(path)}:{function.name}"
        for path in OURS
        for function in _functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]


def test_every_module_says_what_it_is_for() -> None:
    written = [path for path in OURS if path.read_text().strip() and path.name != "apps.py"]
    assert not [_name(path) for path in written if not ast.get_docstring(_tree(path))]


def test_nothing_is_called_utils() -> None:
    vague = {"utils", "helpers", "common", "misc", "selectors", "signals"}
    assert not [_name(path) for path in _modules("apps") if path.stem in vague]
