"""Usage, budgets and matters over REST: everybody sees their own, administrators and auditors all."""

import csv
import io
import uuid
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from apps.accounts.models import ApiToken
from apps.accounts.scope import Scope
from apps.reasoning import tasks
from apps.reasoning.models import Answer
from apps.usage.charges import Named
from apps.usage.models import Charge, Matter, Reservation
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem, items
from tests.factories import GroupFactory, scope_of
from tests.usage.conftest import charged, days_ago

pytestmark = pytest.mark.django_db

MONTHLY = {"principal": {"type": "organisation"}, "period": "month", "limit": "5", "currency": "EUR"}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.write_answer, "delay", lambda _answer: None)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def body_of(response: Any) -> str:
    if not response.streaming:
        return str(response.content.decode())

    async def whole() -> bytes:
        return b"".join([part async for part in response])

    return async_to_sync(whole)().decode()


def test_people_see_what_they_took_themselves(ingrid: Caller, boris: Caller) -> None:
    charged(scope_of(ingrid.user), "0.02")
    charged(scope_of(boris.user), "0.50")
    found = ingrid.get("/usage", by="user").json()
    assert [(row["key"], row["label"], row["cost"]) for row in found["items"]] == [
        (str(ingrid.user.pk), "Ingrid Falk", [{"amount": "0.02", "currency": "EUR"}])
    ]
    assert found["total"]["answers"] == 1
    assert ingrid.get("/usage", user=str(boris.user.pk)).json()["total"]["answers"] == 0


@pytest.mark.parametrize("who", ["administrator", "auditor"])
def test_administrators_and_auditors_see_what_all_took(
    who: str, ingrid: Caller, boris: Caller, request: pytest.FixtureRequest
) -> None:
    charged(scope_of(ingrid.user), "0.02")
    charged(scope_of(boris.user), "0.50", claims={"supported": 3, "unchecked": 1})
    found = request.getfixturevalue(who).get("/usage", by="user").json()
    assert [row["label"] for row in found["items"]] == ["Boris Lind", "Ingrid Falk"]
    total = found["total"]
    assert (total["tokens"], total["prompt_tokens"], total["cached_share"]) == (2800, 2000, 0.4)
    assert (total["reasoning_share"], total["claims"], total["unpriced"]) == (0.75, 4, 0)


def test_usage_is_of_the_days_asked_for_and_by_every_dimension(administrator: Caller) -> None:
    scope = scope_of(administrator.user)
    group = GroupFactory(name="Legal")
    of_legal = (Named(str(group.pk), group.name), Named(str(uuid.uuid4()), "Board"))
    charged(scope, "0.02", groups=of_legal, matter="A-1", effort="deep")
    charged(scope, "0.01", at=days_ago(60))
    by_group = administrator.get("/usage", by="group").json()
    assert by_group["overlapping"]
    assert {row["label"] for row in by_group["items"]} == {"Legal", "Board"}
    assert by_group["total"]["answers"] == 1
    for by in ("day", "collection", "model", "effort", "matter", "endpoint", "token"):
        assert administrator.get("/usage", by=by).json()["by"] == by
    assert administrator.get("/usage", matter="A-1", effort="deep").json()["total"]["answers"] == 1
    whole = administrator.get("/usage", **{"from": days_ago(90).date().isoformat(), "by": "day"}).json()
    assert whole["total"]["answers"] == 2
    assert_problem(administrator.get("/usage", **{"from": "2026-02-01", "to": "2026-01-01"}), 422, "invalid")
    assert_problem(administrator.get("/usage", user="nobody"), 422, "invalid")
    assert_problem(administrator.get("/usage", by="weather"), 422, "invalid")


def test_usage_comes_as_a_table_in_which_no_name_is_a_formula(administrator: Caller) -> None:
    group = GroupFactory(name="=HYPERLINK(1)")
    charged(scope_of(administrator.user), "0.02", groups=(Named(str(group.pk), group.name),))
    response = administrator.get("/usage", by="group", format="csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    (row,) = rows(body_of(response))
    assert (row["label"], row["answers"], row["cost"]) == ("'=HYPERLINK(1)", "1", "0.02 EUR")


def test_every_charge_comes_as_a_line_of_a_streamed_table(ingrid: Caller, boris: Caller) -> None:
    mine = charged(scope_of(ingrid.user), "0.02", matter="A-1")
    charged(scope_of(boris.user), "0.50")
    response = ingrid.get("/usage", by="answer", format="csv")
    assert response.streaming
    (row,) = rows(body_of(response))
    assert (row["answer"], row["matter"], row["amount"], row["currency"]) == (str(mine.answer), "A-1", "0.02", "EUR")


def test_budgets_are_set_changed_and_removed(administrator: Caller, ingrid: Caller) -> None:
    made = administrator("post", "/budgets", MONTHLY)
    assert made.status_code == 201
    budget = made.json()
    assert (budget["limit"], budget["left"], budget["state"], budget["hard"]) == ("5", "5", "ok", True)
    assert items(ingrid.get("/budgets"))[0]["id"] == budget["id"]
    changed = administrator("patch", f"/budgets/{budget['id']}", {"limit": "2.5", "hard": False}).json()
    assert (changed["limit"], changed["hard"]) == ("2.5", False)
    assert_problem(administrator("post", "/budgets", MONTHLY), 409, "conflict")
    assert administrator("delete", f"/budgets/{budget['id']}").status_code == 204
    assert items(administrator.get("/budgets")) == []


def test_only_administrators_change_budgets_and_matters(ingrid: Caller, auditor: Caller) -> None:
    for caller in (ingrid, auditor):
        assert_problem(caller("post", "/budgets", MONTHLY), 403, "not_allowed")
        assert_problem(caller("patch", f"/budgets/{uuid.uuid4()}", {"limit": "1"}), 403, "not_allowed")
        assert_problem(caller("delete", f"/budgets/{uuid.uuid4()}"), 403, "not_allowed")
        assert_problem(caller("post", "/matters", {"code": "A-1"}), 403, "not_allowed")
        assert_problem(caller("patch", f"/matters/{uuid.uuid4()}", {"open": False}), 403, "not_allowed")


def test_others_budgets_are_not_seen(administrator: Caller, ingrid: Caller, boris: Caller) -> None:
    mine = {**MONTHLY, "principal": {"type": "user", "id": str(ingrid.user.pk)}}
    administrator("post", "/budgets", mine)
    assert len(items(ingrid.get("/budgets"))) == 1
    assert items(boris.get("/budgets")) == []
    assert len(items(administrator.get("/budgets"))) == 1


def test_a_caller_is_told_what_is_left_to_spend(administrator: Caller, ingrid: Caller) -> None:
    assert ingrid.get("/me").json()["budget"] is None
    token = ApiToken.objects.get(user=ingrid.user)
    administrator("post", "/budgets", MONTHLY)
    administrator("post", "/budgets", {**MONTHLY, "principal": {"type": "token", "id": str(token.pk)}, "limit": "1"})
    charged(Scope.of_token(token), "0.25")
    budget = ingrid.get("/me").json()["budget"]
    assert (budget["left"], budget["currency"], budget["state"]) == ("0.75", "EUR", "ok")
    assert [each["left"] for each in budget["budgets"]] == ["0.75", "4.75"]


def test_a_question_over_budget_is_refused_and_leaves_nothing(administrator: Caller, ingrid: Caller) -> None:
    administrator("post", "/budgets", {**MONTHLY, "currency": "", "limit": "1000"})
    refused = ingrid("post", "/answers", {"question": "What was net debt?"})
    problem = assert_problem(refused, 429, "budget_exceeded")
    assert problem["title"] == "Over budget"
    assert "has 1,000 tokens left, and this question may take" in problem["detail"]
    assert int(refused["Retry-After"]) > 0
    assert not Answer.objects.exists()
    assert not Reservation.objects.exists()


def test_a_question_names_its_matter(administrator: Caller, ingrid: Caller, settings: Any) -> None:
    answer = ingrid("post", "/answers", {"question": "What was net debt?", "matter": " a-2024/17 "}).json()
    assert answer["matter"] == "A-2024/17"
    assert_problem(ingrid("post", "/answers", {"question": "Why?", "matter": "<b>"}), 422, "invalid")
    settings.ENV = settings.ENV.model_copy(update={"matter_required": True})
    problem = assert_problem(ingrid("post", "/answers", {"question": "Why?"}), 422, "invalid")
    assert "matter" in problem["errors"]


def test_once_matters_are_listed_only_open_ones_are_named(administrator: Caller, ingrid: Caller) -> None:
    matter = administrator("post", "/matters", {"code": "A-1", "name": "Acme"}).json()
    assert items(ingrid.get("/matters"))[0]["code"] == "A-1"
    assert_problem(ingrid("post", "/answers", {"question": "Why?", "matter": "B-2"}), 422, "invalid")
    assert ingrid("post", "/answers", {"question": "Why?", "matter": "a-1"}).status_code == 202
    administrator("post", "/matters", {"code": "B-2"})
    closed = administrator("patch", f"/matters/{matter['id']}", {"open": False})
    assert closed.json()["open"] is False
    assert [each["code"] for each in items(ingrid.get("/matters"))] == ["B-2"]
    assert_problem(ingrid("post", "/answers", {"question": "Why?", "matter": "A-1"}), 422, "invalid")
    assert Matter.objects.count() == 2


def test_matters_of_ones_own_questions_are_suggested_and_found_again(ingrid: Caller, boris: Caller) -> None:
    charged(scope_of(ingrid.user), matter="A-1", at=days_ago(3))
    charged(scope_of(ingrid.user), matter="B-2", at=days_ago(1))
    charged(scope_of(boris.user), matter="C-3")
    assert ingrid.get("/matters").json()["suggested"] == ["B-2", "A-1"]
    asked = ingrid("post", "/answers", {"question": "Why?", "matter": "A-1"}).json()
    ingrid("post", "/answers", {"question": "Why not?"})
    assert [answer["id"] for answer in items(ingrid.get("/answers", matter="a-1"))] == [asked["id"]]


def test_an_answer_that_is_being_made_costs_nothing_yet(ingrid: Caller) -> None:
    answer = ingrid("post", "/answers", {"question": "What was net debt?", "effort": "auto"}).json()
    assert answer["cost"]["amount"] is None
    assert answer["cost"]["basis"] == "Counted when the answer has ended."
    assert answer["effort"] in {"quick", "standard", "deep"}
    assert answer["routed"]["kind"] == "lookup"
    stopped = ingrid("post", f"/answers/{answer['id']}/cancel").json()
    assert stopped["cost"]["basis"] == "No model was asked, so nothing was spent."
    assert not Charge.objects.exists()


def test_opinions_count_towards_the_cost_of_an_accepted_answer(ingrid: Caller) -> None:
    charge = charged(scope_of(ingrid.user), "0.03")
    charged(scope_of(ingrid.user), "0.01")
    Answer.objects.create(pk=charge.answer, asker=ingrid.user, question="Why?", status="done")
    assert ingrid("post", f"/answers/{charge.answer}/feedback", {"rating": "up"}).status_code == 201
    total = ingrid.get("/usage").json()["total"]
    assert (total["accepted"], total["cost_per_accepted"]) == (1, [{"amount": "0.04", "currency": "EUR"}])
    ingrid("post", f"/answers/{charge.answer}/feedback", {"rating": "down"})
    assert ingrid.get("/usage").json()["total"]["accepted"] == 0
    assert Decimal(ingrid.get("/usage").json()["total"]["cost"][0]["amount"]) == Decimal("0.04")
