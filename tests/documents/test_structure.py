"""What the writer libraries don't make: text boxes, notes, tracked changes, groups, diagrams, protection."""

from __future__ import annotations

import pytest

from app.errors import FileReadError, PasswordNeeded
from tests.documents import corpus
from tests.documents.conftest import ReadBytes

_W = 'xmlns:w="urn:w" xmlns:mc="urn:mc" xmlns:m="urn:m"'


def _docx(body: str, **parts: str) -> bytes:
    entries: dict[str, str | bytes] = {
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>"
    }
    return corpus.zipped(entries | {f"word/{name}.xml": text for name, text in parts.items()})


def _p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_tracked_changes_and_hyperlinks(read: ReadBytes) -> None:
    body = (
        "<w:p><w:r><w:t>a </w:t></w:r><w:del><w:r><w:delText>GONE</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText>PAGE</w:instrText><w:tab/><w:t>t</w:t><w:br/><w:t>u</w:t></w:r>"
        "<m:oMath><m:r><m:t>x+1</m:t></m:r></m:oMath></w:p>"
    )
    assert read("a.docx", _docx(body)).text == "a new link\tt\nux+1\n"


def test_text_boxes_stand_behind_their_paragraph_once(read: ReadBytes) -> None:
    box = f"<w:txbxContent>{_p('boxed')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><w:t>before</w:t><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent><w:t> after</w:t></w:r></w:p>"
    )
    assert read("a.docx", _docx(body)).text == "before after\n\nboxed\n"


def test_notes_and_comments_of_docx(read: ReadBytes) -> None:
    body = '<w:p><w:r><w:t>word</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    footnotes = (
        f'<w:footnotes {_W}><w:footnote w:type="separator" w:id="0">{_p("-")}</w:footnote>'
        f'<w:footnote w:id="2">{_p("the note")}</w:footnote></w:footnotes>'
    )
    comments = f"<w:comments {_W}><w:comment>{_p('aside')}</w:comment></w:comments>"
    found = read("a.docx", _docx(body, footnotes=footnotes, comments=comments))
    assert found.text == "word[^2]\n\n[^2]: the note\n"
    assert found.notes == ("1 comment was left out.",)


def test_numbers_of_lists(read: ReadBytes) -> None:
    def entry(text: str, level: int, number: int = 1) -> str:
        properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        return _p(text, properties)

    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/></w:lvl>'
        for level, start, kind in ((0, 3, "decimal"), (1, 1, "lowerLetter"), (2, 1, "bullet"))
    )
    numbering = (
        f'<w:numbering {_W}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    body = "".join([entry("a", 0), entry("b", 1), entry("c", 1), entry("d", 0), entry("e", 1), entry("f", 2)])
    found = read("a.docx", _docx(body + entry("g", 0, 0), numbering=numbering)).text
    assert found == "3. a\n   1. b\n   2. c\n4. d\n   1. e\n    - f\n\ng\n"


def test_headings_by_style_of_a_style(read: ReadBytes) -> None:
    styles = (
        f'<w:styles {_W}><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="own"><w:name w:val="Own"/><w:basedOn w:val="berschrift2"/></w:style></w:styles>'
    )
    body = _p("one", '<w:pStyle w:val="own"/>') + _p("two", '<w:outlineLvl w:val="3"/>') + _p("three")
    assert read("a.docx", _docx(body, styles=styles)).text == "## one\n\n#### two\n\nthree\n"


def test_nested_far_too_deep_is_still_read(read: ReadBytes) -> None:
    tables = "<w:tbl><w:tr><w:tc>" * 60 + _p("deep") + "</w:tc></w:tr></w:tbl>" * 60
    assert "deep" in read("a.docx", _docx(tables + _p("end"))).text
    groups = "<w:sdt><w:sdtContent>" * 60 + _p("deep") + "</w:sdtContent></w:sdt>" * 60
    assert read("a.docx", _docx(groups)).text == "deep\n"


def test_a_text_under_another_name(read: ReadBytes) -> None:
    rels = '<R><Relationship Id="r" Type="x/officeDocument" Target="/word/document2.xml"/></R>'
    body = f"<w:document {_W}><w:body>{_p('here')}</w:body></w:document>"
    assert read("a.docx", corpus.zipped({"_rels/.rels": rels, "word/document2.xml": body})).text == "here\n"


def test_groups_and_diagrams_of_slides(read: ReadBytes) -> None:
    spaces = 'xmlns:a="urn:a" xmlns:p="urn:p" xmlns:r="urn:r"'
    shape = "<p:sp><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>"
    rels = '<Relationships><Relationship Id="{}" Type="x/{}" Target="{}"/></Relationships>'
    entries: dict[str, str | bytes] = {
        "ppt/presentation.xml": f'<p:p {spaces}><p:sldIdLst><p:sldId id="5" r:id="r1"/></p:sldIdLst></p:p>',
        "ppt/_rels/presentation.xml.rels": rels.format("r1", "slide", "slides/s.xml"),
        "ppt/slides/s.xml": f"<p:s {spaces}><p:spTree><p:grpSp><p:grpSp>{shape.format('in groups')}</p:grpSp>"
        f"</p:grpSp>{shape.format('alone')}</p:spTree></p:s>",
        "ppt/slides/_rels/s.xml.rels": rels.format("d", "diagramData", "../diagrams/d.xml"),
        "ppt/diagrams/d.xml": f"<a:d {spaces}><a:p><a:r><a:t>drawn</a:t></a:r></a:p></a:d>",
    }
    found = read("a.pptx", corpus.zipped(entries)).text
    assert found == "## Slide 1\n\nin groups\n\nalone\n\n- drawn\n"
    del entries["ppt/slides/s.xml"]
    with pytest.raises(FileReadError, match="a part of it cannot be read"):
        read("a.pptx", corpus.zipped(entries))


_ODF = "".join(
    f' xmlns:{name}="urn:{name}"'
    for name in ("office", "text", "table", "draw", "style", "m", "presentation")
)


def _odf(body: str, mime: str = "text", **entries: str) -> bytes:
    content = f"<office:d{_ODF}><office:body>{body}</office:body></office:d>"
    return corpus.zipped(
        {"mimetype": f"application/vnd.oasis.opendocument.{mime}", "content.xml": content, **entries}
    )


def test_odt(read: ReadBytes) -> None:
    body = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1"/></text:list-style>'
        '<text:p>a<text:s text:c="2"/>b<text:tab/><text:span>c</text:span>d<text:note><text:note-citation>1'
        "</text:note-citation><text:note-body><text:p>below</text:p></text:note-body></text:note>"
        "<office:annotation><text:p>aside</text:p></office:annotation>"
        "<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame>e</text:p>"
        '<text:list text:style-name="L"><text:list-item><text:p>one</text:p><text:list><text:list-item>'
        "<text:p>inner</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>two</text:p>"
        "</text:list-item></text:list><text:tracked-changes><text:p>GONE</text:p></text:tracked-changes>"
        '<table:table><table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>x</text:p>'
        '</table:table-cell><table:table-cell table:number-columns-repeated="1000000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
        "</table:table>"
    )
    found = read("a.odt", _odf(body))
    assert found.text == (
        "a  b\tcd[^1]e\n\nboxed\n\n1. one\n  - inner\n2. two\n\n"
        "| x | x |  |\n| --- | --- | --- |\n|  |  |  |\n\n[^1]: below\n"
    )
    assert found.notes == ("1 comment was left out.",)


def test_odp(read: ReadBytes) -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    page = f'<draw:page draw:name="{{}}">{box}</draw:page>'
    found = read("a.odp", _odf(page.format("First", "one") + page.format("Second", "two"), "presentation"))
    assert found.text == "## Slide 1: First\n\none\n\n## Slide 2: Second\n\ntwo\n"
    assert (found.kind, found.pages) == ("odp", 2)


def test_a_chapter_names_its_encoding(read: ReadBytes) -> None:
    package = (
        '<p><manifest><item id="a" href="a.htm" media-type="text/html"/></manifest>'
        '<spine><itemref idref="a"/></spine></p>'
    )
    entries: dict[str, str | bytes] = {
        "META-INF/container.xml": '<c><rootfile full-path="p.opf"/></c>',
        "p.opf": package,
        "a.htm": '<?xml version="1.0" encoding="windows-1251"?><p>Привет</p>'.encode("cp1251"),
    }
    assert read("a.epub", corpus.zipped(entries)).text == "Привет\n"


def test_protected_books_and_documents(read: ReadBytes) -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(PasswordNeeded, match="protected with a password"):
        read("a.odt", _odf("", **{"META-INF/manifest.xml": manifest}))
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(corpus.make_epub(corpus.content(9)))) as archive:
        entries: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    lock = '<e><CipherReference URI="{}"/></e>'
    with pytest.raises(FileReadError, match="protected against copying"):
        read("a.epub", corpus.zipped({**entries, "META-INF/encryption.xml": lock.format("OEBPS/two.xhtml")}))
    fonts = corpus.zipped({**entries, "META-INF/encryption.xml": lock.format("OEBPS/font.otf")})
    assert corpus.words_in(read("a.epub", fonts).text) == corpus.content(9).words


def test_a_sheet_that_reaches_too_far(read: ReadBytes) -> None:
    import io

    import openpyxl

    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "first", "last"
    book.save(file)
    with pytest.raises(FileReadError, match="reaches as far as cell XFD1048576"):
        read("a.xlsx", file.getvalue())
