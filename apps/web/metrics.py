"""What `/metrics` tells: read from PostgreSQL and Redis, which all processes share and which outlive them.

A constant number of queries, whatever there is, and at most one reading in ten seconds. What is counted of answers is counted
from the first day of the month, which an index finds: at the turn of a month those counters begin at nothing again, as they
would after a restart, and Prometheus's `rate` and `increase` know how to take that. Names of people, documents and questions
never appear.
"""

from collections.abc import Callable, Iterable
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Count, F, FloatField, Min, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from apps.documents.models import Version
from apps.ingestion.models import IngestRun
from apps.reasoning.models import FINISHED, Answer
from apps.serving import circuit, slots
from apps.serving.endpoints import endpoints_in_order
from apps.serving.health import model_state
from apps.usage.models import Charge
from apps.usage.periods import begins, today
from apps.usage.refusals import refusals
from apps.web.checks import check_all
from apps.web.exposition import Family, exposition

_KEPT = 10
_KEY = "web:metrics"
_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
_FIRST_TOKEN = F("queue_seconds") + F("retrieve_seconds") + F("prefill_seconds")
_SECONDS: dict[str, tuple[str, Any]] = {
    "toulmin_answer_queue_seconds": ("Seconds that an answer waited in line.", F("queue_seconds")),
    "toulmin_answer_retrieve_seconds": ("Seconds that finding passages took.", F("retrieve_seconds")),
    "toulmin_answer_first_token_seconds": ("Seconds from asking to the model's first token.", _FIRST_TOKEN),
    "toulmin_answer_decode_seconds": ("Seconds that the model wrote.", F("decode_seconds")),
    "toulmin_answer_verify_seconds": ("Seconds that checking the answer took.", F("verify_seconds")),
    "toulmin_answer_total_seconds": ("Seconds from asking to the end of the answer.", F("total_seconds")),
}
_TOKENS = {
    "prompt": "prompt_tokens",
    "cached": "cached_tokens",
    "reasoning": "reasoning_tokens",
    "answer": "answer_tokens",
}


def metrics_text() -> str:
    """Return all metrics in Prometheus's format, as read within the last ten seconds."""
    try:
        known: str | None = cache.get(_KEY)
    except redis.RedisError:
        return exposition(read_metrics())
    if known is None:
        known = exposition(read_metrics())
        cache.set(_KEY, known, _KEPT)
    return known


def read_metrics() -> list[Family]:
    """Return all metrics, read now. What hangs on a part that is down is left out, and `toulmin_part_up` says which."""
    parts = check_all()
    up = {part.name: part.is_up for part in parts}
    families = [_parts((part.name, part.is_up) for part in parts)]
    readers: list[Callable[[], list[Family]]] = []
    if up["database"]:
        readers += [_answers, _seconds, _waiting, _reading]
    if up["redis"]:
        readers += [_messages, _refusals, _model]
    if up["database"] and up["redis"]:
        readers.append(_endpoints)
    for read in readers:
        try:
            families += read()
        except (DatabaseError, redis.RedisError):  # it went down just now; the next reading says so
            continue
    return families


def _parts(parts: Iterable[tuple[str, bool]]) -> Family:
    family = Family("toulmin_part_up", "gauge", "Whether a part of the installation works: 1, or 0.")
    for name, is_up in parts:
        family.add(int(is_up), part=name)
    return family


def _of_this_month() -> QuerySet[Charge]:
    return Charge.objects.filter(day__gte=begins("month", today())).order_by()


def _answers() -> list[Family]:
    """Return how many answers ended how, and what they took. One query."""
    ended = Family("toulmin_answers_total", "counter", "Answers that have ended.")
    tokens = Family(
        "toulmin_answer_tokens_total", "counter", "Tokens read and written; cached ones are among the prompt's."
    )
    cost = Family("toulmin_answer_cost_total", "counter", "What answers cost, by currency.")
    energy = Family(
        "toulmin_answer_energy_watt_hours_total", "counter", "Energy that own hardware took, where it is known."
    )
    by = ("endpoint_name", "effort", "status", "outcome", "currency")
    sums = {name: Sum(column) for name, column in _TOKENS.items()}
    rows = _of_this_month().values(*by).annotate(n=Count("pk"), money=Sum("amount"), wh=Sum("energy_wh"), **sums)
    totals: dict[tuple[str, str, str], float] = {}
    for row in rows:
        labels = {"endpoint": row["endpoint_name"], "effort": row["effort"]}
        ended.add(row["n"], **labels, status=row["status"], outcome=row["outcome"], currency=row["currency"])
        for kind in _TOKENS:
            _count(totals, ("tokens", row["endpoint_name"], kind), row[kind])
        if row["currency"]:
            _count(totals, ("cost", row["endpoint_name"], row["currency"]), row["money"])
        _count(totals, ("energy", row["endpoint_name"], ""), row["wh"])
    for (what, endpoint, detail), value in totals.items():
        if what == "tokens":
            tokens.add(value, endpoint=endpoint, kind=detail)
        elif what == "cost":
            cost.add(value, endpoint=endpoint, currency=detail)
        else:
            energy.add(value, endpoint=endpoint)
    return [ended, tokens, cost, energy]


def _count(totals: dict[tuple[str, str, str], float], key: tuple[str, str, str], value: Any) -> None:
    totals[key] = totals.get(key, 0.0) + float(value or 0)


def _seconds() -> list[Family]:
    """Return how long the steps of answers took, by endpoint. One query."""
    columns: dict[str, Any] = {}
    for name, (_, value) in _SECONDS.items():
        seconds = Cast(value, FloatField())
        columns[f"{name}__n"] = Count(seconds)
        columns[f"{name}__sum"] = Sum(seconds)
        columns |= {f"{name}__{i}": Count("pk", filter=Q(**{f"{name}__lte": bound})) for i, bound in enumerate(_BOUNDS)}
    rows: Any = _of_this_month().alias(**{name: value for name, (_, value) in _SECONDS.items()})
    families = [Family(name, "histogram", help) for name, (help, _) in _SECONDS.items()]
    for row in rows.values("endpoint_name").annotate(**columns):
        for family in families:
            counts = [row[f"{family.name}__{i}"] for i in range(len(_BOUNDS))]
            total, added = row[f"{family.name}__n"], row[f"{family.name}__sum"] or 0.0
            family.observe(_BOUNDS, counts, total, added, endpoint=row["endpoint_name"])
    return families


def _waiting() -> list[Family]:
    """Return what is being answered and how old the oldest is. One query."""
    open_now = Family("toulmin_answers_open", "gauge", "Answers that have not ended, by where they are.")
    age = Family(
        "toulmin_answers_oldest_seconds", "gauge", "Age of the oldest answer that has not ended, by where it is."
    )
    rows = Answer.objects.exclude(status__in=FINISHED).order_by().values("status")
    for row in rows.annotate(n=Count("pk"), since=Min("created_at")):
        open_now.add(row["n"], status=row["status"])
        age.add(round((timezone.now() - row["since"]).total_seconds(), 1), status=row["status"])
    return [open_now, age]


def _reading() -> list[Family]:
    """Return how the reading of documents goes. Two queries."""
    runs = Family("toulmin_ingest_runs", "gauge", "Runs that read a document, by state.")
    age = Family("toulmin_ingest_oldest_seconds", "gauge", "Age of the oldest run that has not ended, by state.")
    ended = Family("toulmin_ingest_runs_total", "counter", "Runs that have ended, by state.")
    pages = Family(
        "toulmin_pages_read_total", "counter", "Pages that have been read, of versions that are still there."
    )
    for row in IngestRun.objects.order_by().values("state").annotate(n=Count("pk"), since=Min("created_at")):
        if row["state"] in {IngestRun.State.QUEUED, IngestRun.State.RUNNING}:
            runs.add(row["n"], state=row["state"])
            age.add(round((timezone.now() - row["since"]).total_seconds(), 1), state=row["state"])
        else:
            ended.add(row["n"], state=row["state"])
    pages.add(Version.objects.aggregate(sum=Sum("page_count"))["sum"] or 0)
    return [runs, age, ended, pages]


def _messages() -> list[Family]:
    """Return how many messages wait for a worker. One call of Redis."""
    family = Family("toulmin_worker_messages", "gauge", "Messages in Redis that no worker has taken yet, by queue.")
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)
    names = ("answers", "ingestion")
    with client, client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.llen(name)
        for name, count in zip(names, pipe.execute(), strict=True):
            family.add(count, queue=name)
    return [family]


def _refusals() -> list[Family]:
    family = Family("toulmin_budget_refusals_total", "counter", "Questions that a hard budget refused.")
    for (principal, period), count in refusals().items():
        family.add(count, principal=principal, period=period)
    return [family]


def _model() -> list[Family]:
    state = model_state()
    up = Family("toulmin_model_up", "gauge", "Whether the model that is asked first answers: 1, or 0.")
    first = Family(
        "toulmin_model_probe_first_token_seconds", "gauge", "Seconds to the first token when it was last probed."
    )
    up.add(int(state.can_answer), model=state.name)
    if state.first_token_seconds is not None:
        first.add(state.first_token_seconds, model=state.name)
    return [up, first]


def _endpoints() -> list[Family]:
    """Return how busy each endpoint is, and whether it is left alone for now. One query, two calls of Redis each."""
    used = Family("toulmin_endpoint_slots_in_use", "gauge", "Answers that an endpoint is writing now.")
    limit = Family("toulmin_endpoint_slots", "gauge", "Answers that an endpoint may write at once; 0 is no limit.")
    admits = Family("toulmin_endpoint_admitting", "gauge", "1, or 0 while an endpoint that failed is left alone.")
    endpoints = endpoints_in_order()
    busy = slots.in_use(endpoints)
    for served in endpoints:
        used.add(busy[served.id], endpoint=served.name)
        limit.add(served.at_once, endpoint=served.name)
        admits.add(int(circuit.is_admitting(served.id)), endpoint=served.name)
    return [used, limit, admits]
