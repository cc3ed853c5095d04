import pytest

from embeddings.article import Article, Heading, Metadata, Span


def test_article_span_slices_and_compares():
    span = Span(2, 5)
    assert span.of("0123456") == "234"
    assert len(span) == 3
    assert span.shifted(2) == Span(4, 7)
    assert span.overlaps(Span(4, 9))
    assert not span.overlaps(Span(5, 9))
    assert span.contains(Span(3, 5))
    assert not span.contains(Span(3, 6))


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
def test_article_span_refuses_ranges_that_are_none(start, end):
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


def test_article_page_of_counts_from_one():
    article = Article("a", "t", "一二三四五六", "s", pages=(0, 2, 4))
    assert [article.page_of(offset) for offset in range(6)] == [1, 1, 2, 2, 3, 3]
    assert Article("a", "t", "一二", "s").page_of(1) is None


def test_article_refuses_headings_outside_the_text_and_pages_out_of_order():
    with pytest.raises(ValueError, match="outside the text"):
        Article("a", "t", "短", "s", headings=(Heading(Span(0, 2), 1),))
    with pytest.raises(ValueError, match="page starts"):
        Article("a", "t", "一二三", "s", pages=(0, 2, 1))
    with pytest.raises(ValueError, match="page starts"):
        Article("a", "t", "一二三", "s", pages=(1,))


def test_article_metadata_takes_iso_dates_only():
    assert Metadata(date="2019-02-25T17:40:09").date.startswith("2019")
    with pytest.raises(ValueError, match="isoformat"):
        Metadata(date="25 Feb 2019")
