"""Reading in a child: what it may not do, and what its owner is told."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.documents import reading
from apps.documents.formats import PDF, TEXT
from apps.documents.listening import decode, within
from apps.documents.parsing import (
    Attached,
    Block,
    BlockKind,
    Cell,
    Line,
    Page,
    Parsed,
    Progress,
    Quality,
    ReadingNote,
    Source,
    Table,
    TableCheck,
    Unreadable,
)
from apps.documents.reading import extracted_file, opened_document
from apps.documents.wire import Advanced, Began, Finished, Message, PageRead, Refused, encode
from tests.documents import papers
from tests.documents.conftest import text_of

LETTER = (
    b"From: a@example.org\r\nSubject: Figures\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nThe figures are attached.\r\n"
    b"--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nfigures\r\n--x--\r\n"
)


def quietly(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def read_document(path: Path, media_type: str, *, progress: Progress = quietly, password: str = "") -> Parsed:
    """Return the document with all its pages."""
    with opened_document(Source(path, password=password), media_type, progress=progress) as parsed:
        return parsed.whole()


@pytest.fixture
def limits(settings: Any) -> Any:
    def set_limits(**changes: object) -> None:
        settings.ENV = settings.ENV.model_copy(update=changes)

    return set_limits


@pytest.fixture
def child_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a script in the place of the child."""

    def replace(script: str) -> Path:
        path = tmp_path / "child.py"
        path.write_text("import sys, os, time, signal\n" + script)
        monkeypatch.setattr(reading, "_COMMAND", (sys.executable, str(path)))
        return path

    return replace


def code_of(path: Path, media_type: str = PDF.media_type) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(path, media_type, progress=quietly)
    assert caught.value.detail.endswith(".")
    return caught.value.code


def test_a_document_comes_back_whole_and_progress_is_told(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    path = papers.pdf(tmp_path / "a.pdf", papers.report, papers.report)
    parsed = read_document(path, PDF.media_type, progress=lambda *at: calls.append(at))
    assert [page.number for page in parsed.pages] == [1, 2]
    assert "Gross profit  362  316" in text_of(parsed)
    told = [call for call in dict.fromkeys(calls) if call != (0, 0)]  # of seconds of silence
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_scan_is_read_within_the_limits(tmp_path: Path) -> None:
    path = papers.pdf(tmp_path / "a.pdf", papers.scan("The contract ends in March."))
    assert "contract ends in March" in text_of(read_document(path, PDF.media_type, progress=quietly))


def test_what_a_parser_refuses_reaches_the_owner(tmp_path: Path) -> None:
    assert code_of(papers.pdf(tmp_path / "a.pdf", papers.report, password="secret")) == "encrypted"


def test_a_password_opens_what_it_protects(tmp_path: Path) -> None:
    path = papers.pdf(tmp_path / "a.pdf", papers.report, password="secret")
    assert "Gross profit" in text_of(read_document(path, PDF.media_type, password="secret"))


def test_a_password_is_on_no_list_of_processes(child_does: Any, tmp_path: Path) -> None:
    note = tmp_path / "seen"
    path = child_does(f"open({str(note)!r}, 'w').write(repr(sys.argv) + repr(os.environ))\nsys.stdin.read()")
    with pytest.raises(Unreadable):
        read_document(path, PDF.media_type, password="correct horse")
    assert "correct horse" not in note.read_text()


def test_pages_come_while_later_ones_are_read_and_the_child_waits_for_who_is_slow(tmp_path: Path) -> None:
    path = papers.pdf(tmp_path / "a.pdf", *[papers.report] * 60)
    reached: list[int] = []
    with opened_document(Source(path), PDF.media_type, progress=lambda done, total: reached.append(done)) as parsed:
        assert parsed.page_count == 60
        first = next(iter(parsed.pages))
        assert first.number == 1
        assert max(reached) < 60


def test_a_page_that_holds_very_much_comes_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(f"Paragraph {n} says that the rent is due in March. " * 20 for n in range(1500)))
    parts = list(read_document(path, TEXT.media_type).pages)
    assert len(parts) > 1
    assert {part.number for part in parts} == {1}
    assert sum(part.share for part in parts) == pytest.approx(1)
    texts = [block.text for part in parts for block in part.blocks]
    assert len(texts) == 1500
    assert texts[-1].startswith("Paragraph 1499")


def test_a_character_that_no_database_keeps_is_replaced(tmp_path: Path) -> None:
    message = PageRead(Page(1, 0, 0, (Block(BlockKind.TEXT, "a\x00b \\u0000", span=(0, 3)),)))
    decoded = decode(encode(message))
    assert isinstance(decoded, PageRead)
    assert decoded.page.blocks[0].text == "a\ufffdb \\u0000"


def test_an_attachment_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(LETTER)
    with extracted_file(Source(path), "message/rfc822", 0) as content:
        assert b"".join(content) == b"figures"
    with pytest.raises(Unreadable), extracted_file(Source(path), "message/rfc822", 7):
        pass


def test_a_document_without_text_says_so(tmp_path: Path) -> None:
    assert code_of(papers.pdf(tmp_path / "a.pdf", papers.blank)) == "no_text"


def test_reading_stops_when_its_time_is_up(tmp_path: Path, limits: Any, child_does: Any) -> None:
    limits(parse_timeout=1.0)
    path = child_does("time.sleep(60)")
    begun = time.monotonic()
    assert code_of(path) == "too_slow"
    assert time.monotonic() - begun < 10


def test_all_that_reading_takes_is_timed_and_what_is_done_with_it_is_not() -> None:
    def steps() -> Iterator[int]:
        for number in range(10):
            time.sleep(0.05)
            yield number

    for _ in within(1.0, steps()):
        time.sleep(0.2)
    with pytest.raises(Unreadable) as caught:
        list(within(0.2, steps()))
    assert caught.value.code == "too_slow"


def test_a_child_that_is_long_silent_leaves_the_processors_to_others(child_does: Any) -> None:
    refused = encode(Refused("stepped_back", "It has stepped back.")).decode()
    assert (
        code_of(child_does(f"while os.getpriority(os.PRIO_PROCESS, 0) <= 0: pass\nprint({refused!r})"))
        == "stepped_back"
    )


def test_a_child_that_computes_longer_than_its_file_explains_steps_back_though_it_speaks(
    child_does: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_ORDINARY_SECONDS", 0.1)
    refused = encode(Refused("stepped_back", "It has stepped back.")).decode()
    said = encode(Advanced(1, 2)).decode()
    script = f"while os.getpriority(os.PRIO_PROCESS, 0) <= 0: sys.stdout.write({said!r})\nprint({refused!r})"
    assert code_of(child_does(script)) == "stepped_back"


def test_a_child_shares_the_session_of_who_started_it(child_does: Any, tmp_path: Path) -> None:
    note = tmp_path / "session"
    code_of(child_does(f"open({str(note)!r}, 'w').write(str(os.getsid(0)))"))
    assert int(note.read_text()) == os.getsid(0)


def test_a_document_that_needs_too_much_memory_says_so(tmp_path: Path, limits: Any) -> None:
    limits(parse_memory_mb=300)
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(400 << 20)
        file.write(b"words")
    assert code_of(path, TEXT.media_type) == "too_much_memory"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("os.abort()", "damaged"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "too_much_memory"),
        ("raise RuntimeError", "reader_fault"),
        ("print('no message at all', flush=True)", "reader_fault"),
        ('print(\'{"kind": "page", "page": {"number": "one"}}\', flush=True)', "reader_fault"),
    ],
)
def test_a_child_that_dies_or_talks_nonsense_ends_in_a_sentence(child_does: Any, script: str, code: str) -> None:
    assert code_of(child_does(script)) == code


def test_a_child_that_writes_without_end_is_stopped(child_does: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "OUTPUT_LIMIT", 1 << 20)
    assert code_of(child_does("while True: sys.stdout.write('x' * 65536)")) == "too_much_text"


def test_a_small_file_may_give_less_than_a_large_one(child_does: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_OUTPUT_OF_SMALL_FILES", 1 << 20)
    script = 'print(\'{"kind": "advanced", "done": 1, "total": 2}\\n\' * 50_000, end=\'\')'
    path = child_does(script)
    assert code_of(path) == "too_much_text"
    path.write_bytes(path.read_bytes() + b"#" * (1 << 20))
    assert code_of(path) == "damaged"


def test_an_error_in_progress_stops_the_child(tmp_path: Path, child_does: Any) -> None:
    note = tmp_path / "pid"
    path = child_does(f"open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")

    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        read_document(path, PDF.media_type, progress=stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_the_child_knows_no_secrets(child_does: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOULMIN_SECRET_KEY", "do not tell")
    note = tmp_path / "environment"
    code_of(child_does(f"open({str(note)!r}, 'w').write(repr(dict(os.environ)))"))
    assert "do not tell" not in note.read_text()


def test_a_half_of_a_pair_of_code_units_is_replaced() -> None:
    message = PageRead(Page(1, 0.0, 0.0, (Block(BlockKind.TEXT, "a\ud83db"),)))
    decoded = decode(encode(message))
    assert isinstance(decoded, PageRead)
    assert decoded.page.blocks[0].text == "a?b"


def test_all_that_a_document_may_hold_arrives_as_it_was_sent() -> None:
    box = (0.1, 0.25, 0.5, 1.0)
    check = TableCheck("sum", 2, 1, ((0, 1), (1, 1)), "3", "4", holds=False)
    table = Table((("Assets", "Cash"),), (("2023",),), 1, 1, "Balance", "EUR", continues=True, checks=(check,))
    cells = (Cell(0, 0, "“Ä” 表", header=True, box=box), Cell(1, 0, "1", address="A2", value="1.00"))
    block = Block(BlockKind.TABLE, "a\nb", 2, (box,), (Line("a", box),), (0, 3), cells, table, "de", 0.5)
    messages: list[Message] = [
        Began(
            paged=True,
            warnings=(ReadingNote("page_poor", "Look.", 3),),
            metadata=(("author", "A"),),
            attachments=(Attached("a"),),
        ),
        PageRead(Page(1, 612.0, 792.5, (block,), Quality.POOR, 0.75, recognised=True, label="iv", share=0.5)),
        Finished(),
    ]
    assert [decode(encode(message)) for message in messages] == messages


def test_a_small_file_does_not_pay_for_what_it_does_not_need(tmp_path: Path) -> None:
    """Every file starts a child, so what is imported at its start delays each of a thousand letters."""
    path = tmp_path / "a.txt"
    path.write_text("Some words.")
    program = (
        "import atexit, runpy, sys\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n"
        "runpy.run_module('apps.documents.child', run_name='__main__')"
    )
    arguments = ["read", "2048", "60", str(os.getpid()), str(path), TEXT.media_type]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        input='{"filename": "a.txt"}',
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "Some words." in done.stdout
    assert "apps" in loaded
    assert not loaded & {"pydantic", "django", "numpy", "PIL", "lxml", "charset_normalizer", "statistics", "zipfile"}
