"""What the launcher promises of the server that it starts, asked of a real one."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from inference.arguments import vllm_arguments
from inference.catalogue import load_catalogue
from inference.environment import python_of
from inference.hardware import Gpu, Hardware
from inference.parallel import lay_out
from inference.speculation import drafting_for
from tests.vllm import ENVIRONMENT, MODEL

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]


def _ask(address: str, **options: object) -> dict[str, object]:
    question = {"role": "user", "content": "Net debt was 412 million. What was net debt?"}
    answer = httpx.post(
        f"{address}/chat/completions",
        json={"model": MODEL, "messages": [question], "temperature": 0, "max_tokens": 60, **options},
        timeout=120,
    )
    answer.raise_for_status()
    return dict(answer.json())


def test_it_lists_the_model_under_its_catalogue_key(vllm_server: str) -> None:
    listed = httpx.get(f"{vllm_server}/models", timeout=30).json()["data"]
    assert [(model["id"], model["max_model_len"]) for model in listed] == [(MODEL, 8192)]


def test_reasoning_comes_apart_from_the_answer_and_within_its_budget(vllm_server: str) -> None:
    answer = _ask(vllm_server, thinking_token_budget=12)
    message = answer["choices"][0]["message"]  # type: ignore[index]
    assert message["reasoning"].strip()
    assert message["content"].strip()
    assert "<think>" not in message["reasoning"] + message["content"]
    assert len(message["reasoning"].split()) <= 24


def test_a_repeated_prompt_is_read_from_the_cache(vllm_server: str) -> None:
    long = {"role": "user", "content": "Revenue rose in every year since the company was founded. " * 40}
    _ask(vllm_server, messages=[long], max_tokens=2)
    usage = _ask(vllm_server, messages=[long], max_tokens=2)["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] > 100  # type: ignore[index]


def test_earlier_reasoning_is_not_shown_to_the_model_again(vllm_server: str) -> None:
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "<think>A secret plan.</think>Good day."},
        {"role": "user", "content": "Goodbye"},
    ]
    prompt = _ask(vllm_server, messages=turns, max_tokens=2, return_prompt_text=True)["prompt_text"]
    assert "Good day." in str(prompt)
    assert "secret" not in str(prompt)
    assert str(prompt).endswith("<think>\n")


@pytest.mark.parametrize(
    ("key", "hardware", "nodes"),
    [
        ("deepseek-r1-distill-qwen-32b-fp8", [24.0] * 8, 1),
        ("deepseek-r1-distill-llama-70b", [80.0] * 8, 1),
        ("deepseek-r1-0528", [80.0] * 8, 2),
    ],
)
def test_the_arguments_for_gpus_are_ones_that_it_understands(key: str, hardware: list[float], nodes: int) -> None:
    """There is no GPU to serve on: the server's own parser reads them, and nothing is loaded."""
    catalogue = load_catalogue()
    machine = Hardware(tuple(Gpu("H100", memory, 9.0) for memory in hardware), 16, 128, "x86_64", frozenset())
    drafting = drafting_for(catalogue[key], catalogue)
    told = vllm_arguments(
        catalogue[key],
        machine,
        weights=Path("/weights/model"),
        port=8001,
        nodes=nodes,
        speculative_config=drafting.config("/weights/drafter") if drafting else "",
    )
    program = (
        "import json, sys; from vllm.entrypoints.launchers.cli_args import make_arg_parser;"
        " from vllm.utils.argparse_utils import FlexibleArgumentParser;"
        " read = make_arg_parser(FlexibleArgumentParser()).parse_args(sys.argv[1:]);"
        " print(json.dumps([read.tensor_parallel_size, read.pipeline_parallel_size, read.quantization]))"
    )
    python = python_of(ENVIRONMENT)
    done = subprocess.run([python, "-c", program, *told], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    layout = lay_out(catalogue[key], machine, nodes=nodes)
    assert layout is not None
    eight = "fp8" if key.endswith("-fp8") else None
    assert json.loads(done.stdout.splitlines()[-1]) == [layout.tensor, layout.stages, eight]
