"""What a message means after what went before."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from actions.context import (
    MOST_FOR_OTHERS,
    MOST_TIMES,
    after_correction,
    asks_nothing,
    continues,
    decide_corrected,
    decide_in_context,
    decide_reworded,
    goes_on,
    has_asked_before,
    is_for_another_country,
    is_not_helped,
    most_times,
    priced,
)
from actions.turn import BotTurn
from kb import Decision, Hit


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "no, I meant the invoice", "the invoice"),
        ("en", "I meant shoes, not boots", "shoes, not boots"),
        ("sl", "Ne, mislil sem na račun.", "račun"),
        ("sl", "mislila sem vračilo denarja", "vračilo denarja"),
        ("hr", "ne, mislila sam na račun", "račun"),
        ("pl", "nie, chodziło mi o fakturę", "fakturę"),
        ("de", "nein, ich meinte die Rechnung", None),
        ("en", "no", None),
        ("en", "no, I meant", None),
        ("en", "how do I return shoes", None),
        ("sl", "nekaj drugega", None),
        ("pl", "nie dostałem paczki", None),
        ("en", "", None),
    ],
)
def test_a_correction_says_what_was_meant(language, text, meant):
    assert after_correction(text, language) == meant


@pytest.mark.parametrize(
    ("language", "text", "does"),
    [
        ("en", "And how long does it take?", True),
        ("en", "what about Vienna", True),
        ("en", "how long does delivery take?", False),
        ("en", "and I would also like to know whether I can pay by card in your shop", False),
        ("sl", "kaj pa v Nemčijo?", True),
        ("sl", "interna zadeva", False),
        ("sl", "Koliko časa pa velja?", True),
        ("sl", "v kolkih dneh pa pride", True),
        ("sl", "kje pa ste v lj", True),
        ("sl", "kako vrnem paket", False),
        ("hr", "a koliko to košta?", True),
        ("pl", "a ile to kosztuje?", True),
        ("de", "und wie lange?", False),
    ],
)
def test_a_short_message_goes_on(language, text, does):
    assert goes_on(text, language) is does


class Scripted:
    """Decides as told for each text; `leads` are the articles that one leads to."""

    def __init__(self, leads=(), bodies=None, **told):
        self.told, self.leads, self.bodies = told, leads, bodies or {}

    def decide(self, text, language):
        kind, hits = self.told[text.replace(" ", "_").strip("?")]
        found = tuple(Hit(a, language, a, None, "", confidence, {"score": confidence}) for a, confidence in hits)
        return Decision(kind, language, found, found[0].confidence if found else 0.0, question=text)

    def decide_all(self, texts, language):
        return [self.decide(text, language) for text in texts]

    def article(self, article_id, language):
        return SimpleNamespace(follow_ups=self.leads, body=self.bodies.get(article_id, ""))

    def hit_of(self, article_id, text, language):
        hits = dict(self.told.get(text.replace(" ", "_").strip("?"), ("", ()))[1])
        return Hit(
            article_id,
            language,
            article_id,
            None,
            text,
            said := hits.get(article_id, 0.02),
            {"passage": 0.1, "score": said},
        )


def test_what_leans_on_the_last_answer_is_answered_from_its_article():
    kb = Scripted(does_it_cost_anything=("suggest", [("return-cost", 0.45), ("exchange", 0.1)]))
    decision = decide_in_context(kb, "does it cost anything", "swap it", "exchange", "en")
    assert (decision.kind, decision.hits[0].article, decision.hits[0].text) == (
        "answer", "exchange", "does it cost anything",
    )  # fmt: skip
    assert [hit.article for hit in decision.hits] == ["exchange", "return-cost"]


FOLLOW_UPS = [
    ("en", "u open sat?", "sunday?"), ("sl", "kdaj ste odprti v soboto", "pa v nedeljo?"),
    ("hr", "radite li subotom", "a nedjeljom?"), ("pl", "czy otwarte w sobotę", "a w niedzielę?"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "before", "text"), FOLLOW_UPS)
def test_a_day_after_the_opening_hours_goes_on_from_them(language, before, text):
    kb = Scripted(**{text.replace(" ", "_").strip("?"): ("none", [("care", 0.12), ("hours", 0.1)])})
    decision = continues(kb, text, before, "hours", language)
    assert (decision.kind, decision.hits[0].article) == ("answer", "hours")
    assert decision.hits[0].text == f"{before} {text}"  # the passage is that of the question asked anew


@pytest.mark.parametrize(
    ("language", "text", "does"),
    [
        ("sl", "od katerega zneska naprej", True), ("hr", "koji je najmanji iznos", True),
        ("pl", "od jakiej kwoty", True), ("en", "which amount", True),
        ("sl", "neki me zanima še", False), ("hr", "zanima me još nešto", False), ("pl", "proszę pomóc mi", False),
        ("en", "please help me", False),
    ],
)  # fmt: skip
def test_what_may_be_a_wish_for_a_person_goes_on_where_it_asks(language, text, does):
    kb = Scripted(**{text.replace(" ", "_"): ("none", [("cost", 0.12), ("care", 0.12)])})
    assert continues(kb, text, "instalments?", "instalments", language) is None
    decision = continues(kb, text, "instalments?", "instalments", language, may_ask=True)
    assert bool(decision) is does and (not does or decision.hits[0].article == "instalments")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "where are you in ljubljana"), ("sl", "kje pa ste v lj"), ("hr", "gdje ste u splitu"),
        ("pl", "jaki adres w wawie"),
    ],
)  # fmt: skip
def test_a_message_that_says_enough_is_not_held_by_the_last_answer(language, text):
    kb = Scripted(("shops",), **{text.replace(" ", "_"): ("suggest", [("shops", 0.45), ("hours", 0.05)])})
    assert continues(kb, text, "open on saturday?", "hours", language).hits[0].article == "shops"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(
            ("en", text)
            for text in ("ok", "great, thanks a lot!", "no", "bye", "hello", "that doesn't help", "really?")
        ),
        *(("sl", text) for text in ("ok", "super, najlepša hvala", "ne", "adijo", "lep dan!", "nič ne pomaga", "res?")),
        *(("hr", text) for text in ("u redu", "super, puno hvala", "ne", "doviđenja", "bok", "ne pomaže", "stvarno?")),
        *(("pl", text) for text in ("ok", "super, wielkie dzięki", "nie", "cześć", "nie pomogło", "miłego dnia")),
    ],
)
def test_small_talk_goes_on_from_nothing(language, text):
    kb = Scripted(**{text.replace(" ", "_").strip("?"): ("none", [("care", 0.2), ("hours", 0.2)])})
    assert continues(kb, text, "open on saturday?", "hours", language) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "tell me a joke about tigers"), ("sl", "povej mi šalo o tigrih"), ("hr", "ispričaj vic o tigrovima"),
        ("pl", "opowiedz dowcip o tygrysach"),
    ],
)  # fmt: skip
def test_what_no_article_knows_of_does_not_go_on(language, text):
    kb = Scripted(**{text.replace(" ", "_"): ("none", [("care", 0.08), ("hours", 0.02)])})
    assert continues(kb, text, "open on saturday?", "hours", language) is None


def test_a_full_question_about_something_else_is_its_own_matter():
    asked = "which card brands do you take for large orders in your Zagreb branch"
    kb = Scripted(**{asked.replace(" ", "_"): ("none", [("cards", 0.1), ("a", 0.1), ("b", 0.1), ("exchange", 0.1)])})
    assert decide_in_context(kb, asked, "swap trousers", "exchange", "en").kind == "none"


def test_an_article_that_the_last_one_leads_to_has_a_start_too():
    kb = Scripted(("refund",), how_long=("suggest", [("delivery", 0.5), ("refund", 0.45)]))
    assert decide_in_context(kb, "how long", "return it", "return", "en").hits[0].article == "refund"


def test_what_plainly_is_of_an_article_that_the_last_one_leads_to_is_answered_from_it(monkeypatch):
    monkeypatch.setattr("actions.context.shares_in_context", lambda *given: {"hours": 0.9, "shops": 0.1})
    told = {"where_is_it_then": ("answer", [("shops", 0.95), ("hours", 0.01)])}
    asked = ("where is it then", "till when", "hours", "en")
    assert decide_in_context(Scripted(("shops",), **told), *asked).hits[0].article == "shops"
    assert decide_in_context(Scripted((), **told), *asked).hits[0].article == "hours"


def test_a_new_matter_is_not_drawn_into_the_old_one():
    asked = "and where in Maribor is your shop"
    kb = Scripted(**{asked.replace(" ", "_"): ("answer", [("shops", 0.95)])})
    assert decide_in_context(kb, asked, "return it", "return", "en").hits[0].article == "shops"


def test_nothing_sure_stays_nothing():
    kb = Scripted(and_so=("none", []), return_it_and_so=("suggest", [("return", 0.4)]))
    assert decide_in_context(kb, "and so", "return it", "return", "en").kind == "none"


PRICES = [
    ("sl", "in koliko bi me to prišlo?", "koliko stane v nemčijo"),
    ("hr", "a koliko bi me to došlo?", "koliko košta u njemačku"),
    ("pl", "a ile by mnie to kosztowało?", "ile kosztuje do niemiec"),
    ("en", "and how much would that be?", "how much to germany"),
]
BODIES = {"time": "Two days.", "countries": "To nine.", "cost": "It costs 3.90 EUR.", "return-cost": "14,99 PLN"}


@pytest.mark.parametrize(("language", "text", "asked"), PRICES)
def test_a_price_asked_for_after_an_answer_is_looked_for_where_there_are_any(language, text, asked):
    told = {text.replace(" ", "_").strip("?"): ("suggest", [("time", 0.3), ("cost", 0.1)])}
    decision = decide_in_context(Scripted(("cost",), BODIES, **told), text, "how long", "time", language)
    assert (decision.kind, decision.hits[0].article) == ("answer", "cost")


@pytest.mark.parametrize(("language", "text", "asked"), PRICES)
def test_an_article_without_a_price_does_not_answer_what_something_costs(language, text, asked):
    def decide(*hits, kind="answer", missing=""):
        found = tuple(
            Hit(name, language, name, None, "", confidence, {"score": confidence}) for name, confidence in hits
        )
        return Decision(kind, language, found, found[0].confidence, asked, missing)

    kb = Scripted(bodies=BODIES)
    better = priced(kb, decide(("countries", 0.55), ("cost", 0.35), ("time", 0.1)))
    assert (better.kind, [hit.article for hit in better.hits]) == ("answer", ["cost", "countries", "time"])
    close = priced(kb, decide(("cost", 0.62), ("countries", 0.61), kind="suggest"))
    assert (close.kind, close.hits[0].article) == ("answer", "cost")
    for other in (
        decide(("countries", 0.55), ("cost", 0.35), ("return-cost", 0.34)),  # which price is not said
        decide(("countries", 0.3), ("cost", 0.2), kind="none"),
        decide(("cost", 0.5), ("return-cost", 0.45), kind="suggest"),
        decide(("cost", 0.62), ("countries", 0.61), kind="suggest", missing="Price matching"),
    ):
        assert priced(kb, other) is other


def test_what_asks_for_no_price_stays_as_it_was_decided():
    decision = Decision("answer", "en", (), 0.9, "where do you ship")
    assert priced(Scripted(bodies=BODIES), decision) is decision


@pytest.mark.parametrize(
    ("language", "before", "text"),
    [
        ("sl", "koliko stane dostava", "ne, mislila sem, če kaj pošljem nazaj"),
        ("hr", "koliko košta dostava", "ne, mislila sam ako nešto vraćam"),
        ("pl", "ile kosztuje dostawa", "nie, chodziło mi o odesłanie"),
        ("en", "what does delivery cost", "no, I meant sending it back"),
    ],
)
def test_a_correction_is_never_the_article_that_was_wrong(language, before, text):
    key = text.replace(" ", "_")
    both = f"{before} {text}".replace(" ", "_")
    told = {
        key: ("none", [("return-cost", 0.3), ("return", 0.28)]),
        both: ("answer", [("cost", 0.9), ("return-cost", 0.2)]),
    }
    decision = decide_corrected(Scripted(**told), text, before, "cost", language)
    assert (decision.kind, decision.hits[0].article) == ("answer", "return-cost")
    told[both] = ("answer", [("cost", 0.9)])
    told[key] = ("none", [("return-cost", 0.05), ("return", 0.05)])
    assert decide_corrected(Scripted(**told), text, before, "cost", language).kind == "none"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "And if we're out again?"), ("sl", "in če me spet ni?"), ("hr", "a ako me opet nema?"),
        ("pl", "a jak mnie znów nie będzie?"),
    ],
)  # fmt: skip
def test_a_question_that_goes_on_in_small_words_asks_something(language, text):
    assert not asks_nothing(text, language)


def test_the_same_article_a_third_time_is_given_where_it_says_something_else(run):
    shown = run("action_answer", "question_sl").payload | {"text": "Something else of it."}
    before = [{"event": "bot", "data": {"custom": shown}}] * 2
    assert run("action_answer", "question_sl", events=before).payload["answer"]["article"] == "orders/return"


def test_the_same_article_a_third_time_brings_a_person(run, kb):
    shown = run("action_answer", "question_sl").payload
    before = [{"event": "bot", "data": {"custom": shown}}] * 2
    done = run("action_answer", "question_sl", events=before)
    assert done.follow_up == "action_hand_off" and done.slots == {"handoff_reason": "unanswered"} and not done.payloads
    other = {"event": "bot", "data": {"custom": {"answer": {"article": "shops/hours"}}}}
    assert run("action_answer", "question_sl", events=[*before, other]).payloads
    assert run("action_answer", "question_sl", events=before[:1]).payloads


OTHERS = [
    ("sl", "lahko plačam na obroke", "so kakšne obresti", "na obroke ne znam plačati"),
    ("hr", "mogu li platiti na rate", "ima li kamata", "ne razumijem te rate"),
    ("pl", "czy można płacić na raty", "są jakieś odsetki", "nie rozumiem, te raty"),
    ("en", "can I pay in instalments", "is there any interest", "instalments at what rate"),
]


@pytest.mark.parametrize(("language", "before", "other", "same"), OTHERS)
def test_another_question_gets_the_same_article_once_more_than_the_same_one(language, before, other, same):
    assert most_times(other, before, language) == MOST_FOR_OTHERS > MOST_TIMES
    assert most_times(before, before, language) == MOST_TIMES == most_times(other, "", language)
    assert most_times(same, before, language) == MOST_TIMES


def test_a_third_question_that_one_article_answers_is_answered_a_fourth_brings_a_person(run, kb):
    kb.found = ("orders/return",)
    kb.shelf["orders/return", "sl"] = replace(kb.shelf["orders/return", "sl"], follow_ups=())
    said = {"event": "user", "text": "Lahko plačam na obroke?"}
    given = [run("action_answer", "question_sl", events=[said]).payload]
    for _ in range(2):
        events = [said, *({"event": "bot", "data": {"custom": each}} for each in given)]
        given.append(run("action_answer", "question_sl", events=events).payload)
    assert {each["answer"]["article"] for each in given} == {"orders/return"}
    events = [said, *({"event": "bot", "data": {"custom": each}} for each in given)]
    assert run("action_answer", "question_sl", events=events).follow_up == "action_hand_off"


def test_a_no_that_goes_on_from_the_answer_is_a_question(run, monkeypatch):
    decision = Decision("answer", "sl", (), 0.9)
    monkeypatch.setattr(
        "actions.entrance.continues", lambda kb, text, *rest, **more: decision if "mail" in text else None
    )
    said = [{"event": "bot", "data": {"custom": {"answer": {"article": "orders/return"}}}}]
    before = [{"event": "user", "text": "pozabil sem geslo"}, *said]
    assert run("action_ask_back", "no_to_answer_sl", text="mail ne pride", events=before).follow_up == "action_answer"
    assert run("action_ask_back", "no_to_answer_sl", text="to ni to", events=before).follow_up != "action_answer"


def test_a_no_that_says_what_was_meant_is_a_question(run, kb):
    done = run("action_deny", "no_to_answer_sl", text="ne, mislil sem na račun")
    assert done.follow_up == "action_answer"
    run("action_answer", "no_to_answer_sl", text="ne, mislil sem na račun")
    said = "ne, mislil sem na račun"
    assert kb.asked == [(said, "sl"), (f"Kako vrnem jakno? {said}", "sl")]


def test_the_question_is_the_customers_words_or_what_they_meant():
    turn = BotTurn("no, I meant the invoice", "en", "deny", None, None, 0, None, {})
    assert turn.question == "the invoice" and BotTurn("hi", "en", "greet", None, None, 0, None, {}).question == "hi"


@pytest.mark.parametrize(
    ("language", "text", "does"),
    [
        ("en", "I'm asking you the same again, where is it", True),
        ("sl", "Že dvakrat sem vprašal, kje je paket", True),
        ("hr", "Treći put pitam gdje je paket", True),
        ("pl", "Pytam o to już trzeci raz", True),
        ("en", "That's the same advice yet again and I'm locked out", True),
        ("sl", "Spet isti nasvet, prijaviti se pa ne morem", True),
        ("hr", "Opet isti odgovor, a prijaviti se ne mogu", True),
        ("pl", "Znowu ta sama odpowiedź, a zalogować się nie mogę", True),
        ("en", "I want the same tent again", False),
        ("en", "where is my second parcel", False),
        ("de", "zum dritten Mal", False),
    ],
)
def test_who_has_asked_before_says_so(language, text, does):
    assert has_asked_before(text, language) is is_not_helped(text, language) is does


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "That doesn't help"), ("sl", "To nič ne pomaga"), ("hr", "To mi ne pomaže"), ("pl", "To mi nic nie daje")],
)
def test_who_is_not_helped_says_so(language, text):
    assert is_not_helped(text, language) and not has_asked_before(text, language)


def test_who_says_that_the_answer_did_not_help_gets_a_person(run, kb):
    answer = [{"event": "bot", "data": {"custom": {"answer": {"article": "orders/return"}}}}]
    done = run("action_answer", "question_sl", text="Tretjič vas sprašujem, kje je denar", events=answer)
    assert done.follow_up == "action_hand_off" and done.slots["handoff_reason"] == "unanswered"


def test_so_does_who_says_it_after_being_asked_back_but_not_who_begins_with_it(run, kb):
    said = {"text": "Tretjič vas sprašujem, kje je denar"}
    done = run("action_answer", "question_sl", unanswered=1.0, **said)
    assert done.follow_up == "action_hand_off" and done.slots["handoff_reason"] == "unanswered"
    assert run("action_answer", "question_sl", **said).payloads


@pytest.mark.parametrize(
    ("language", "text"),
    [("sl", "pa v Nemčijo?"), ("hr", "a u Njemačku?"), ("pl", "no a do Niemiec?"), ("en", "and to Germany?")],
)
def test_a_country_alone_is_the_last_question_asked_anew(language, text):
    assert is_for_another_country(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "koliko stane v Nemčijo"),
        ("hr", "koliko košta u Njemačku"),
        ("pl", "ile kosztuje do Niemiec"),
        ("en", "do you ship to Germany"),
        ("en", "thanks"),
    ],
)
def test_a_question_that_names_a_country_is_its_own(language, text):
    assert not is_for_another_country(text, language)


SAID_TWICE = {
    "bons": ("suggest", [("vouchers/gift-card", 0.4), ("delivery/countries", 0.3)]),
    "for_how_long": ("none", [("delivery/time", 0.2), ("vouchers/gift-card", 0.05)]),
    "bons_for_how_long": ("suggest", [("vouchers/gift-card", 0.5), ("delivery/time", 0.2)]),
    "how_do_I_pay": ("answer", [("payment/methods", 0.9)]),
    "hello": ("none", [("payment/methods", 0.1)]),
}


def test_what_is_added_after_a_question_back_is_taken_with_what_was_said():
    offered = ["vouchers/gift-card", "delivery/countries"]
    found = decide_reworded(Scripted(**SAID_TWICE), "for how long", "bons", offered, "en")
    assert (found.kind, found.hits[0].article) == ("answer", "vouchers/gift-card")


def test_a_new_question_after_a_question_back_stands_for_itself():
    found = decide_reworded(Scripted(**SAID_TWICE), "how do I pay", "bons", ["vouchers/gift-card"], "en")
    assert found.hits[0].article == "payment/methods"


def test_small_talk_after_a_question_back_adds_nothing():
    assert decide_reworded(Scripted(**SAID_TWICE), "hello", "bons", ["vouchers/gift-card"], "en").kind == "none"


@pytest.mark.parametrize("action", ["action_answer", "action_ask_back"])
def test_the_bot_reads_both_messages_after_asking_back(run, kb, action):
    kb.kind = "none"
    before = [{"event": "user", "text": "nekaj o bonih"}, {"event": "bot", "data": {"custom": {"text": "?"}}}]
    run(action, "question_sl", text="kako dolgo veljajo", events=before, expects="rephrase", unanswered=1)
    assert ("nekaj o bonih kako dolgo veljajo", "sl") in kb.asked
