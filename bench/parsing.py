"""How fast and how well PDFs are read: pages a second on one core, and how much of the annotators' evidence is on its page.

`TOULMIN_EVAL_DIR=… python -m bench.parsing` reads `financebench` and `cuad` in that folder: `pdfs/*.pdf` and `qrels.jsonl`. With
`--boxes` it looks whether the boxes of 200 random passages of all its PDFs hold their text instead; `-v` says what is amiss.
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

from apps.documents.parsers.pdf.parser import PdfParser
from apps.documents.parsing import Parsed, Source
from bench.boxes import boxes_agree

LEAST_ALIKE = 0.99


def main() -> int:
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    if "--boxes" in sys.argv:
        paths = sorted([*folder.glob("*/pdfs/*.pdf"), *folder.glob("documents/*.pdf")])
        return int(boxes_agree(paths, 200, verbose="-v" in sys.argv) < LEAST_ALIKE)
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
        documents[path.stem] = PdfParser().parse(Source(path), progress=lambda done, total: None).whole()
        pages += len(documents[path.stem].pages)
    seconds = time.process_time() - begun
    print(f"{folder}: {len(documents)} files, {pages} pages, {seconds:.1f} s, {pages / seconds:.1f} pages/s")
    return documents


def evidence_found(documents: dict[str, Parsed], qrels: Path) -> tuple[list[float], list[str]]:
    """Return, for each piece of evidence with a page, the share of its words and figures that were read there.

    Figures must be found as they are. Words may be, since the annotators' text often lacks the blanks between them, part of
    the page with its blanks left out. A clause may run onto the next page.
    """
    shares, missed = [], []
    for line in qrels.read_text().splitlines():
        row = json.loads(line)
        document, number = place_of(row)
        if document not in documents or not row.get("evidence_text") or number is None:
            continue
        pages = documents[document].pages[number - 1 : number if "#p" in row["doc_id"] else number + 1]
        text = plain("\n".join(block.text for page in pages for block in page.blocks))
        read, squeezed = Counter(figures(text)), re.sub(r"[\W_]+", "", text)
        evidence = plain(row["evidence_text"])
        lost = list((Counter(figures(evidence)) - read).elements())
        words = re.findall(r"[^\W\d_]+", evidence)
        lost += [word for word in words if word not in squeezed]
        shares.append(1 - len(lost) / (len(words) + len(list(figures(evidence)))))
        if lost:
            missed.append(f"  {document} page {number}: {shares[-1]:.3f}, missing {lost[:12]}")
    return shares, missed


def place_of(row: dict[str, object]) -> tuple[str, int | None]:
    document, _, page = str(row["doc_id"]).partition("#p")
    if page:
        return document, int(page)
    number = row.get("page")
    return document.split(":")[0], int(str(number)) if number else None


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u00ad\n", "").replace("-\n", "-").lower()


def figures(text: str) -> Iterator[str]:
    yield from re.findall(r"\d[\d.,]*\d|\d", text)


if __name__ == "__main__":
    sys.exit(main())
