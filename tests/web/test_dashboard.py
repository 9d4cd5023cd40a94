"""The dashboard asks only for metrics that exist: ours as the code names them, vLLM's as its source does."""

import json
import re
from typing import Any

import pytest
import yaml

from apps.web import metrics
from config.env import ROOT

FOLDER = ROOT / "deploy" / "grafana"
BOARD: dict[str, Any] = json.loads((FOLDER / "toulmin.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
SOURCE = (ROOT / "apps" / "web" / "metrics.py").read_text(encoding="utf-8")
PARTS_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")


def ours() -> set[str]:
    plain = set(re.findall(r'Family\(\s*"(toulmin_\w+)", "(?:counter|gauge)"', SOURCE))
    return plain | {name + part for name in metrics._SECONDS for part in PARTS_OF_HISTOGRAMS}


def vllms() -> set[str]:
    names = (ROOT / "tests" / "files" / "vllm-0.32-metrics.txt").read_text(encoding="utf-8").splitlines()[1:]
    return {name + part for name in names for part in ("", "_total", *PARTS_OF_HISTOGRAMS)}


def asked() -> set[str]:
    text = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    return set(re.findall(r"(?:toulmin_|vllm:)\w+", text))


def test_every_metric_that_is_asked_for_exists() -> None:
    assert asked() - ours() - vllms() == set()


def test_both_the_application_and_the_model_server_are_on_it() -> None:
    assert len([name for name in asked() if name.startswith("toulmin_")]) > 12
    assert len([name for name in asked() if name.startswith("vllm:")]) > 8


@pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
def test_a_panel_has_a_place_a_title_and_something_to_show(panel: dict[str, Any]) -> None:
    place = panel["gridPos"]
    assert panel["title"]
    assert panel["targets"]
    assert place["x"] + place["w"] <= 24


def test_panels_do_not_lie_on_each_other() -> None:
    cells = [
        (x, y)
        for panel in BOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))


def test_the_example_for_prometheus_reads_both_where_they_are() -> None:
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs} == {
        "toulmin": ["web:8000"],
        "vllm": ["model:8080"],
    }
