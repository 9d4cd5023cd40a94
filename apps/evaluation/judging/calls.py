"""One call of the connected model outside of answering: set aside in budgets before it, charged after it, like an answer."""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Group, User
from apps.accounts.scope import Scope
from apps.core.errors import Unavailable
from apps.serving.line import Ready, line_for_answering
from apps.serving.llm import ChatRequest, Delta, ModelError, Usage
from apps.serving.thinking import Reasoning, Reclassified, Text, Unopened
from apps.usage.accounts import Account, Part, account_of
from apps.usage.budgets import Estimate, release, reserve
from apps.usage.charges import Asked, Named, Took, charge

JUDGE = "judge"
"""The effort under which such calls stand in reports of usage."""

LONGEST = 6000
"""Tokens of a judge's reasoning and verdict."""
_LETTERS_A_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What the model said, and what it took."""

    text: str
    seconds: float
    account: Account
    tokens: int


class Caller:
    """Asks the first endpoint that can be asked now, with the rights and budgets of a scope. `spent` adds up, by currency."""

    def __init__(self, scope: Scope) -> None:
        """Raise `Unavailable` where no model can be asked."""
        line = line_for_answering()
        if not line:
            raise Unavailable("No model can be asked now. Connect an endpoint, or run without a judge.")
        self.ready: Ready = line[0]
        self.spent: dict[str, Decimal] = {}
        self._scope = scope

    @property
    def name(self) -> str:
        return self.ready.state.name

    def say(self, turns: Sequence[tuple[str, str]], *, matter: str = "") -> Said:
        """Return what the model says after turns of (role, words). Raises `BudgetExceeded` before, `ModelError` while it is asked."""
        request = ChatRequest(
            model=self.name,
            messages=tuple({"role": role, "content": words} for role, words in turns),
            max_tokens=LONGEST,
            temperature=self.ready.entry.temperature,
            top_p=self.ready.entry.top_p,
            opened_in_prompt=self.ready.entry.think_prefix != "none",
        )
        call, read = uuid.uuid4(), sum(len(words) for _role, words in turns) // _LETTERS_A_TOKEN
        with transaction.atomic():
            reserve(self._scope, call, lambda: self._most(read))
        begun, at = time.monotonic(), timezone.now()
        try:
            heard = _listen(self.ready.model.stream(request))
        except ModelError:
            with transaction.atomic():
                release(call)
            raise
        seconds = time.monotonic() - begun
        prompt = heard.usage.prompt_tokens or read
        written = heard.usage.completion_tokens or (len(heard.text) + len(heard.reasoning)) // _LETTERS_A_TOKEN
        account = account_of([self._part(prompt, heard.usage.cached_tokens, written, seconds)])
        usage = {"prompt_tokens": prompt, "answer_tokens": written, "seconds": {"decode": seconds, "total": seconds}}
        took = Took(
            JUDGE,
            "done",
            model=self.name,
            endpoint=Named(self.ready.served.id, self.ready.served.name),
            usage=usage,
            held=(at, timezone.now()),
        )
        with transaction.atomic():
            charge(call, self._asked(matter), took, account)
        for currency, amount in account.amounts.items():
            self.spent[currency] = self.spent.get(currency, Decimal(0)) + amount
        return Said(heard.text.strip(), seconds, account, prompt + written)

    def _most(self, read: int) -> Estimate:
        amounts = account_of([self._part(read, None, LONGEST, float(LONGEST) / _LETTERS_A_TOKEN)]).amounts
        return Estimate(read + LONGEST, amounts)

    def _part(self, prompt: int, cached: int | None, written: int, seconds: float) -> Part:
        served = self.ready.served
        return Part(prompt, cached, written, seconds, seconds, served.price, served.hardware)

    def _asked(self, matter: str) -> Asked:
        user = User.objects.filter(pk=self._scope.user_id).first() if self._scope.user_id else None
        groups = Group.objects.filter(pk__in=self._scope.group_ids).order_by("name").values_list("pk", "name")
        return Asked(
            timezone.now(),
            asker=Named(str(user.pk), str(user)) if user else None,
            groups=tuple(Named(str(pk), name) for pk, name in groups),
            matter=matter,
        )


@dataclass(slots=True)
class _Heard:
    text: str = ""
    reasoning: str = ""
    usage: Usage = field(default_factory=Usage)


def _listen(deltas: Iterable[Delta]) -> _Heard:
    """Return the words of a reply, without its reasoning."""
    heard = _Heard()
    for delta in deltas:
        match delta:
            case Text(text):
                heard.text += text
            case Reasoning(text, _source):
                heard.reasoning += text
            case Reclassified():
                heard.text, heard.reasoning = "", heard.reasoning + heard.text
            case Unopened():
                heard.text, heard.reasoning = heard.reasoning + heard.text, ""
            case Usage():
                heard.usage = delta
            case _:
                pass
    return heard
