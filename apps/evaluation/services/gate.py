"""The gate: what search runs with is changed here alone, and not to what falls below a bar unless somebody says why."""

from dataclasses import replace

from django.db import transaction

from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.log import Subject
from apps.core.errors import Conflict
from apps.evaluation.live import configured, objections
from apps.evaluation.models import MadeLive
from apps.retrieval.configuration import Configuration
from apps.retrieval.generations import switch
from apps.retrieval.index import live_generation, lock_generations


def make_live(scope: Scope, configuration: Configuration, *, override_reason: str = "") -> MadeLive:
    """Have searches run with a configuration from the next one on, and read its index where it names one.

    Raises `Conflict` (`below_bar`) where it is not known to reach a bar and no reason is given.
    """
    scope.require(Permission.ADMINISTER)
    override_reason = override_reason.strip()
    with transaction.atomic():
        lock_generations()
        against = objections(configuration)
        if against and not override_reason:
            raise Conflict(" ".join(against), code="below_bar")
        before, live = configured(), live_generation()
        made = MadeLive.objects.create(
            configuration=replace(configuration, generation=None).as_json(),
            made_by_id=scope.user_id,
            objections=against,
            override=override_reason if against else "",
        )
        log.record(
            Action.CONFIGURATION_OVERRIDDEN if against else Action.CONFIGURATION_MADE_LIVE,
            Subject("configuration", str(made.pk), str(configuration)),
            data={
                "configuration": configuration.as_json(),
                "before": replace(before, generation=live.number if live else None).as_json(),
                "objections": against,
                "override": made.override,
            },
            actor=scope.actor,
        )
        if configuration.generation is not None and (live is None or live.number != configuration.generation):
            switch(scope, configuration.generation, override=override_reason)
    return made
