"""The parts of a running installation: which program each is, and how it is stopped."""

import secrets
import signal
import sys

from config.env import ROOT
from standalone.instance import Instance
from standalone.supervisor import Part
from standalone.valkey import free_port

ANSWERS_AT_ONCE = 64
"""Threads, nearly all of which wait for a model; how many an endpoint is asked at once is its own limit."""
READ_AT_ONCE = 4
"""Each is parsed in a process of its own, and all are embedded by one model; more than one, so that none waits for a slow one."""


def web_part(instance: Instance) -> Part:
    """Return the web server, which is started first: people wait for nothing else."""
    env = instance.env
    return Part(
        "web",
        "web server",
        [
            *(sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", env.bind, "--port", str(env.port)),
            # Streams stay open for minutes; they resume, so nobody waits for them.
            *("--timeout-graceful-shutdown", "2", "--no-server-header", "--no-access-log", "--lifespan", "off"),
        ],
    )


def worker_parts(instance: Instance) -> list[Part]:
    """Return the two workers and the clock."""
    return [
        _worker("answers", "answers worker", "--pool=threads", f"--concurrency={ANSWERS_AT_ONCE}"),
        _worker("ingestion", "reading worker", "--pool=threads", f"--concurrency={READ_AT_ONCE}"),
        Part(
            "beat",
            "clock",
            [
                *(sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel=INFO", "--pidfile="),
                f"--schedule={instance.run_folder / 'beat'}",
            ],
        ),
    ]


def model_part(instance: Instance, port: int) -> Part:
    """Return the launcher of the model service."""
    return Part(
        "model",
        "model service",
        [
            *(sys.executable, "-m", "inference.launch", "--port", str(port)),
            *("--state", str(instance.run_folder / "model.json"), "--weights", str(instance.data / "models")),
            *("--env", str(ROOT / ".venv-inference")),
        ],
        patience=15.0,
    )


def model_environment(instance: Instance, port: int) -> dict[str, str]:
    """Return how the application reaches the model service: behind a key, as others on this machine could ask it too."""
    key = secrets.token_urlsafe(24)
    return {
        "TOULMIN_LLM_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "TOULMIN_LLM_API_KEY": key,
        "VLLM_API_KEY": key,
        "TOULMIN_MODEL_STATE_FILE": str(instance.run_folder / "model.json"),
    }


def wants_model(instance: Instance) -> bool:
    """Return whether this installation serves a model itself."""
    return not instance.env.llm_base_url and instance.standalone.model != "none"


def model_port(instance: Instance) -> int:
    return instance.standalone.model_port or free_port()


def samples_part(owner: str) -> Part:
    """Return the chore that loads the sample collection."""
    return Part(
        "samples",
        "loading of the samples",
        [sys.executable, str(ROOT / "manage.py"), "load_samples", "--owner", owner, "--once"],
        once=True,
    )


def _worker(queue: str, title: str, *arguments: str) -> Part:
    return Part(
        queue,
        title,
        [
            *(sys.executable, "-m", "celery", "-A", "config", "worker", f"--queues={queue}", *arguments),
            *(f"--hostname={queue}@%h", "--loglevel=INFO", "--without-gossip", "--without-mingle"),
        ],
        # First a warm stop, for work that is nearly done; the rest is taken up again by the sweeps.
        signals=(signal.SIGTERM, signal.SIGQUIT),
        # An orphan's broker is gone too, and without it Celery waits for ever to say goodbye.
        orphaned=signal.SIGKILL,
        patience=4.0,
    )
