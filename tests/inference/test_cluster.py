"""What joins several machines, and what the operator has to say for it. No second machine is here to try it on."""

from pathlib import Path

import pytest

from inference.cluster import Cluster, count_command, join_command, parse_count
from inference.wishes import Wishes, WishNotUnderstood, read_wishes

HEAD = Wishes("deepseek-r1", nodes=2, role="head", head="10.0.0.1:6379")
WORKER = Wishes("deepseek-r1", nodes=2, role="worker", head="10.0.0.1:6379")


def test_the_head_listens_where_the_others_look_for_it() -> None:
    command = join_command(Path("/env"), HEAD, gpus=8)
    assert command[:3] == ["/env/bin/ray", "start", "--block"]
    assert {"--head", "--node-ip-address=10.0.0.1", "--port=6379", "--num-gpus=8"} <= set(command)
    assert "--include-dashboard=false" in command


def test_a_worker_joins_the_head_and_opens_nothing() -> None:
    command = join_command(Path("/env"), WORKER, gpus=8)
    assert "--address=10.0.0.1:6379" in command
    assert "--head" not in command


def test_vllm_is_told_which_cluster_is_its_own() -> None:
    assert Cluster(Path("/env"), HEAD, gpus=8).variables == {
        "RAY_ADDRESS": "10.0.0.1:6379",
        "VLLM_HOST_IP": "10.0.0.1",
    }


@pytest.mark.parametrize(("output", "count"), [("2\n", 2), ("a warning\n3\n", 3), ("", 0), ("no ray\n", 0)])
def test_machines_are_counted_from_the_last_line(output: str, count: int) -> None:
    assert parse_count(output) == count
    assert count_command(Path("/env/bin/python"))[0] == "/env/bin/python"


def test_what_is_not_said_is_one_machine_that_chooses_for_itself() -> None:
    assert read_wishes({}) == Wishes()
    assert read_wishes({"TOULMIN_MODEL": "", "TOULMIN_MODEL_NODES": "", "TOULMIN_BATCH_INVARIANT": ""}) == Wishes()


def test_wishes_are_read() -> None:
    said = {
        "TOULMIN_MODEL": "deepseek-r1",
        "TOULMIN_MODEL_NODES": "2",
        "TOULMIN_MODEL_NODE_ROLE": "worker",
        "TOULMIN_MODEL_HEAD": "10.0.0.1:6379",
        "TOULMIN_BATCH_INVARIANT": "True",
        "TOULMIN_SPECULATION": "auto",
    }
    assert read_wishes(said) == Wishes("deepseek-r1", "auto", True, 2, "worker", "10.0.0.1:6379")


@pytest.mark.parametrize(
    ("said", "objection"),
    [
        ({"TOULMIN_SPECULATION": "always"}, "TOULMIN_SPECULATION is always. It may be off or auto."),
        ({"TOULMIN_BATCH_INVARIANT": "perhaps"}, "It may be true or false."),
        ({"TOULMIN_MODEL_NODES": "0"}, "It must be a whole number, 1 or more."),
        ({"TOULMIN_MODEL_NODE_ROLE": "tail"}, "It may be head or worker."),
        ({"TOULMIN_MODEL_NODES": "2", "TOULMIN_MODEL": "deepseek-r1"}, "TOULMIN_MODEL_HEAD must then be the address"),
        ({"TOULMIN_MODEL_NODES": "2", "TOULMIN_MODEL_HEAD": "10.0.0.1:6379"}, "TOULMIN_MODEL must then name the model"),
    ],
)
def test_what_means_nothing_is_said_with_what_would(said: dict[str, str], objection: str) -> None:
    with pytest.raises(WishNotUnderstood, match=objection):
        read_wishes(said)
