"""Plain text in every encoding that people send."""

from pathlib import Path

import pytest

from apps.documents.language import detect_language
from apps.documents.parsers.text import decode
from apps.documents.parsing import BlockKind
from tests.documents.conftest import Parse, blocks_of, text_of

LETTER = "Sehr geehrte Frau Müller,\n\nwir bestätigen Ihre Kündigung zum 31. März. Über die Höhe der Abfindung schreiben wir Ihnen."


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
def test_text_is_decoded(tmp_path: Path, parse: Parse, encoding: str, mark: bytes) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes(mark + LETTER.replace("\n", "\r\n").encode(encoding))
    assert [block.text for block in blocks_of(parse(path))] == LETTER.split("\n\n")


def test_paragraphs_are_parted_by_empty_lines_and_lists_known(tmp_path: Path, parse: Parse) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One line\nand its next.\n \n- first\n- second\n\f\nOn a new page.")
    assert [(block.kind, block.text) for block in blocks_of(parse(path))] == [
        (BlockKind.TEXT, "One line\nand its next."),
        (BlockKind.LIST, "- first\n- second"),
        (BlockKind.TEXT, "On a new page."),
    ]


def test_control_characters_are_dropped(tmp_path: Path, parse: Parse) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"What stands before\x07 and what stands after\x7f the bell are one sentence to a reader.")
    assert text_of(parse(path)) == "What stands before and what stands after the bell are one sentence to a reader."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The company sells pumps and valves to water utilities in nine countries.", "en"),
        ("Belege werden binnen vierzehn Tagen nach dem Ende der Reise eingereicht.", "de"),
        ("Les factures sont payées dans un délai de trente jours après réception.", "fr"),
        ("会社は水道事業者にポンプとバルブを販売しています。", "ja"),
        ("1,204 1,087 (842) (771)", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_found(text: str, language: str) -> None:
    assert detect_language(text) == language


SAMPLES = {
    "ru": "Поставщик обязуется доставить насосы не позднее мая. Оплата производится в течение тридцати дней.",
    "ja": "供給者はポンプを期日までに引き渡すものとする。支払いは納品後三十日以内に行われる。契約の変更は書面による。",
    "zh": "供应商应按时交付水泵。付款应在交货后三十天内完成，除非双方另有书面约定。合同的变更须以书面形式作出。",
    "zh-Hant": "供應商應按時交付水泵。付款應在交貨後三十天內完成，除非雙方另有書面約定。合約的變更須以書面形式作出。",
    "ko": "공급자는 펌프를 제때 인도하여야 한다. 대금은 인도 후 삼십 일 이내에 지급하며 계약의 변경은 서면으로 한다.",
    "pl": "Dostawca zobowiązuje się dostarczyć pompy w terminie. Płatność następuje w ciągu trzydziestu dni, chyba że inaczej.",
    "cs": "Dodavatel se zavazuje dodat čerpadla včas. Platba se uskuteční do třiceti dnů, pokud se strany nedohodnou jinak.",
    "el": "Ο προμηθευτής υποχρεούται να παραδώσει τις αντλίες έγκαιρα. Η πληρωμή γίνεται εντός τριάντα ημερών.",
    "ar": "يلتزم المورد بتسليم المضخات في الموعد المحدد. يتم الدفع خلال ثلاثين يومًا من التسليم.",
    "he": "הספק מתחייב למסור את המשאבות במועד. התשלום יתבצע תוך שלושים יום ממועד המסירה.",
    "th": "ผู้ขายต้องส่งมอบปั๊มตรงเวลา การชำระเงินจะทำภายในสามสิบวันหลังการส่งมอบ",
    "fr": "Le fournisseur s’engage à livrer les pompes à temps. Le paiement s’élève à 1 200 et sera effectué après réception.",
    "de": "Der Lieferant ist verpflichtet, die Pumpen pünktlich zu übergeben. Die Zahlung beträgt 1.200 und erfolgt im März.",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("ru", "cp1251"),
        ("ru", "koi8-r"),
        ("ru", "iso8859-5"),
        ("ru", "cp866"),
        ("ru", "mac_cyrillic"),
        ("ru", "utf-16-be"),
        ("ru", "utf-32-le"),
        ("ja", "cp932"),
        ("ja", "euc_jp"),
        ("ja", "iso2022_jp"),
        ("zh", "gb18030"),
        ("zh", "utf-16-le"),
        ("zh-Hant", "big5"),
        ("ko", "cp949"),
        ("pl", "cp1250"),
        ("pl", "iso8859-2"),
        ("cs", "cp1250"),
        ("cs", "iso8859-2"),
        ("el", "cp1253"),
        ("ar", "cp1256"),
        ("he", "cp1255"),
        ("th", "cp874"),
        ("fr", "cp1252"),
        ("fr", "mac_roman"),
        ("de", "iso8859-15"),
        ("de", "cp437"),
        ("de", "utf-32-be"),
        ("de", "utf-32"),
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_an_encoding_that_nobody_states_is_found(language: str, encoding: str, times: int) -> None:
    text = f"{SAMPLES[language]}\n".encode(encoding, "ignore").decode(encoding) * times
    assert decode(text.encode(encoding)) == text


def test_a_sample_that_ends_within_a_character_does_not_mislead() -> None:
    text = f"{SAMPLES['ja']}\n" * 4000
    assert decode(text.encode("cp932")) == text
