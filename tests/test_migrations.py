"""Migrations are complete, linear, and name what they do."""

import re
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.core.management import call_command

from config.settings import BASE_DIR

OURS = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
WITH_TABLES = [config for config in OURS if list(config.get_models())]


@pytest.mark.django_db
def test_every_change_to_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("config", WITH_TABLES, ids=lambda config: config.label)
def test_migrations_form_one_line_with_names(config: AppConfig) -> None:
    folder = Path(config.path) / "migrations"
    names = sorted(path.stem for path in folder.glob("[0-9]*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert (folder / "max_migration.txt").read_text().strip() == names[-1]
    assert not [name for name in names if re.fullmatch(r"\d{4}_auto_.*|\d{4}_merge_.*", name)]


def test_no_migration_lies_outside_an_app() -> None:
    known = {Path(config.path) / "migrations" for config in OURS}
    found = {path.parent for path in (BASE_DIR / "apps").rglob("migrations/0*.py")}
    assert found <= known
