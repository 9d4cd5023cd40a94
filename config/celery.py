"""The Celery app: two queues, so that reading a long document never delays an answer.

PostgreSQL holds the truth about every piece of work; Redis is only its doorbell. A task takes ids, is safe to run twice,
and is rung again by a sweep if its worker died.
"""

import os
import threading
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_init, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("toulmin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    # Without these a publish to a dead broker would hang the request that makes it.
    broker_transport_options={
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "retry_on_timeout": False,
        "visibility_timeout": 3600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    },
    task_publish_retry=False,
    task_default_queue="ingestion",
    task_routes={
        "apps.reasoning.*": {"queue": "answers"},
        "apps.ingestion.*": {"queue": "ingestion"},
        "apps.documents.*": {"queue": "answers"},
        "apps.retrieval.*": {"queue": "ingestion"},
        "apps.evaluation.*": {"queue": "ingestion"},
        "apps.usage.*": {"queue": "ingestion"},
    },
    beat_schedule={
        "leave a trace": {
            "task": "apps.web.tasks.leave_trace",
            "schedule": 15.0,
            "options": {"expires": 15, "queue": "answers"},
        },
        "probe the model": {"task": "apps.reasoning.tasks.probe_model", "schedule": 15.0, "options": {"expires": 15}},
        "sweep answers": {"task": "apps.reasoning.tasks.sweep_answers", "schedule": 5.0, "options": {"expires": 5}},
        "roll up usage": {
            "task": "apps.usage.tasks.roll_up_usage",
            "schedule": 900.0,
            "options": {"expires": 900},
        },
        "sweep documents": {
            "task": "apps.documents.tasks.sweep_documents",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "bring into force": {
            "task": "apps.ingestion.tasks.bring_into_force",
            "schedule": crontab(minute=1),
            "options": {"expires": 1800, "queue": "answers"},
        },
        "keep indexes": {"task": "apps.retrieval.tasks.keep_indexes", "schedule": 60.0, "options": {"expires": 60}},
        "sweep evaluations": {
            "task": "apps.evaluation.tasks.sweep_evaluations",
            "schedule": 60.0,
            "options": {"expires": 60, "queue": "answers"},
        },
        "sweep ingestion": {
            "task": "apps.ingestion.tasks.sweep_runs",
            "schedule": 15.0,
            "options": {"expires": 15, "queue": "answers"},
        },
    },
)
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Keep Django's logging: connecting to this signal stops Celery from replacing it."""


@worker_init.connect
def _count_readers(sender: Any, **_: object) -> None:
    if "ingestion" in sender.app.amqp.queues.consume_from:
        from apps.ingestion.fairness import set_readers

        set_readers(sender.concurrency)


@worker_ready.connect
def _warm_up(sender: Any, **_: object) -> None:
    """The worker that reads documents loads its model before the first arrives."""
    if "ingestion" in sender.app.amqp.queues.consume_from:
        from apps.ingestion.tasks import warm_up

        threading.Thread(target=warm_up, name="warm up", daemon=True).start()


@worker_ready.connect
def _catch_up(sender: Any, **_: object) -> None:
    """A day may have come while nothing ran."""
    if "answers" in sender.app.amqp.queues.consume_from:
        sender.app.send_task("apps.ingestion.tasks.bring_into_force", queue="answers")


@worker_ready.connect
def _serve_questions(sender: Any, **_: object) -> None:
    """The worker that writes answers embeds questions for the web server, which loads no model."""
    if "answers" in sender.app.amqp.queues.consume_from:
        from django.db import DatabaseError, connection

        from apps.retrieval.embedding import get_embedder
        from apps.retrieval.index import live_embedder
        from apps.retrieval.remote import start_serving

        try:
            start_serving(live_embedder())
        except DatabaseError:  # that it is down is no reason not to embed
            start_serving(get_embedder())
        finally:
            connection.close()
