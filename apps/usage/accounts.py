"""What an answer cost: its tokens at the endpoint's price, or its share of one's own hardware. Pure.

**Own hardware.** A server that batches works for several answers in every second, so each second of it is divided evenly among
the answers that were being written in that second: an answer that held the machine from s to e is charged ∫ dt / n(t) over
that time, n(t) being how many held it at t, itself included. This is the sharing of a processor's time among jobs that run
at once (Kleinrock, Queueing Systems II, 1976, ch. 4). Its property is the reason for it: the shares of all answers add up to
the seconds in which the machine was busy, so nothing is charged twice. Seconds in which it idled are nobody's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.serving.prices import Hardware, Price

_EXACT = Decimal("0.000000001")
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Part:
    """What one endpoint did for an answer. `shared_seconds`: its share of the machine, see `shared_seconds`."""

    prompt_tokens: int = 0
    cached_tokens: int | None = None
    output_tokens: int = 0
    held_seconds: float = 0.0
    shared_seconds: float = 0.0
    price: Price | None = None
    hardware: Hardware | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Money and energy of an answer. `amount` is None where no price is known, or prices are in several currencies: then
    `amounts` has each. `basis` says how it came about, as JSON; see `basis_sentence`."""

    amount: Decimal | None = None
    currency: str = ""
    amounts: dict[str, Decimal] = field(default_factory=dict)
    basis: dict[str, Any] = field(default_factory=dict)
    energy_wh: float | None = None


def account_of(parts: Sequence[Part]) -> Account:
    """Return the account of everything that endpoints did for one answer."""
    if not parts:
        return Account(basis={"code": "no_model"})
    lines = [_line(part) for part in parts]
    amounts: dict[str, Decimal] = {}
    for amount, basis in lines:
        if amount is not None:
            amounts[basis["currency"]] = amounts.get(basis["currency"], Decimal(0)) + amount
    amounts = {currency: amount.quantize(_EXACT, ROUND_HALF_UP) for currency, amount in amounts.items()}
    energies = [energy for part in parts if (energy := _energy(part)) is not None]
    known = all(amount is not None for amount, _basis in lines) and len(amounts) == 1
    return Account(
        amount=next(iter(amounts.values())) if known else None,
        currency=next(iter(amounts)) if known else "",
        amounts=amounts,
        basis=lines[0][1] if len(lines) == 1 else {"code": "several", "parts": [basis for _amount, basis in lines]},
        energy_wh=float(round(sum(energies, Decimal(0)), 6)) if energies else None,
    )


def shared_seconds(mine: Window, others: Iterable[Window]) -> float:
    """Return ∫ dt / n(t) over the seconds in which this answer held the machine, n(t) being how many answers held it."""
    begun, ended = mine
    edges: list[tuple[datetime, int]] = []
    running = 1
    for since, until in others:
        if since >= ended or until <= begun:
            continue
        running += since <= begun
        if since > begun:
            edges.append((since, 1))
        if until < ended:
            edges.append((until, -1))
    share, at = 0.0, begun
    for moment, change in sorted(edges):
        share += (moment - at).total_seconds() / running
        at, running = moment, running + change
    return share + (ended - at).total_seconds() / running


def basis_sentence(basis: dict[str, Any]) -> str:
    """Return in words how an amount came about."""
    code = basis.get("code", "")
    if code == "several":
        return " ".join(basis_sentence(part) for part in basis["parts"])
    sentences = {
        "tokens": _(
            "%(prompt)s prompt tokens, %(cached)s of them cached, and %(output)s written, at %(price_prompt)s, "
            "%(price_cached)s and %(price_output)s %(currency)s a million."
        ),
        "hardware": _(
            "%(shared)s s of the server, its share of %(held)s s beside other answers, at %(gpus)s × %(gpu_price_hour)s "
            "%(currency)s an hour."
        ),
        "hardware_energy": _(
            "%(shared)s s of the server, its share of %(held)s s beside other answers, at %(gpus)s × %(gpu_price_hour)s "
            "%(currency)s an hour, with %(energy_wh)s Wh at %(energy_price_kwh)s %(currency)s a kilowatt-hour."
        ),
        "no_model": _("No model was asked, so nothing was spent."),
        "unfinished": _("Counted when the answer has ended."),
    }
    unpriced = _("Tokens and seconds are counted. No price is set.")
    return sentences[code] % basis if code in sentences else unpriced


def _line(part: Part) -> tuple[Decimal | None, dict[str, Any]]:
    """Return the money for one part, None if unknown, and how it came about. A price for tokens goes before hardware."""
    if part.price is not None:
        price, cached = part.price, part.cached_tokens or 0
        return price.of(prompt=part.prompt_tokens, cached=cached, output=part.output_tokens), {
            "code": "tokens",
            "prompt": part.prompt_tokens,
            "cached": cached,
            "output": part.output_tokens,
            "price_prompt": plain(price.prompt),
            "price_cached": plain(price.prompt if price.cached is None else price.cached),
            "price_output": plain(price.output),
            "currency": price.currency,
        }
    if part.hardware is None:
        return None, {"code": "no_price"}
    hardware, energy = part.hardware, _energy(part)
    charged = hardware.energy_price_kwh is not None and energy is not None
    return hardware.of(Decimal(str(part.shared_seconds))), {
        "code": "hardware_energy" if charged else "hardware",
        "shared": round(part.shared_seconds, 3),
        "held": round(part.held_seconds, 3),
        "gpus": hardware.gpus,
        "gpu_price_hour": plain(hardware.gpu_price_hour),
        "energy_wh": None if energy is None else float(round(energy, 3)),
        "energy_price_kwh": None if hardware.energy_price_kwh is None else plain(hardware.energy_price_kwh),
        "currency": hardware.currency,
    }


def _energy(part: Part) -> Decimal | None:
    return part.hardware.energy_wh(Decimal(str(part.shared_seconds))) if part.hardware else None


def plain(amount: Decimal) -> str:
    """Return an amount without the zeros that its column pads it with: 2.500000 → 2.5, 100 → 100."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
