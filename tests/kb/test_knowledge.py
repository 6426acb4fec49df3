import threading
from dataclasses import replace

import pytest

from kb.model.confidence import CAREFUL
from kb.snapshot import Snapshot
from kb.sources.editing import NotWritten
from tests.scratch_articles import write


def first(kb, text, language="en", **options):
    hits = kb.decide(text, language, **options).hits
    return hits[0] if hits else None


def test_the_best_article_comes_first_with_its_passage(kb):
    hit = first(kb, "how do I return boots")
    assert (hit.article, hit.language, hit.title) == ("orders/return", "en", "Return an item")
    assert first(kb, "return: where do I stick the label").heading == "Label"
    assert 0 <= hit.confidence <= 1 and {"score", "fit", "phrasing", "passage"} <= set(hit.evidence)


def test_a_hit_has_the_other_passages_of_its_article_too(kb):
    hit = first(kb, "return: where do I stick the label")
    passages = [passage.text for passage in kb.article(hit.article, "en").passages]
    assert len(passages) > 1 and hit.text not in hit.others and sorted((hit.text, *hit.others)) == sorted(passages)
    assert kb.hit_of(hit.article, "return: where do I stick the label", "en").others == hit.others


def test_the_same_words_are_weighed_once_for_all_articles(kb, monkeypatch):
    weighed = []
    weigh = Snapshot.evidence
    monkeypatch.setattr(Snapshot, "evidence", lambda *given: weighed.append(given[2]) or weigh(*given))
    hits = kb.decide("where may I give boots back", "en").hits
    for article in {article.id for article in kb.articles()}:
        kb.hit_of(article, "where may I give boots back", "en")
    assert len(hits) > 1 and weighed == [["where may I give boots back"]]


def test_a_decision_says_what_was_asked(kb):
    asked = ["where do I stick the label", "what does it cost"]
    assert [kb.decide(text, "en").question for text in asked] == asked
    assert [decision.question for decision in kb.decide_all(asked, "en")] == asked


def test_hits_are_one_an_article_and_best_first(kb):
    hits = kb.search("delivery", "en", limit=3)
    assert len({hit.article for hit in hits}) == len(hits) <= 3
    assert [h.confidence for h in hits] == sorted((h.confidence for h in hits), reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "???", "\x00", "🙂🙂", "\ud800"])
def test_nothing_to_go_by_is_none(kb, text):
    assert kb.decide(text, "en").kind == "none"


@pytest.mark.parametrize("text", ["a" * 5000, "return \x00 boots", "return \ud800 boots", "'; DROP TABLE", "/restart"])
def test_odd_texts_do_no_harm(kb, text):
    kb.decide(text, "en")


def test_thresholds_decide(kb, monkeypatch):
    from dataclasses import replace

    confidence = kb.decide("how do I return boots", "en").confidence
    for answer_from, suggest_from, kind in ((0, 0, "answer"), (1.1, 0, "suggest"), (1.1, 1.1, "none")):
        limits = replace(kb.calibration["en"], answer_from=answer_from, suggest_from=suggest_from)
        monkeypatch.setitem(kb.calibration, "en", limits)
        decision = kb.decide("how do I return boots", "en")
        assert (decision.kind, decision.confidence) == (kind, confidence)


def test_an_article_missing_in_the_language_is_given_in_another_and_named(kb):
    hit = first(kb, "forgot password", "sl")
    assert (hit.article, hit.language) == ("account/password", "en")
    assert kb.article("account/password", "sl").language == "en"
    assert kb.article("orders/return", "sl").language == "sl"
    assert kb.article("orders/nothing", "sl") is None


@pytest.mark.parametrize(("status", "customers", "agents"), [("draft", 0, 0), ("internal", 0, 1), ("published", 1, 1)])
def test_only_published_articles_reach_customers(kb, folder, status, customers, agents):
    write(folder, "en/secret/discount", "Secret discount", ["secret discount for friends"], status=status)
    kb.refresh()
    for include_internal, count in ((False, customers), (True, agents)):
        hits = kb.decide("secret discount for friends", "en", include_internal=include_internal).hits
        assert [hit.article for hit in hits].count("secret/discount") == count
    assert bool(kb.article("secret/discount", "en")) == bool(customers)
    assert sum(a.id == "secret/discount" for a in kb.articles("en")) == customers


def test_an_internal_version_does_not_stand_in_for_a_published_one(kb, folder):
    write(folder, "sl/delivery/cost", "Cena", ["skrivna cena dostave"], body="SKRIVNO", status="internal")
    kb.refresh()
    hit = first(kb, "skrivna cena dostave", "sl")
    assert (hit.article, hit.language) == ("delivery/cost", "en") and "SKRIVNO" not in hit.text
    assert first(kb, "skrivna cena dostave", "sl", include_internal=True).text == "SKRIVNO"


def test_a_saved_article_is_answered_from_and_only_it_is_embedded(kb, folder, encoder):
    before, generation = encoder.encoded, kb.generation
    write(folder, "en/shops/hours", "Opening hours", ["when are you open", "opening hours sunday"], "From 9 to 19.")
    assert kb.refresh()
    assert encoder.encoded - before == kb.embedded == 4  # a title, two phrasings, a passage
    assert kb.generation == generation + 1
    assert first(kb, "opening hours on sunday").article == "shops/hours"
    assert not kb.refresh()


def test_a_removed_article_is_gone(kb, folder):
    (folder / "en/account/password.md").unlink()
    kb.refresh()
    assert kb.article("account/password", "en") is None
    assert all(hit.article != "account/password" for hit in kb.search("forgot my password", "en"))


def test_a_broken_file_keeps_its_last_good_version_also_after_a_restart(kb, folder, open_kb):
    path = folder / "en/delivery/cost.md"
    path.write_text(path.read_text("utf-8").replace("status: published", "status: publishd"), "utf-8")
    for served in (kb, None):
        served = served or open_kb()
        served.refresh()
        [problem] = served.problems
        assert (problem.path, problem.line) == ("en/delivery/cost.md", 7)
        assert served.article("delivery/cost", "en").body == "Delivery costs 3.90 EUR."
    write(folder, "en/delivery/cost", "Cost of delivery", ["how much"], "Delivery costs 4.90 EUR.")
    kb.refresh()
    assert kb.problems == [] and "4.90" in kb.article("delivery/cost", "en").body


def test_a_file_broken_from_the_start_is_set_aside_and_the_rest_serves(folder, open_kb):
    (folder / "en/delivery/cost.md").write_text("nothing", "utf-8")
    kb = open_kb()
    assert kb.article("delivery/cost", "en") is None and len(kb.problems) == 1
    assert first(kb, "return boots").article == "orders/return"


def test_a_restart_embeds_nothing_again(kb, open_kb, encoder):
    before = encoder.encoded
    open_kb()
    assert encoder.encoded == before


def test_an_empty_folder_answers_nothing_until_the_first_article(tmp_path, encoder):
    from kb import KnowledgeBase

    kb = KnowledgeBase.open(tmp_path / "none", tmp_path / "index", encoder, languages=["en"])
    assert kb.decide("hello there", "en").kind == "none"
    write(tmp_path / "none", "en/a/b", "Returns", (), "Send it back.")
    kb.refresh()
    assert [hit.article for hit in kb.search("returns", "en")] == ["a/b"]


@pytest.mark.slow
def test_questions_are_answered_while_articles_change(kb, folder):
    failures, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            try:
                assert kb.decide("how do I return boots", "en").hits[0].article == "orders/return"
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        write(folder, f"en/new/page-{number}", f"Page {number}", [f"question number {number}"])
        kb.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_refresh_that_fails_leaves_the_last_state_serving(kb, folder, encoder, monkeypatch):
    write(folder, "en/new/page", "New", ["entirely new"])
    monkeypatch.setattr(encoder, "encode_query", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("no")))
    with pytest.raises(RuntimeError):
        kb.refresh()
    monkeypatch.undo()
    assert first(kb, "how do I return boots").article == "orders/return"
    assert kb.refresh() and first(kb, "entirely new").article == "new/page"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (0.8, {"sl": 0.8, "en": 0.8}),
        ({"en": 0.97}, {"sl": 0.9, "en": 0.97}),
        ({"default": 0.7, "en": 0.97}, {"sl": 0.7, "en": 0.97}),
        ({}, {"sl": 0.9, "en": 0.9}),
    ],
)
def test_each_language_is_calibrated_for_what_is_asked_of_it(open_kb, monkeypatch, given, wanted):
    asked = []

    def calibrate(outcomes, answer_precision, suggest_recall, missing):
        asked.append((answer_precision, suggest_recall))
        return CAREFUL

    monkeypatch.setattr("kb.snapshot.calibrate", calibrate)
    kb = open_kb(answer_precision=given, suggest_recall={"sl": 0.6})
    assert kb.answer_precision == wanted
    assert asked == [(wanted["sl"], 0.6), (wanted["en"], 0.95)]


def test_when_it_was_refreshed_last(open_kb, folder):
    moments = iter((7.0, 5.0))
    kb = open_kb(clock=lambda: next(moments))
    kb.refresh()  # nothing has changed
    assert kb.refreshed_at == 7
    write(folder, "en/a/b", "New")
    kb.refresh()
    assert kb.refreshed_at == 5


def test_an_added_phrasing_is_answered_from(kb, folder):
    assert kb.add_phrasing("payment/methods", "en", "do you: accept bitcoins?") == "en/payment/methods.md"
    assert kb.refresh() and not kb.problems
    assert "do you: accept bitcoins?" in kb.article("payment/methods", "en").questions
    with pytest.raises(NotWritten):
        kb.add_phrasing("payment/methods", "pl", "czy mogę zapłacić bitcoinami")


def test_scores_that_another_process_took_make_the_same_confidence_here(open_kb, monkeypatch):
    calibration = replace(CAREFUL, slope=8.0, intercept=-6.0, answered=0.75)
    monkeypatch.setattr("kb.snapshot.calibrate", lambda *_: calibration)
    one, other = open_kb(), open_kb()
    before = other.search("how do I return boots", "en")[0].confidence
    for number in range(60):
        one.decide(f"tell me joke number {number}", "en")
    scores = one.take_scores()
    assert {score.language for score in scores} == {"en"} and len(scores) > 50 and one.take_scores() == []
    other.add_scores(scores)
    article = ("orders/return", "how do I return boots", "en")
    told = other.hit_of(*article).confidence
    assert told == pytest.approx(one.hit_of(*article).confidence, abs=0.01) and told < before - 0.01


def test_agents_searches_are_no_traffic(kb):
    kb.decide("how do I return boots", "en", include_internal=True)
    kb.search("how do I return boots", "en")
    assert kb.take_scores() == []


def test_the_edition_is_the_same_after_a_restart_and_another_after_a_save(open_kb, folder):
    kb, again = open_kb(), open_kb()
    assert again.edition == kb.edition != ""
    write(folder, "en/orders/return", "Return it", [], "Now 30 days.")
    again.refresh()
    assert again.edition != kb.edition
