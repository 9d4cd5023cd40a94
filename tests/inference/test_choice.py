"""Which model a machine gets, and how vLLM is told to serve it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inference.catalogue import Entry, load_catalogue
from inference.choice import NothingFits, choose, fits, requirements, spread, vllm_arguments, vllm_environment
from inference.hardware import Gpu, Hardware, parse_features, parse_gpus

CATALOGUE = load_catalogue()
DEMONSTRATION = CATALOGUE["smollm2-135m-demonstration"]
SMALLEST = CATALOGUE["deepseek-r1-distill-qwen-1.5b"]


def machine(*gpus_gb: float, memory_gb: float = 32, cores: int = 2, capability: float = 9.0) -> Hardware:
    gpus = tuple(Gpu("NVIDIA", memory, capability) for memory in gpus_gb)
    return Hardware(gpus, cores, memory_gb, "x86_64", frozenset({"avx2", "avx512f"}))


def everything(_: Entry) -> bool:
    return True


def only_packaged(entry: Entry) -> bool:
    return entry.packaged


@pytest.mark.parametrize(
    ("hardware", "key"),
    [
        (machine(memory_gb=4), "smollm2-135m-demonstration"),
        (machine(memory_gb=16), "deepseek-r1-distill-qwen-1.5b"),
        (machine(memory_gb=512), "deepseek-r1-distill-qwen-1.5b"),
        (machine(12), "deepseek-r1-distill-qwen-1.5b"),
        (machine(24), "deepseek-r1-0528-qwen3-8b"),
        (machine(48), "deepseek-r1-distill-qwen-14b"),
        (machine(80), "deepseek-r1-distill-qwen-32b"),
        (machine(80, 80), "deepseek-r1-distill-qwen-32b"),
        (machine(80, 80, 80, 80), "deepseek-r1-distill-llama-70b"),
        (machine(*[141] * 8), "deepseek-r1-0528"),
    ],
)
def test_the_largest_that_fits_is_chosen(hardware: Hardware, key: str) -> None:
    assert choose(CATALOGUE.values(), hardware, everything).key == key


@pytest.mark.parametrize("hardware", [machine(memory_gb=16), machine(80)])
def test_without_a_hub_the_packaged_weights_are_served(hardware: Hardware) -> None:
    assert choose(CATALOGUE.values(), hardware, only_packaged) == DEMONSTRATION


def test_weights_are_asked_for_only_where_they_would_fit() -> None:
    asked: list[str] = []

    def note(entry: Entry) -> bool:
        asked.append(entry.key)
        return False

    with pytest.raises(NothingFits, match="No model's weights"):
        choose(CATALOGUE.values(), machine(memory_gb=16), note)
    assert asked == ["deepseek-r1-distill-qwen-1.5b", "smollm2-135m-demonstration"]


def test_what_the_operator_asks_for_is_served_by_key_or_id() -> None:
    wanted = CATALOGUE["deepseek-r1-distill-qwen-7b"]
    for name in (wanted.key, wanted.id):
        assert choose(CATALOGUE.values(), machine(memory_gb=8), only_packaged, name) == wanted
    with pytest.raises(NothingFits, match="names gpt-9, which the catalogue does not hold"):
        choose(CATALOGUE.values(), machine(), everything, "gpt-9")


def test_a_machine_that_is_too_small_is_told_so() -> None:
    with pytest.raises(NothingFits, match="2 GB of memory is too little"):
        choose(CATALOGUE.values(), machine(memory_gb=2), everything)


def test_a_model_is_spread_over_the_fewest_gpus_that_hold_it() -> None:
    large = CATALOGUE["deepseek-r1-distill-qwen-32b"]
    assert [spread(large, machine(*[24] * count)) for count in (1, 2, 4, 8)] == [0, 0, 4, 4]
    assert spread(large, machine(80, 80, 80)) == 1
    assert spread(SMALLEST, machine(*[80] * 8)) == 1


def arguments(entry: Entry, hardware: Hardware) -> dict[str, str]:
    parts = vllm_arguments(entry, hardware, weights=Path("/weights/model"), port=8123)
    return {name: value for name, _, value in (part.partition("=") for part in parts)}


def test_on_a_processor_nothing_is_compiled_and_the_context_is_what_memory_bears() -> None:
    told = arguments(DEMONSTRATION, machine())
    assert "--enforce-eager" in told
    assert told["--max-model-len"] == "8192"
    assert told["--max-num-seqs"] == "2"
    assert "--tensor-parallel-size" not in told
    assert arguments(SMALLEST, machine())["--max-model-len"] == "16384"
    environment = vllm_environment(DEMONSTRATION, machine(cores=6))
    assert (environment["OMP_NUM_THREADS"], environment["VLLM_CPU_KVCACHE_SPACE"]) == ("6", "1")


def test_on_a_gpu_it_is_spread_and_takes_many_at_once() -> None:
    told = arguments(CATALOGUE["deepseek-r1-distill-qwen-32b"], machine(*[24] * 8))
    assert told["--tensor-parallel-size"] == "4"
    assert told["--max-model-len"] == "32768"
    assert told["--dtype"] == "bfloat16"
    assert "--enforce-eager" not in told
    assert "OMP_NUM_THREADS" not in vllm_environment(SMALLEST, machine(80))


@pytest.mark.parametrize(("memory_gb", "context"), [(80, 12288), (85.5, 31744), (96, 32768)])
def test_the_context_shrinks_to_what_the_cache_holds(memory_gb: float, context: int) -> None:
    told = arguments(CATALOGUE["deepseek-r1-distill-qwen-32b"], machine(memory_gb))
    assert told["--max-model-len"] == str(context)


def test_old_gpus_compute_in_half_precision() -> None:
    assert arguments(SMALLEST, machine(16, capability=7.5))["--dtype"] == "float16"


@pytest.mark.parametrize("hardware", [machine(), machine(80)])
def test_every_server_keeps_reasoning_apart_counts_and_caches(hardware: Hardware) -> None:
    for entry in CATALOGUE.values():
        told = arguments(entry, hardware)
        assert told["--served-model-name"] == entry.key
        assert told["--host"] == "127.0.0.1"
        assert told["--reasoning-parser"] == "deepseek_r1"
        assert '"reasoning_start_str":"<think>"' in told["--reasoning-config"]
        assert {"--enable-prefix-caching", "--enable-prompt-tokens-details"} <= told.keys()
        environment = vllm_environment(entry, hardware)
        assert environment["VLLM_NO_USAGE_STATS"] == environment["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_what_is_installed_is_pinned(kind: str) -> None:
    engine = next(name for name in requirements(kind) if name.startswith("vllm"))
    assert "==" in engine


def test_gpus_are_read_from_what_nvidia_says() -> None:
    listing = "NVIDIA H100 80GB HBM3, 81559, 9.0\nTesla K80, 11441, 3.7\n[Not Supported]\nTesla T4, 15360, 7.5\n"
    assert [(gpu.name, round(gpu.memory_gb), gpu.compute_capability) for gpu in parse_gpus(listing)] == [
        ("NVIDIA H100 80GB HBM3", 86, 9.0),
        ("Tesla T4", 16, 7.5),
    ]
    assert parse_gpus("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.") == ()


@pytest.mark.parametrize(
    ("cpuinfo", "words"),
    [
        (
            "processor\t: 0\nflags\t\t: fpu avx2 avx512f\n\nprocessor\t: 1\nflags\t\t: other\n",
            {"fpu", "avx2", "avx512f"},
        ),
        ("processor\t: 0\nFeatures\t: fp asimd\n", {"fp", "asimd"}),
        ("", set()),
    ],
)
def test_processor_features_are_read(cpuinfo: str, words: set[str]) -> None:
    assert parse_features(cpuinfo) == words


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        (lambda: Hardware((), 2, 16, "x86_64", frozenset({"sse4_2"})), "lacks AVX2"),
        (lambda: Hardware((), 2, 16, "riscv64", frozenset()), "no build for processors of the kind riscv64"),
    ],
)
def test_a_processor_that_cannot_is_named(change: Callable[[], Hardware], objection: str) -> None:
    assert objection in change().objection()


def test_a_processor_that_can_is_not_objected_to() -> None:
    assert machine().objection() == ""
    assert machine(80).objection() == ""


def test_the_demonstration_model_fits_almost_anywhere() -> None:
    assert fits(DEMONSTRATION, machine(memory_gb=4))
    assert fits(DEMONSTRATION, machine(6))
