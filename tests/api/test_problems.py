"""Every error of the interface has one shape, wherever it arises."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.api import errors, limits
from apps.api.errors import PROBLEMS, STATUS, TITLES
from apps.api.routers import collections
from apps.core import errors as vocabulary
from apps.web.views.errors import STATUS as PAGES
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem
from tests.factories import scope_of

pytestmark = pytest.mark.django_db

RAISED = [
    (vocabulary.NotSignedIn("Sign in."), 401, "not_signed_in"),
    (vocabulary.NotAllowed("Ask somebody."), 403, "not_allowed"),
    (vocabulary.NotFound(), 404, "not_found"),
    (vocabulary.Conflict("It is taken."), 409, "conflict"),
    (vocabulary.TooLarge("Send less."), 413, "too_large"),
    (vocabulary.Invalid("Correct it.", errors={"name": ["Empty."]}), 422, "invalid"),
    (vocabulary.TooMany("Wait.", retry_after=7), 429, "too_many"),
    (vocabulary.Unavailable("It is down."), 503, "unavailable"),
    (vocabulary.Transient("Try again."), 503, "transient"),
    (RedisConnectionError("refused"), 503, "unavailable"),
    (RuntimeError("secret detail"), 500, "failed"),
]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def arrange(error: Exception) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr(collections, "page_of", fail)

    return arrange


@pytest.mark.parametrize(("error", "status", "code"), RAISED, ids=lambda value: getattr(value, "code", None))
def test_what_the_domain_raises_is_answered_as_a_problem(
    ingrid: Caller, raising: Any, error: Exception, status: int, code: str
) -> None:
    raising(error)
    response = ingrid.get("/collections")
    problem = assert_problem(response, status, code)
    assert "secret" not in response.content.decode()
    if status == 422:
        assert problem["errors"] == {"name": ["Empty."]}
    if status == 429:
        assert response["Retry-After"] == "7"


def test_an_exact_code_is_kept(ingrid: Caller, raising: Any) -> None:
    raising(vocabulary.Invalid("This kind of file cannot be read.", code="unsupported"))
    assert_problem(ingrid.get("/collections"), 422, "unsupported")


def test_every_error_of_the_vocabulary_has_a_status_a_title_and_a_line_in_the_reference() -> None:
    kinds = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    kinds.remove(vocabulary.ToulminError)
    documented = {code: status for code, status, _ in PROBLEMS}
    for kind in kinds:
        status = next(status for base, status in STATUS.items() if issubclass(kind, base))
        assert documented[kind.code] == status
        assert status in TITLES


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/me", "/api/", "/api/v1/documents/not-an-id"])
def test_unknown_addresses_are_problems(path: str) -> None:
    assert_problem(Client().get(path), 404, "not_found")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(ingrid: Caller) -> None:
    response = ingrid("delete", "/collections")
    assert_problem(response, 405, "method_not_allowed")
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


def test_a_body_that_is_no_json_is_a_problem(ingrid: Caller) -> None:
    response = ingrid.client.post(
        "/api/v1/collections",
        "{not json",
        content_type="application/json",
        headers={"Authorization": f"Bearer {ingrid.secret}"},
    )
    assert_problem(response, 400, "malformed")


def test_fields_that_are_wrong_are_named(ingrid: Caller) -> None:
    problem = assert_problem(ingrid("post", "/collections", {"description": 7, "nme": "x"}), 422, "invalid")
    assert problem["errors"] == {
        "name": ["This field is needed."],
        "description": ["Input should be a valid string."],
        "nme": ["There is no such field."],
    }


def test_a_body_beyond_the_limit_is_a_problem(ingrid: Caller, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert_problem(ingrid("post", "/collections", {"name": "x" * 100}), 413, "too_large")


def test_calls_are_limited_for_each_caller(ingrid: Caller, boris: Caller) -> None:
    scope = scope_of(ingrid.user)
    for _ in range(3):
        limits.spend(scope, "test", 3)
    with pytest.raises(vocabulary.TooMany) as raised:
        limits.spend(scope, "test", 3)
    assert 1 <= raised.value.retry_after <= 60
    limits.spend(scope_of(boris.user), "test", 3)
    limits.spend(scope, "another", 3)


def test_statuses_agree_with_those_of_pages() -> None:
    assert errors.STATUS.items() <= PAGES.items()
