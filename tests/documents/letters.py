"""Messages, rich text and pictures made on the spot."""

from email.message import EmailMessage
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

RICH = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\froman\fcharset238 Times CE;}}"
    rb"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}}{\info{\title Pump order}{\author Ann}{\creatim\yr2024\mo5\dy6}}"
    rb"{\header Confidential\par}\pard\plain\s1 Order\par\pard\plain We order {\b pumps} for \'80 1,204.\par"
    rb"\pard{\listtext\bullet\tab}to be paid in May\par\pard{\listtext\bullet\tab}to be sent in June\par"
    rb"\pard{\f1\'f8}\u382?lut\u253\'fd k\u367?\u328?{\super\chftn}{\footnote{\super\chftn} A colour.}\par"
    rb"\trowd\trhdr\cellx2000\cellx4000\pard\intbl Part\cell Price\cell\row"
    rb"\trowd\cellx2000\cellx4000\pard\intbl Pump\cell 1,204\cell\row"
    rb"\trowd\cellx2000\cellx4000\pard\intbl Valve\cell 87\cell\row"
    rb"\pard Yours, Ann {\v hidden}{\*\unknown not for readers}\par}"
)


def message(*, html: str = "", attached: dict[str, bytes] | None = None) -> EmailMessage:
    """A short message, with the same in HTML and with files if they are given."""
    made = EmailMessage()
    made["Subject"] = "Übergabe der Pumpen"
    made["From"] = "Ann Müller <ann@example.org>"
    made["To"] = "bob@example.org, carol@example.org"
    made["Cc"] = "dan@example.org"
    made["Date"] = "Mon, 06 May 2024 10:00:00 +0200"
    made.set_content("The pumps arrive on Monday.\n\nPlease sign for them.\n")
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in (attached or {}).items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


def web_archive(page: str) -> bytes:
    """A page as browsers save it with what it shows."""
    return (
        b"From: <Saved by Blink>\nSubject: Page\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="b"\n\n--b\nContent-Type: text/html\n\n'
        + page.encode()
        + b"\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n"
    )


def picture(*lines: str, size: tuple[int, int] = (1240, 700)) -> Image.Image:
    """A white sheet with these lines in large type."""
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=36)
    for number, line in enumerate(lines):
        draw.text((80, 60 + 80 * number), line, fill="black", font=font)
    return sheet


def saved(path: Path, *pages: Image.Image, **options: object) -> Path:
    """Write a picture, with all its pages where there are several, in the format that its name says."""
    pages[0].save(path, **({"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}), **options)  # type: ignore[arg-type]
    return path
