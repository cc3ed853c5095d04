from __future__ import annotations

from io import BytesIO

import pytest

from embeddings.errors import LoadError
from embeddings.formats.pdf import load_pdf
from embeddings.load import load_bytes


def pdf(pages: list[list[str]], info: str = "") -> bytes:
    """A PDF of ASCII lines, written by hand: catalog, page tree, font, then two objects a page."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for lines in pages:
        shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
        content = f"BT /F1 11 Tf 72 720 Td {shown} ET" if lines else ""
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< {info} >>")
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    size = len(objects) + 1
    return (
        out
        + f"trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n".encode()
        + f"startxref\n{start}\n%%EOF\n".encode()
    )


WRAPPED = [
    "The bank served three thousand customers in the last year and it informa-",
    "tion says that more will come in the next one.",
]


def test_formats_pdf_joins_lines_and_mends_hyphens():
    loaded = load_pdf(pdf([WRAPPED]), "x")
    assert loaded.text == (
        "The bank served three thousand customers in the last year and it information says that "
        "more will come in the next one."
    )
    assert loaded.pages == (0,)


def test_formats_pdf_drops_running_titles_and_page_numbers():
    pages = [
        ["Annual Report 2020", f"Body of page {word} is here.", f"- {n} -"]
        for n, word in enumerate("abcd", 1)
    ]
    loaded = load_pdf(pdf(pages), "x")
    assert loaded.text == "\n\n".join(f"Body of page {word} is here." for word in "abcd")
    assert loaded.pages == (0, 25, 50, 75)
    assert loaded.notes == (
        "running titles and page numbers were dropped, for instance 'Annual Report 2020'",
    )


@pytest.mark.parametrize(
    "foot",
    [lambda n: f"Total {n + 3}.{n}00 dollars", lambda n: f"Item {7 * n % 5}", lambda n: f"Sum {n * n}"],
)
def test_formats_pdf_keeps_lines_that_differ_by_more_than_the_page_number(foot):
    pages = [["Report", f"Body {word} is here.", foot(n)] for n, word in enumerate("abcd", 1)]
    text = load_pdf(pdf(pages), "x").text
    assert "Report" not in text
    assert all(foot(n) in text for n in range(1, 5))


def test_formats_pdf_drops_a_line_at_the_edge_but_not_its_equal_inside():
    pages = [["Report", word, "Count", "3", "Value", word, str(n)] for n, word in enumerate("abcd", 1)]
    text = load_pdf(pdf(pages), "x").text
    assert [text.count(number) for number in "1234"] == [0, 0, 4, 0]


def test_formats_pdf_never_drops_a_whole_page():
    pages = [[f"Sales of {2018 + n} rose"] for n in range(1, 5)]
    assert load_pdf(pdf(pages), "x").text == "\n\n".join(line for [line] in pages)


def test_formats_pdf_counts_pages_without_text():
    article = load_bytes(pdf([[], ["First words."], [], [], ["Last words."]]), "x.pdf")
    assert article.text == "\nFirst words.\n\n\n\nLast words."
    assert article.pages == (0, 1, 15, 16, 17)
    assert [article.page_of(article.text.index(word)) for word in ("First", "Last")] == [2, 5]
    assert article.notes == ("without text (scanned or empty): pages 1, 3, 4",)


def test_formats_pdf_reads_sensible_properties_only():
    article = load_bytes(
        pdf(
            [["Some words."]], "/Title (The Bank) /Author (Jane Doe) /CreationDate (D:20190225174009+08'00')"
        ),
        "x.pdf",
    )
    assert article.title == "The Bank"
    assert article.metadata.author == "Jane Doe"
    assert article.metadata.date == "2019-02-25T17:40:09+08:00"
    poor = load_bytes(
        pdf([["Some words."]], "/Title (Microsoft Word - a.doc) /Author (Administrator)"), "name.pdf"
    )
    assert poor.title == "name"
    assert poor.metadata.author == ""


def test_formats_pdf_says_that_a_scan_has_no_text():
    with pytest.raises(LoadError, match=r"none of its 2 pages has a text layer.*ocrmypdf"):
        load_pdf(pdf([[], []]), "x")


def test_formats_pdf_says_that_a_password_is_needed():
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf([["Secret words."]]))))
    writer.encrypt("password", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    with pytest.raises(LoadError, match="password"):
        load_pdf(out.getvalue(), "x")


def test_formats_pdf_says_that_a_file_is_broken():
    with pytest.raises(LoadError, match="broken"):
        load_pdf(pdf([["Some words."]])[:200], "x")
