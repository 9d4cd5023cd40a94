"""The documents say what the code says: settings, actions, codes, commands and links."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from apps.api.errors import PROBLEMS
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.core import errors
from apps.core.errors import ToulminError
from config.env import ROOT, Env
from standalone.settings import StandaloneEnv
from tests.docs_tables import example_lines, setting_row, variable_name

FIELDS = [*Env.model_fields.items(), *StandaloneEnv.model_fields.items()]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "samples" / "README.md"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[name for name, _ in FIELDS])
def test_configuration_describes_the_setting_as_the_code_does(name: str, field: object) -> None:
    assert setting_row(name, field) in read("docs/configuration.md")  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[name for name, _ in FIELDS])
def test_the_example_of_an_environment_holds_the_setting_with_its_default(name: str, field: object) -> None:
    assert example_lines(name, field) in read(".env.example")  # type: ignore[arg-type]


def test_nothing_is_described_that_cannot_be_set() -> None:
    compose = set(re.findall(r"TOULMIN_\w+", read("docker-compose.yml") + read("deploy/entrypoint.sh")))
    known = {variable_name(name) for name, _ in FIELDS} | compose
    described = set(re.findall(r"^\| `(TOULMIN_\w+)`", read("docs/configuration.md"), re.MULTILINE))
    assert described <= known
    assert set(re.findall(r"^#(TOULMIN_\w+)=", read(".env.example"), re.MULTILINE)) == described


def test_every_audited_action_is_listed_with_its_words_and_what_it_holds() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+?) \| (.+?) \|$", read("docs/audit.md"), re.MULTILINE)
    assert [(value, label) for value, label, _ in rows] == [(action.value, str(action.label)) for action in Action]


def test_every_code_of_a_problem_is_listed_with_its_status() -> None:
    text = read("docs/api.md")
    assert all(f"| `{code}` | {status} | {meaning} |" in text for code, status, meaning in PROBLEMS)


def test_every_error_of_the_vocabulary_has_a_code_that_the_interface_lists() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ToulminError)]
    assert {kind.code for kind in kinds if kind is not ToulminError} <= {code for code, _, _ in PROBLEMS}


def test_commands_that_are_shown_exist() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    for script in set(re.findall(r"(?<![\w/.])bin/([a-z]+)", text)):
        assert (ROOT / "bin" / script).exists(), script
    for command in set(re.findall(r"bin/manage ([a-z_]+)|entrypoint\.sh ([a-z_]+)", text)):
        assert "".join(command) in get_commands(), command


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)|src(?:set)?=\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    for target in ("".join(found) for found in targets):
        if "://" not in target:
            assert (path.parent / target.split("#")[0]).exists(), target


def test_modules_that_are_named_exist() -> None:
    apps = [path.name for path in (ROOT / "apps").iterdir() if path.is_dir()]
    for name in re.findall(rf"`((?:{'|'.join(apps)})/[\w/]+\.py)`", read("docs/architecture.md")):
        assert (ROOT / "apps" / name).exists(), name


def test_decisions_are_numbered_without_gaps_and_all_in_the_first() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    first = (ROOT / "docs" / "decisions" / names[0]).read_text(encoding="utf-8")
    assert all(f"]({name})" in first for name in names[1:])


@pytest.mark.django_db
def test_the_program_in_the_document_checks_a_chain_that_this_one_wrote(tmp_path: Path) -> None:
    for action in (Action.SIGNED_IN, Action.SIGNED_OUT, Action.SEARCHED):
        log.record(action, data={"query": "Überfahrt — 1.234,56 €"})
    whole = [
        f"{entry.sequence} {entry.hash} {bytes(entry.body).hex()}" for entry in Record.objects.order_by("sequence")
    ]
    assert f"{len(whole)} records hold" in _check(whole, tmp_path)
    changed = [*whole[:-1], whole[-1].replace(b"query".hex(), b"quory".hex())]
    assert f"does not hold at record {len(whole)}" in _check(changed, tmp_path)
    assert "does not hold at record 1" in _check(whole[1:], tmp_path)


def _check(lines: list[str], folder: Path) -> str:
    found = re.search(r"```python\n(.*?)```", read("docs/audit.md"), re.DOTALL)
    assert found is not None
    script = folder / "check.py"
    script.write_text(found[1], encoding="utf-8")
    done = subprocess.run([sys.executable, script], input="\n".join(lines), capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
