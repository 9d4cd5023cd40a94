"""What an endpoint costs: so much for each token, or so much for each hour of one's own hardware. Frozen values, no rows."""

from dataclasses import dataclass
from decimal import Decimal

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in `currency` (ISO 4217). `cached` is for prompt tokens that the endpoint had in its
    cache; None: it charges them like any other."""

    prompt: Decimal
    output: Decimal
    currency: str
    cached: Decimal | None = None

    def of(self, *, prompt: int, cached: int, output: int) -> Decimal:
        """Return what so many tokens cost; `cached` of the `prompt` tokens were in the cache, `output` counts reasoning too."""
        for_cached = self.prompt if self.cached is None else self.cached
        fresh = max(prompt - cached, 0)
        return (fresh * self.prompt + cached * for_cached + output * self.output) / MILLION


@dataclass(frozen=True, slots=True)
class Hardware:
    """What running a server of one's own costs. `gpu_price_hour` is for one GPU and one hour, `watts` is what the whole
    server draws under load, `energy_price_kwh` comes on top of the hour; None: not known, or included in the hour."""

    gpu_price_hour: Decimal
    gpus: int
    currency: str
    watts: int | None = None
    energy_price_kwh: Decimal | None = None

    def of(self, seconds: Decimal) -> Decimal:
        """Return what so many seconds of the whole server cost, with energy where its price is known."""
        hours = seconds / 3600
        return hours * self.gpu_price_hour * self.gpus + (self.energy_wh(seconds) or Decimal(0)) / 1000 * (
            self.energy_price_kwh or Decimal(0)
        )

    def energy_wh(self, seconds: Decimal) -> Decimal | None:
        """Return the energy of so many seconds of the whole server in watt-hours; None where its draw is not known."""
        return None if self.watts is None else seconds / 3600 * self.watts
