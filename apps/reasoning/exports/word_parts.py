"""The parts of a Word package that are the same for every answer: types, relations, styles and settings."""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NAMES = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}/relationships"'

CONTENT_TYPES = f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_TYPE}.styles+xml"/>
<Override PartName="/word/settings.xml" ContentType="{_TYPE}.settings+xml"/>
<Override PartName="/word/footnotes.xml" ContentType="{_TYPE}.footnotes+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""

PACKAGE_LINKS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="document" Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/>
<Relationship Id="properties" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>
</Relationships>"""

PROPERTIES = f"""{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{{title}}</dc:title><dc:creator>Toulmin</dc:creator>
<dcterms:created xsi:type="dcterms:W3CDTF">{{at}}</dcterms:created></cp:coreProperties>"""

DOCUMENT = f"""{_HEAD}<w:document {_NAMES}><w:body>{{body}}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>
<w:pgMar w:top="1304" w:right="1418" w:bottom="1304" w:left="1418" w:header="709" w:footer="709" w:gutter="0"/>
</w:sectPr></w:body></w:document>"""

FOOTNOTES = f"""{_HEAD}<w:footnotes {_NAMES}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
{{notes}}</w:footnotes>"""

SETTINGS = f"""{_HEAD}<w:settings {_NAMES}><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>
<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>
</w:compat></w:settings>"""


def _style(id: str, kind: str, name: str, looks: str, based_on: str = "") -> str:
    based = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return f'<w:style w:type="{kind}" w:styleId="{id}"><w:name w:val="{name}"/>{based}<w:qFormat/>{looks}</w:style>'


def _heading(level: int, size: int) -> str:
    looks = (
        f'<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="{level - 1}"/></w:pPr>'
        f'<w:rPr><w:b/><w:sz w:val="{size}"/></w:rPr>'
    )
    return _style(f"Heading{level}", "paragraph", f"heading {level}", looks, "Normal")


_SMALL = '<w:rPr><w:color w:val="5A5F66"/><w:sz w:val="18"/></w:rPr>'
_LINE = '<w:{side} w:val="single" w:sz="4" w:space="0" w:color="C9CDD2"/>'
_EDGES = "".join(_LINE.format(side=side) for side in ("top", "bottom", "insideH"))

STYLES = "".join(
    (
        f"{_HEAD}<w:styles {_NAMES}><w:docDefaults><w:rPrDefault><w:rPr>",
        '<w:rFonts w:ascii="Georgia" w:hAnsi="Georgia" w:cs="Times New Roman"/><w:sz w:val="22"/>',
        '<w:lang w:val="{language}"/></w:rPr></w:rPrDefault></w:docDefaults>',
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>',
        _style(
            "BodyText", "paragraph", "Body Text",
            '<w:pPr><w:spacing w:after="140" w:line="288" w:lineRule="auto"/></w:pPr>', "Normal",
        ),
        _style(
            "Title", "paragraph", "Title",
            '<w:pPr><w:keepNext/><w:spacing w:after="120"/></w:pPr><w:rPr><w:b/><w:sz w:val="34"/></w:rPr>', "Normal",
        ),
        *(_heading(level, size) for level, size in ((1, 28), (2, 24), (3, 22))),
        _style("Facts", "paragraph", "Facts", f'<w:pPr><w:spacing w:after="160"/></w:pPr>{_SMALL}', "Normal"),
        _style("Remark", "paragraph", "Remark", '<w:pPr><w:spacing w:after="120"/></w:pPr><w:rPr><w:i/></w:rPr>', "Normal"),
        _style("Record", "paragraph", "Record", f'<w:pPr><w:spacing w:before="320"/></w:pPr>{_SMALL}', "Normal"),
        _style("ListItem", "paragraph", "List Item", '<w:pPr><w:spacing w:after="80"/></w:pPr>', "BodyText"),
        _style("Quote", "paragraph", "Quote", '<w:pPr><w:ind w:left="567"/></w:pPr><w:rPr><w:i/></w:rPr>', "BodyText"),
        _style("Code", "paragraph", "Code", '<w:rPr><w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/></w:rPr>', "BodyText"),
        _style("Cell", "paragraph", "Cell", '<w:pPr><w:spacing w:before="40" w:after="40"/></w:pPr>', "Normal"),
        _style("CellHead", "paragraph", "Cell Head", "<w:rPr><w:b/></w:rPr>", "Cell"),
        _style("FootnoteText", "paragraph", "footnote text", '<w:rPr><w:sz w:val="18"/></w:rPr>', "Normal"),
        _style("FootnoteReference", "character", "footnote reference", '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'),
        _style("Hyperlink", "character", "Hyperlink", '<w:rPr><w:color w:val="1F4E8C"/><w:u w:val="single"/></w:rPr>'),
        _style("CodeText", "character", "Code Text", '<w:rPr><w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/></w:rPr>'),
        _style("Mark", "character", "Verdict", '<w:rPr><w:b/><w:color w:val="A8321E"/></w:rPr>'),
        f'<w:style w:type="table" w:styleId="Grid"><w:name w:val="Answer Table"/><w:tblPr><w:tblBorders>{_EDGES}',
        "</w:tblBorders></w:tblPr></w:style></w:styles>",
    )
)  # fmt: skip


def links_part(targets: Mapping[str, str], *, with_parts: bool = False) -> str:
    """Return the relations of a part: addresses by their names, and for the document itself its styles, settings and notes."""
    own = (
        f'<Relationship Id="{name}" Type="{_OFFICE}/relationships/{name}" Target="{name}.xml"/>'
        for name in ("styles", "settings", "footnotes")
    )
    away = (
        f'<Relationship Id={quoteattr(name)} Type="{_OFFICE}/relationships/hyperlink" Target={quoteattr(target)} '
        'TargetMode="External"/>'
        for name, target in targets.items()
    )
    inside = "".join([*(own if with_parts else ()), *away])
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'
