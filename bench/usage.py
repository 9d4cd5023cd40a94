"""How quick the usage page and `GET /usage` are by the number of charges, for administrators and for one person.

    python -m standalone.testbed -- python -m bench.usage [1000000]

Charges are made up in the database: 2,000 people in 40 groups, 60 collections, 6 models, three efforts, 300 matters, spread
evenly over two years. Each figure is of ten runs after one that is not counted.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.usage.periods import Period, today
from apps.usage.reports import Filters, breakdown, report
from apps.usage.rolling import roll_up
from bench.filtered import p95

RUNS = 10
_FILL = """
INSERT INTO usage_charge (answer, day, asked_at, asker, asker_label, groups, group_names, token, token_label, collections,
    collection_names, documents, matter, model, endpoint, endpoint_name, effort, status, outcome, prompt_tokens, cached_tokens,
    reasoning_tokens, answer_tokens, token_source, queue_seconds, retrieve_seconds, prefill_seconds, decode_seconds,
    verify_seconds, total_seconds, amount, currency, basis, energy_wh, claims, claims_supported, claims_partly,
    claims_unchecked, accepted)
SELECT gen_random_uuid(), made::date, made, md5('user' || who)::uuid, 'Person ' || who,
    ARRAY[md5('group' || who %% 40)::uuid, md5('group' || who %% 7)::uuid], ARRAY['Group ' || who %% 40, 'Group ' || who %% 7],
    CASE WHEN who %% 10 = 0 THEN md5('token' || who)::uuid END, '',
    ARRAY[md5('collection' || n %% 60)::uuid], ARRAY['Collection ' || n %% 60], '{}', CASE WHEN n %% 3 = 0 THEN 'M-' || n %% 300
    ELSE '' END, 'model ' || n %% 6, 'environment', 'Our server', (ARRAY['quick', 'standard', 'deep'])[1 + n %% 3], 'done',
    'answered', 4000 + n %% 4000, n %% 3000, n %% 5000, n %% 900, '{}', random(), random(), random(), 20 * random(), random(),
    30 * random(), 0.05 * random(), 'EUR', '{}', random(), 8, 6, 1, 1, CASE WHEN n %% 5 = 0 THEN n %% 10 = 0 END
FROM (SELECT n, (n::bigint * 7919) %% 2000 AS who, now() - (n::float / %(count)s) * interval '730 days' AS made
    FROM generate_series(1, %(count)s) AS n) AS drawn
"""


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"count": count})
        cursor.execute("VACUUM ANALYZE usage_charge")
        cursor.execute("SELECT asker FROM usage_charge LIMIT 1")
        (someone,) = cursor.fetchone()
    boss = User.objects.create_user("boss@example.org", is_administrator=True)
    person = User.objects.create_user("person@example.org", pk=someone)
    last = today()
    periods = {
        "a month": Period(last - timedelta(days=30), last),
        "two years": Period(last - timedelta(days=730), last),
    }
    print(f"{count:,} charges; milliseconds, median and 95th percentile of {RUNS}")
    everything, own = Scope.of_user(boss), Scope.of_user(person)
    for rolled in (False, True):
        if rolled:
            started = time.perf_counter()
            while roll_up():
                pass
            print(f"rolled up in {time.perf_counter() - started:.0f} s")
        for name, period in periods.items():
            show(f"page, {name}, all", partial(report, everything, period))
            for by in ("day", "user", "group"):
                show(f"by {by}, {name}", partial(breakdown, everything, period, by))
            if not rolled:
                show(f"page, {name}, one person", partial(report, own, period))
                show(f"page, {name}, one matter", partial(report, everything, period, Filters(matter="M-0")))


def show(name: str, act: Callable[[], object]) -> None:
    act()
    seconds = []
    for _run in range(RUNS):
        started = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - started)
    print(f"{name:34} {1000 * sorted(seconds)[RUNS // 2]:8.0f} {1000 * p95(seconds):8.0f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
