"""Small documents of the OpenDocument family made on the spot."""

import zipfile
from pathlib import Path

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("draw", "drawing"),
                        ("presentation", "presentation"), ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"), ("meta", "meta"))
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip


def odf(path: Path, kind: str, body: str, *, styles: str = "", meta: str = "") -> Path:
    """Write a document of the OpenDocument family with this body."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml", f"<office:document-meta {_NAMES}><office:meta>{meta}</office:meta></office:document-meta>"
        )
    return path


def ods(path: Path, body: str, *, styles: str = "") -> Path:
    """Write an ODS with these sheets."""
    return odf(path, "spreadsheet", body, styles=styles)


ODS_RESULTS = """
<table:table table:name="Results" table:style-name="seen">
 <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
 <table:table-row><table:table-cell/><table:table-cell/>
  <table:table-cell office:value-type="float" office:value="2025"><text:p>2025</text:p></table:table-cell>
  <table:table-cell office:value-type="float" office:value="2024"><text:p>2024</text:p></table:table-cell></table:table-row>
 <table:table-row><table:table-cell/><table:table-cell office:value-type="string"><text:p>Revenue</text:p></table:table-cell>
  <table:table-cell office:value-type="currency" office:value="1204.5"><text:p>€1,204.50</text:p></table:table-cell>
  <table:table-cell office:value-type="float" office:value="1087"><office:annotation><dc:creator>Ada</dc:creator>
   <text:p>Check.</text:p></office:annotation><text:p>1,087</text:p></table:table-cell></table:table-row>
 <table:table-row><table:table-cell/><table:table-cell office:value-type="string"><text:p>Margin</text:p></table:table-cell>
  <table:table-cell office:value-type="percentage" office:value="0.3007" table:number-columns-repeated="2"><text:p>30.1%</text:p></table:table-cell>
 </table:table-row>
 <table:table-row><table:table-cell/><table:table-cell office:value-type="string" table:number-columns-spanned="3"><text:p>Closed on</text:p></table:table-cell>
  <table:covered-table-cell table:number-columns-repeated="2"/>
  <table:table-cell office:value-type="date" office:date-value="2025-12-31"><text:p>31.12.25</text:p></table:table-cell></table:table-row>
</table:table>
<table:table table:name="Back" table:style-name="unseen">
 <table:table-row><table:table-cell office:value-type="string"><text:p>unseen</text:p></table:table-cell></table:table-row>
</table:table>
"""

ODT_STYLES = (
    '<style:style style:name="P1" style:parent-style-name="Caption"/>'
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/></text:list-style>'
)

ODT_TEXT = """
<text:h text:outline-level="2">Prices</text:h>
<text:p>Prices hold<text:s text:c="2"/>for one year.<text:note><text:note-citation>1</text:note-citation><text:note-body>
 <text:p>From signing on.</text:p></text:note-body></text:note><office:annotation><dc:creator>Ada</dc:creator>
 <text:p>Too long?</text:p></office:annotation></text:p>
<text:list text:style-name="L1"><text:list-item><text:p>Pumps</text:p><text:list><text:list-item><text:p>of steel</text:p>
 </text:list-item></text:list></text:list-item><text:list-item><text:p>Valves</text:p></text:list-item></text:list>
<text:p text:style-name="P1">Table 1: Prices</text:p>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell>
 <table:table-cell><text:p>Price</text:p></table:table-cell></table:table-row></table:table-header-rows>
 <table:table-row><table:table-cell><text:p>Pump</text:p></table:table-cell>
 <table:table-cell office:value-type="float" office:value="12.5"><text:p>12.50</text:p></table:table-cell></table:table-row>
 <table:table-row><table:table-cell><text:p>Both</text:p></table:table-cell>
 <table:table-cell><text:p>15.50</text:p></table:table-cell></table:table-row></table:table>
<text:p><draw:frame><draw:text-box><text:p>boxed words</text:p></draw:text-box></draw:frame></text:p>
"""

ODP_REVIEW = """
<draw:page draw:name="page1">
 <draw:frame presentation:class="outline"><draw:text-box><text:list><text:list-item><text:p>Pumps sold well</text:p></text:list-item>
 </text:list></draw:text-box></draw:frame>
 <draw:frame presentation:class="title"><draw:text-box><text:p>Review</text:p></draw:text-box></draw:frame>
 <draw:frame presentation:class="page-number"><draw:text-box><text:p>1</text:p></draw:text-box></draw:frame>
 <presentation:notes><draw:frame presentation:class="notes"><draw:text-box><text:p>Thank all.</text:p></draw:text-box></draw:frame>
 </presentation:notes></draw:page>
<draw:page draw:name="page2"><draw:custom-shape><text:p>A shape</text:p></draw:custom-shape></draw:page>
"""
