from __future__ import annotations

from datetime import datetime
from io import BytesIO

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from embeddings.load import load_bytes


def saved(document) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_formats_docx_reads_everything_in_order():
    document = docx.Document()
    document.add_heading("大标题", 0)
    document.add_paragraph("第一段。")
    document.add_heading("小标题", 2)
    document.add_paragraph("甲", style="List Bullet")
    document.add_paragraph("乙", style="List Bullet")
    document.add_paragraph("一", style="List Number")
    document.add_paragraph("二", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ["名", "数", "客户\n量", "3300"], strict=True
    ):
        cell.text = text
    document.add_paragraph("末段。")
    article = load_bytes(saved(document), "文.DOCX")
    assert article.text == (
        "大标题\n\n第一段。\n\n小标题\n\n- 甲\n- 乙\n1. 一\n2. 二\n\n名 | 数\n客户 量 | 3300\n\n末段。"
    )
    assert [(h.level, h.span.of(article.text)) for h in article.headings] == [(1, "大标题"), (2, "小标题")]
    assert article.title == "大标题"
    assert article.metadata.author == ""
    assert article.metadata.date == ""


def test_formats_docx_knows_chinese_heading_styles_and_styles_based_on_them():
    document = docx.Document()
    style = document.styles.add_style("标题 1", 1)
    child = document.styles.add_style("我的样式", 1)
    child.base_style = style
    document.add_paragraph("一章", style="标题 1")
    document.add_paragraph("一节", style="我的样式")
    document.add_paragraph("正文。")
    article = load_bytes(saved(document), "x.docx")
    assert [(h.level, h.span.of(article.text)) for h in article.headings] == [(1, "一章"), (1, "一节")]


def test_formats_docx_reads_properties():
    document = docx.Document()
    document.core_properties.title = "属性题"
    document.core_properties.author = "王芳"
    document.core_properties.created = datetime(2019, 2, 25, 17, 40, 9)  # noqa: DTZ001 -- python-docx keeps UTC unmarked
    document.add_paragraph("正文只有一句。")
    article = load_bytes(saved(document), "x.docx")
    assert article.title == "属性题"
    assert article.metadata.author == "王芳"
    assert article.metadata.date.startswith("2019-02-25T17:40:09")


def xml(body):
    return parse_xml(body.replace(">", f" {nsdecls('w')}>", 1))


def test_formats_docx_reads_what_stands_in_insertions_fields_and_controls():
    document = docx.Document()
    paragraph = document.add_paragraph("前，")
    run = "<w:r><w:t>{}</w:t></w:r>"
    for piece in (
        f'<w:ins w:id="1" w:author="a">{run.format("插入，")}</w:ins>',
        f'<w:del w:id="2" w:author="a">{run.format("删去，")}</w:del>',
        f'<w:fldSimple w:instr="DATE">{run.format("字段，")}</w:fldSimple>',
        f"<w:sdt><w:sdtContent>{run.format('控件，')}</w:sdtContent></w:sdt>",
        f'<w:smartTag w:element="place">{run.format("北京")}</w:smartTag>',
        "<w:r><w:br/><w:t>换行</w:t><w:tab/><w:t>后。</w:t></w:r>",
        f"<w:r><w:pict><w:txbxContent><w:p>{run.format('框中文字。')}</w:p></w:txbxContent></w:pict></w:r>",
    ):
        paragraph._p.append(xml(piece))
    block = f"<w:sdt><w:sdtContent><w:p>{run.format('整段控件。')}</w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, xml(block))
    assert load_bytes(saved(document), "x.docx").text == (
        "前，插入，字段，控件，北京\n换行\t后。\n\n框中文字。\n\n整段控件。"
    )


def test_formats_docx_reads_tables_within_tables():
    document = docx.Document()
    frame = document.add_table(rows=1, cols=1).cell(0, 0)
    frame.text = "版面里的段落。"
    table = frame.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "合"
    table.cell(0, 1).text = "乙"
    inner = table.cell(1, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内一", "内二"
    assert load_bytes(saved(document), "x.docx").text == "版面里的段落。\n\n合 | 乙\n合 | 内一 内二"


def test_formats_docx_writes_a_merged_cell_once():
    document = docx.Document()
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "合"
    table.cell(0, 2).text = "单"
    assert load_bytes(saved(document), "x.docx").text == "合 | 单"
