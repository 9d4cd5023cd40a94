"""The contract as a document and as a page. To accept a change: `ACCEPT_CONTRACT=1 bin/test tests/api/test_reference.py`."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.api.api import api
from apps.api.reference import sections_of

SNAPSHOT = Path(__file__).parent / "openapi.json"

pytestmark = pytest.mark.django_db

CONTRACT = """
GET /me
GET POST /collections
GET PATCH DELETE /collections/{id}
GET PUT DELETE /collections/{id}/grants
GET POST /groups
GET POST /users
GET POST /documents
GET PATCH DELETE /documents/{id}
GET /documents/{id}/events
GET /documents/{id}/content
GET /documents/{id}/pages/{number}.png
GET /documents/{id}/original
POST /documents/{id}/reprocess
POST /documents/{id}/cancel
POST /search
GET POST /answers
GET /answers/{id}
GET /answers/{id}/events
POST /answers/{id}/cancel
POST /answers/{id}/feedback
GET /models
GET /usage
GET POST /budgets
PATCH DELETE /budgets/{id}
GET POST /endpoints
GET PATCH DELETE /endpoints/{id}
POST /endpoints/{id}/test
GET /audit/records
GET /audit/records/{sequence}
GET /audit/verify
"""


@pytest.fixture
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return found


def test_the_contract_changes_only_on_purpose(document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("ACCEPT_CONTRACT"):
        SNAPSHOT.write_text(text)
    assert SNAPSHOT.read_text() == text


@pytest.mark.parametrize("line", CONTRACT.strip().splitlines())
def test_every_call_of_the_contract_is_there(document: dict[str, Any], line: str) -> None:
    *methods, path = line.split()
    assert {method.lower() for method in methods} <= set(document["paths"][f"/api/v1{path}"])


def test_every_operation_needs_a_caller_and_knows_problems(document: dict[str, Any]) -> None:
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for operation in operations:
        assert operation["security"] == [{"Bearer": []}]
        assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_every_reference_inside_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert {"Answer", "Document", "Passage", "Record", "Problem"} <= names
    assert names <= set(document["components"]["schemas"])


def test_the_page_lists_every_operation_and_runs_under_the_strict_policy(document: dict[str, Any]) -> None:
    response = Client().get("/api/v1/docs")
    page = response.content.decode()
    assert response.status_code == 200
    for section in sections_of(document):
        for operation in section.operations:
            assert f"{operation.method} {operation.path}".replace("{", "&#x7B;") in page or operation.path in page
            assert f'id="{operation.id}"' in page
    assert 'id="not_found"' in page
    assert page.count("<h1") == 1
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", page)


def test_the_document_is_served(document: dict[str, Any]) -> None:
    assert Client().get("/api/v1/openapi.json").json() == document
