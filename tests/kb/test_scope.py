"""A site's customers are answered from the site's articles only."""

from kb.scope import scope, within
from tests.scratch_articles import write


def test_all_articles_count_unless_told_otherwise(kb):
    assert scope() == frozenset()
    assert kb.article("orders/return", "en") is not None


def test_only_articles_of_the_category_are_found(kb):
    assert kb.decide("how do I return boots", "en").hits[0].article == "orders/return"
    with within(["delivery"]):
        assert {hit.article.split("/")[0] for hit in kb.search("how do I return boots", "en")} <= {"delivery"}
        assert {hit.article.split("/")[0] for hit in kb.decide("how do I return boots", "en").hits} <= {"delivery"}
        assert kb.article("orders/return", "en") is None
        assert kb.hit_of("orders/return", "boots", "en") is None
        assert {article.id.split("/")[0] for article in kb.articles()} <= {"delivery"}
    assert kb.decide("how do I return boots", "en").hits[0].article == "orders/return"


def test_a_tag_counts_in_every_language(kb, folder):
    write(folder, "en/gifts/card", "Gift card", ["do you have gift cards"], "Yes, we do.", tags="[outlet]")
    write(folder, "sl/gifts/card", "Darilni bon", ["imate darilne bone"], "Imamo jih.")
    kb.refresh()
    with within(["outlet"]):
        assert [article.language for article in kb.articles()] == ["en", "sl"]
        assert kb.search("imate darilne bone", "sl")[0].article == "gifts/card"


def test_an_unknown_tag_leaves_nothing(kb):
    with within(["nothing"]):
        assert kb.decide("how do I return boots", "en").kind == "none"


def test_the_scope_ends_with_its_block_also_when_that_fails():
    try:
        with within(["a"]):
            raise RuntimeError
    except RuntimeError:
        assert scope() == frozenset()
