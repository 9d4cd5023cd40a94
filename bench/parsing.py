"""How fast and how well PDFs are read: pages a second on one core, and how much of the annotators' evidence is on its page.

`TOULMIN_EVAL_DIR=… python -m bench.parsing` reads `financebench` and `cuad` in that folder: `pdfs/*.pdf` and `qrels.jsonl`.
"""

import json
import os
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from apps.documents.parsers.pdf import PdfParser
from apps.documents.parsing import Parsed


def main() -> int:
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    for name in ("financebench", "cuad"):
        documents = read_all(folder / name / "pdfs")
        shares, missed = evidence_found(documents, folder / name / "qrels.jsonl")
        whole = sum(share == 1.0 for share in shares)
        mean = sum(shares) / len(shares)
        print(
            f"{name}: {whole} of {len(shares)} pieces of evidence whole on their page; words and figures found {mean:.4f}"
        )
        if "-v" in sys.argv:
            print(*missed, sep="\n")
    return 0


def read_all(folder: Path) -> dict[str, Parsed]:
    """Return every PDF of a folder as read, and print how long that took."""
    documents, pages, begun = {}, 0, time.process_time()
    for path in sorted(folder.glob("*.pdf")):
        documents[path.stem] = PdfParser().parse(path, progress=lambda done, total: None)
        pages += len(documents[path.stem].pages)
    seconds = time.process_time() - begun
    print(f"{folder}: {len(documents)} files, {pages} pages, {seconds:.1f} s, {pages / seconds:.1f} pages/s")
    return documents


def evidence_found(documents: dict[str, Parsed], qrels: Path) -> tuple[list[float], list[str]]:
    """Return, for each piece of evidence with a page, the share of its words and figures that were read on that page."""
    shares, missed = [], []
    for line in qrels.read_text().splitlines():
        row = json.loads(line)
        document, page = place_of(row)
        if document not in documents or not row.get("evidence_text") or page is None:
            continue
        words = words_of(documents[document], page)
        wanted = Counter(tokens(row["evidence_text"]))
        found = sum((wanted & words).values()) / max(wanted.total(), 1)
        shares.append(found)
        if found < 1:
            missed.append(f"  {document} page {page}: {found:.3f} missing {list((wanted - words).elements())[:12]}")
    return shares, missed


def place_of(row: dict[str, object]) -> tuple[str, int | None]:
    document, _, page = str(row["doc_id"]).partition("#p")
    if page:
        return document, int(page)
    number = row.get("page")
    return document.split(":")[0], int(str(number)) if number else None


def words_of(parsed: Parsed, number: int) -> Counter[str]:
    """The words of a page and of the next, onto which a clause may run."""
    pages = parsed.pages[number - 1 : number + 1]
    return Counter(tokens("\n".join(block.text for page in pages for block in page.blocks)))


def tokens(text: str) -> Iterator[str]:
    text = unicodedata.normalize("NFKC", text).replace("\u00ad\n", "").replace("\u00ad", "")
    yield from re.findall(r"\d[\d.,]*\d|\d|[^\W\d_]+", text.lower())


if __name__ == "__main__":
    sys.exit(main())
