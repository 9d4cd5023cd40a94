"""What is live, and what speaks against another configuration's being it. Only reads; `services.gate` changes it."""

from dataclasses import replace

from django.utils.translation import gettext as _

from apps.evaluation.asking import LAST
from apps.evaluation.models import Bar, EvaluationRun, GoldenSet, MadeLive
from apps.retrieval.configuration import Configuration, live_configuration
from apps.retrieval.index import live_generation
from apps.retrieval.models import IndexGeneration


def configured() -> Configuration:
    """Return what was made live last, or the usual."""
    last = MadeLive.objects.values_list("configuration", flat=True).first()
    return Configuration() if last is None else Configuration.of(last)


def settled(configuration: Configuration) -> Configuration:
    """Return a configuration with the number of its index, the live one where it names none."""
    if configuration.generation is not None:
        return configuration
    live = live_generation()
    return replace(configuration, generation=live.number if live else None)


def objections(configuration: Configuration) -> list[str]:
    """Return a sentence for each bar that a configuration is not known to reach."""
    wanted = settled(configuration).as_json()
    sets = GoldenSet.objects.filter(bars__isnull=False).distinct().prefetch_related("bars")
    return [sentence for golden_set in sets for sentence in _of_set(golden_set, wanted)]


def objection_to(generation: IndexGeneration) -> str:
    """Return what speaks against having searches read another index as they are configured now; empty if nothing does."""
    return " ".join(objections(replace(live_configuration(), generation=generation.number)))


def below(golden_set: GoldenSet, run: EvaluationRun) -> list[Bar]:
    """Return the bars of a set that a run does not reach."""
    reached = run.measures.get(LAST, {})
    return [bar for bar in golden_set.bars.all() if reached.get(bar.measure, {"value": 0})["value"] < bar.value]


def _of_set(golden_set: GoldenSet, wanted: dict[str, int | float | None]) -> list[str]:
    runs = golden_set.runs.filter(
        state=EvaluationRun.State.DONE, configuration=wanted, created_at__gte=golden_set.changed_at
    )
    run = runs.first()
    if run is None:
        return [_("It has not been measured on “%(set)s” as that set is now.") % {"set": golden_set.name}]
    return [
        _("On “%(set)s” it has %(measure)s %(reached)s; the bar is %(bar)s.")
        % {
            "set": golden_set.name,
            "measure": bar.measure,
            "reached": f"{run.measures.get(LAST, {}).get(bar.measure, {'value': 0})['value']:.3f}",
            "bar": f"{bar.value:.3f}",
        }
        for bar in below(golden_set, run)
    ]
