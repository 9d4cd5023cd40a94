"""What this machine has to compute with."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

_GB, _MIB = 1e9, 1024**2


@dataclass(frozen=True, slots=True)
class Gpu:
    name: str
    memory_gb: float
    compute_capability: float


@dataclass(frozen=True, slots=True)
class Hardware:
    gpus: tuple[Gpu, ...]
    cores: int
    memory_gb: float
    machine: str
    features: frozenset[str]

    @property
    def kind(self) -> str:
        """Return `cuda` or `cpu`: which build of vLLM runs here."""
        return "cuda" if self.gpus else "cpu"

    def objection(self) -> str:
        """Return why vLLM cannot run here, or an empty string."""
        if self.gpus:
            return ""
        if self.machine not in {"x86_64", "aarch64"}:
            return f"vLLM has no build for processors of the kind {self.machine}."
        if self.machine == "x86_64" and "avx2" not in self.features:
            return "This processor lacks AVX2, which vLLM needs."
        return ""


def detect() -> Hardware:
    """Return what is found now."""
    return Hardware(
        gpus=parse_gpus(_ask_nvidia()),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gb=_memory_limit() / _GB,
        machine=platform.machine(),
        features=parse_features(_read("/proc/cpuinfo")),
    )


def parse_gpus(listing: str) -> tuple[Gpu, ...]:
    """Read `nvidia-smi`'s CSV of name, memory in MiB and compute capability; vLLM needs capability 7.0 or more."""
    gpus = []
    for line in listing.splitlines():
        cells = [cell.strip() for cell in line.rsplit(",", 2)]
        try:
            gpu = Gpu(cells[0], float(cells[1]) * _MIB / _GB, float(cells[2]))
        except (IndexError, ValueError):
            continue
        if gpu.compute_capability >= 7.0:
            gpus.append(gpu)
    return tuple(gpus)


def parse_features(cpuinfo: str) -> frozenset[str]:
    """Return the first processor's feature words."""
    for line in cpuinfo.splitlines():
        name, _, words = line.partition(":")
        if name.strip() in {"flags", "Features"}:
            return frozenset(words.split())
    return frozenset()


def _ask_nvidia() -> str:
    try:
        return subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _memory_limit() -> float:
    """Return the machine's memory, or the control group's limit where that is lower."""
    total = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        limit = _read(path).strip()
        if limit.isdigit():
            total = min(total, float(limit))
    return total


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
