"""Which model a machine gets, how it is laid out on its GPUs, and how vLLM is told to serve it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inference.arguments import requirements, vllm_arguments, vllm_environment
from inference.catalogue import TEMPLATES, Entry, load_catalogue
from inference.choice import NothingFits, choose, fits
from inference.hardware import Gpu, Hardware, parse_features, parse_gpus
from inference.parallel import Layout, lay_out, tokens_in_cache
from inference.wishes import Wishes

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
        assert choose(CATALOGUE.values(), machine(memory_gb=8), only_packaged, Wishes(name)) == wanted
    with pytest.raises(NothingFits, match="names gpt-9, which the catalogue does not hold"):
        choose(CATALOGUE.values(), machine(), everything, Wishes("gpt-9"))


def test_a_variant_is_served_only_when_asked_for_and_only_where_its_numbers_are_understood() -> None:
    name = "deepseek-r1-distill-qwen-32b-fp8"
    assert not choose(CATALOGUE.values(), machine(48), everything).is_variant
    assert choose(CATALOGUE.values(), machine(48), everything, Wishes(name)).key == name
    with pytest.raises(NothingFits, match=r"needs a GPU of compute capability 7\.5"):
        choose(CATALOGUE.values(), machine(), everything, Wishes(name))
    with pytest.raises(NothingFits, match=r"compute capability 8\.0"):
        choose(
            CATALOGUE.values(), machine(24, capability=7.5), everything, Wishes("deepseek-r1-distill-qwen-14b-w4a16")
        )


def test_answers_that_can_be_replayed_need_gpus_that_can() -> None:
    wishes = Wishes(batch_invariant=True)
    assert choose(CATALOGUE.values(), machine(80), everything, wishes).key == "deepseek-r1-distill-qwen-32b"
    for hardware in (machine(), machine(80, capability=7.5)):
        with pytest.raises(NothingFits, match="TOULMIN_BATCH_INVARIANT needs GPUs"):
            choose(CATALOGUE.values(), hardware, everything, wishes)
    assert vllm_environment(SMALLEST, machine(80), wishes)["VLLM_BATCH_INVARIANT"] == "1"
    assert "VLLM_BATCH_INVARIANT" not in vllm_environment(SMALLEST, machine(80))


def test_a_machine_that_is_too_small_is_told_so() -> None:
    with pytest.raises(NothingFits, match="2 GB of memory is too little"):
        choose(CATALOGUE.values(), machine(memory_gb=2), everything)


def test_a_model_is_spread_over_the_fewest_gpus_that_hold_it_and_copied_onto_the_others() -> None:
    large = CATALOGUE["deepseek-r1-distill-qwen-32b"]
    laid = [lay_out(large, machine(*[24] * count)) for count in (1, 2, 4, 8)]
    assert laid == [None, None, Layout(tensor=4), Layout(tensor=4, copies=2)]
    assert lay_out(large, machine(80, 80, 80)) == Layout(copies=3)
    assert lay_out(CATALOGUE["deepseek-r1-distill-llama-70b"], machine(*[80] * 8)) == Layout(tensor=4, copies=2)


def test_a_model_is_never_cut_through_a_head() -> None:
    """Seven billion parameters have 28 heads: eight GPUs that are too small for it alone serve it as two fours."""
    assert lay_out(CATALOGUE["deepseek-r1-distill-qwen-7b"], machine(*[12] * 8)) == Layout(tensor=4, copies=2)
    assert lay_out(DEMONSTRATION, machine(80, 80)) == Layout(copies=2)


def test_a_cache_of_compressed_attention_is_not_shared_between_gpus() -> None:
    whole, large = CATALOGUE["deepseek-r1-0528"], CATALOGUE["deepseek-r1-distill-llama-70b"]
    gpus = machine(*[141] * 8)
    left_gb = 0.9 * 141 - 3.0 - whole.memory_gb / 8
    assert tokens_in_cache(whole, gpus, Layout(tensor=8)) == int(left_gb * 1e9 / (whole.cache_kb * 1024))
    assert tokens_in_cache(large, gpus, Layout(tensor=8)) > 2 * tokens_in_cache(large, gpus, Layout(tensor=4))


def test_over_machines_each_holds_a_stage_spread_over_its_gpus() -> None:
    whole = CATALOGUE["deepseek-r1-0528"]
    node = machine(*[80] * 8)
    assert lay_out(whole, node) is None
    assert lay_out(whole, node, nodes=2) == Layout(tensor=8, stages=2)
    told = arguments(whole, node, nodes=2)
    assert (told["--tensor-parallel-size"], told["--pipeline-parallel-size"]) == ("8", "2")
    assert told["--distributed-executor-backend"] == "ray"
    with pytest.raises(NothingFits, match="2 machines like this one are too small"):
        choose(CATALOGUE.values(), machine(24), everything, Wishes(whole.key, nodes=2, head="10.0.0.1:6379"))


def arguments(entry: Entry, hardware: Hardware, **options: Any) -> dict[str, str]:
    parts = vllm_arguments(entry, hardware, weights=Path("/weights/model"), port=8123, **options)
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
    assert (told["--tensor-parallel-size"], told["--data-parallel-size"]) == ("4", "2")
    assert told["--max-model-len"] == "32768"
    assert told["--dtype"] == "bfloat16"
    assert "--enforce-eager" not in told
    assert "OMP_NUM_THREADS" not in vllm_environment(SMALLEST, machine(80))


@pytest.mark.parametrize(("memory_gb", "context"), [(80, 12288), (85.5, 31744), (96, 32768)])
def test_the_context_shrinks_to_what_the_cache_holds(memory_gb: float, context: int) -> None:
    told = arguments(CATALOGUE["deepseek-r1-distill-qwen-32b"], machine(memory_gb))
    assert told["--max-model-len"] == str(context)


def test_eight_bits_are_made_while_loading_and_the_template_of_strange_weights_is_ours() -> None:
    eight = arguments(CATALOGUE["deepseek-r1-distill-qwen-32b-fp8"], machine(80))
    four = arguments(CATALOGUE["deepseek-r1-distill-qwen-32b-w4a16"], machine(80))
    assert eight["--quantization"] == "fp8"
    assert "--chat-template" not in eight
    assert "--quantization" not in four, "the weights say themselves how they are stored"
    assert Path(four["--chat-template"]) == TEMPLATES / "deepseek-r1.jinja"
    assert Path(four["--chat-template"]).exists()


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
        assert {"--enable-prefix-caching", "--enable-prompt-tokens-details", "--enable-per-request-metrics"} <= set(
            told
        )
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
