"""Whether budgets hold: 200 questions at once against a budget for 50, through the service, its record and its budgets.

    python -m standalone.testbed -- python -m bench.budgets [200 50]

Every question is asked by a thread of its own with a connection of its own (as many at once as PostgreSQL has connections for)
and is settled at once at what was set aside, at a tenth of it, or given back. Prints what was let in, what is spent, and what a
question waits for.
"""

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.reasoning import services, tasks
from apps.reasoning.charging import worst_case
from apps.reasoning.models import Answer, AnswerStatus
from apps.usage.budgets import BudgetExceeded, ChargedTo, release, settle
from apps.usage.models import Budget, Spending
from apps.usage.periods import today
from apps.usage.services import create_budget
from bench.filtered import p95

AT_ONCE = 40


def main(questions: int, room: int) -> None:
    call_command("migrate", verbosity=0)
    tasks.write_answer.delay = lambda _answer: None  # nobody writes: what is measured is the asking
    boss = Scope.of_user(User.objects.create_user("boss@example.org", is_administrator=True))
    people = [Scope.of_user(User.objects.create_user(f"person{n}@example.org")) for n in range(20)]
    most = worst_case("standard").tokens
    print(f"{questions} questions at once, a budget for {room} of {most} tokens each")
    for name, share in (
        ("spend what was set aside", Decimal(1)),
        ("spend a tenth", Decimal("0.1")),
        ("give back", None),
    ):
        Budget.objects.all().delete()
        create_budget(boss, principal="organisation", period="month", limit=Decimal(most * room))
        row = Spending.objects.get()
        Spending.objects.update(spent=0)
        show(name, questions, people, most, share)
        row.refresh_from_db()
        limit, taken = most * room, row.spent + row.reserved
        print(
            f"  spent {row.spent:.0f} of {limit}, set aside {row.reserved:.0f}, over {max(taken - limit, Decimal(0)):.0f}"
        )


def show(name: str, questions: int, people: list[Scope], most: int, share: Decimal | None) -> None:
    ends, waits, slots, begin = Counter[str](), list[float](), threading.Semaphore(AT_ONCE), threading.Event()

    def one(number: int) -> None:
        scope = people[number % len(people)]
        begin.wait()
        with slots:
            started = time.perf_counter()
            try:
                answer = services.ask(scope, question="What was net debt?")
                waits.append(time.perf_counter() - started)
                ends["let in"] += 1
                end(answer, scope, most, share)
            except BudgetExceeded as refused:
                waits.append(time.perf_counter() - started)
                ends["refused, soon again" if refused.retry_after == 30 else "refused until it renews"] += 1
            finally:
                connection.close()

    _together(questions, one, begin)
    shown = ", ".join(f"{count} {what}" for what, count in sorted(ends.items()))
    print(f"{name}: {shown}; asking {1000 * sorted(waits)[len(waits) // 2]:.0f} ms, p95 {1000 * p95(waits):.0f} ms")


def end(answer: Answer, scope: Scope, most: int, share: Decimal | None) -> None:
    """End an answer as its writer does: with what it took, or with nothing."""
    with transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(status=AnswerStatus.DONE)
        if share is None:
            release(answer.pk)
        else:
            settle(answer.pk, ChargedTo.of(scope), today(), tokens=int(most * share), amounts={})


def _together(count: int, act: Callable[[int], None], begin: threading.Event) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    begin.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3])) if len(sys.argv) > 2 else main(200, 50)
