"""What a message means after what went before: a follow-up without its subject, a correction, the same once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import exp, log

from actions.asked_about import only_names_country, says_price
from actions.wording import asks_price
from kb import Decision, Hit, KnowledgeBase
from kb.language.asking import FoldedMessage, read_small_talk, read_wording
from kb.language.questions import leans

# How a message begins that goes on from the last answer ("and how long does it take?"), by language.
GOES_ON = {
    "sl": r"in|pa|(?:(?:v|do|od|po|za|na|s|z|iz) )?(?:ka[jkm]|kako|kol?i?ko?|kolk\w+|kdaj|kdo|kje|kater\w+)(?: \w+)? pa"
    "|ampak|potem|aha",
    "hr": "a|i|pa|a što|a kako|a koliko|a kada|a gdje|ali|onda|aha",
    "pl": "a|i|oraz|a co|a jak|a ile|a kiedy|a gdzie|ale|to|aha",
    "en": "and|but|so|then|what about|how about|ok and|okay and",
}
# Of those, what only leads to another thing that the same is asked of.
WHAT_ABOUT = {
    "sl": "kaj pa|kako pa",
    "hr": "a što s|a što sa|što s|što sa|a što|što je s|što je sa",
    "pl": "a co z|a co|co z",
    "en": "what about|how about|and what about",
}
# How a correction begins ("no, I meant the invoice"): what follows is what the customer wants to know. It may follow
# other words ("the account can stay, I meant the e-mails").
CORRECTS = {
    "sl": r"(?:ne|ne ne|nisem)[\s,.!–-]+(?:to\s+)?(?:mislil|mislila|mislim|hotel|hotela|sprašujem|vprašal|vprašala)"
    r"(?:\s+(?:sem|me|na|o|za|to|samo))*|(?:mislil|mislila)\s+sem(?:\s+(?:na|o|to|samo))*",
    "hr": r"(?:ne|nisam)[\s,.!–-]+(?:to\s+)?(?:mislio|mislila|mislim|htio|htjela|pitam|pitao|pitala)"
    r"(?:\s+(?:sam|na|o|za|to|samo))*|(?:mislio|mislila)\s+sam(?:\s+(?:na|o|to|samo))*",
    "pl": r"(?:nie)[\s,.!–-]+(?:chodziło mi|chodzi mi|miałem na myśli|miałam na myśli|pytam|pytałem|pytałam)"
    r"(?:\s+(?:o|na|to|tylko))*|(?:chodziło mi|chodzi mi|miałem na myśli|miałam na myśli)(?:\s+(?:o|to|tylko))*",
    "en": r"(?:no|nope|not that)[\s,.!–-]+(?:i\s+)?(?:meant?|mean|was asking|am asking|i'm asking|asked|want(?:ed)?)"
    r"(?:\s+(?:about|for|to know|just|only))*|i\s+meant(?:\s+(?:about|just|only))*",
}
# What may stand before it: a no, an excuse, or what the customer did not mean.
LONGEST_LEAD = 60  # characters
# How customers say that they have asked this before, and that what they were told does not help.
ASKED_BEFORE = {
    "sl": "tretjič|tretjikrat|že (?:dvakrat|trikrat|večkrat|vprašal|vprašala)"
    "|(?:spet|zopet|ponovno) (?:ist[aoi]|vprašam|sprašujem)|ist[io] (?:odgovor|nasvet|navodila|ste mi)",
    "hr": "treći put|već (?:dvaput|triput|nekoliko puta|sam pitao|sam pitala)|(?:opet|ponovno) (?:ist[aoi]|pitam)"
    "|ist[io] (?:odgovor|savjet|ste mi)",
    "pl": "trzeci raz|kolejny raz|po raz kolejny|już (?:dwa razy|trzy razy|kilka razy|pytałem|pytałam)"
    "|(?:znowu|znów|ponownie|ciągle|wciąż) (?:to samo|ta sama|tę samą|pytam)|t[aę] sam[aą] (?:odpowiedź|rad[aę])",
    "en": "(?:third|fourth|umpteenth) time|(?:asked|told) (?:you |me )?(?:this |that )?(?:already|before|twice)"
    "|already (?:asked|told|said|tried)|asking (?:you )?(?:the same|again)"
    "|same (?:old )?(?:advice|answer|reply|response|thing|link) (?:yet )?again|again the same",
}
NO_HELP = {
    "sl": "nič ne pomaga|ne pomaga mi|ni (?:mi )?(?:nič )?pomagalo",
    "hr": "(?:mi )?ne pomaže|ništa ne pomaže|nije (?:mi )?pomoglo",
    "pl": "nic (?:mi )?nie (?:daje|pomaga)|nie pomaga mi|nie pomogł[oa]",
    "en": "(?:doesn't|doesnt|does not|isn't|not|didn't|didnt|did not) help(?:ing|ed)?",
}
PATTERNS = {
    "goes_on": GOES_ON, "what_about": WHAT_ABOUT, "corrects": CORRECTS, "asked_before": ASKED_BEFORE,
    "no_help": NO_HELP,
}  # fmt: skip
MOST_WORDS = 10  # of a follow-up by its first words: who writes more says what it is about
LEANING_WORDS = 12  # of one that says too little alone
# How often the same article is given to one question, and to several in a row; whoever asks once more is not helped.
MOST_TIMES, MOST_FOR_OTHERS = 2, 3
LIKELY = 3  # articles that a message brings up first
PLAIN = 0.9  # confidence from which on a question needs nothing from another one beside it
PLAIN_AFTER = 0.97  # confidence from which on a message needs nothing from before
# What counts for an article in context, in log-odds: its score for the message alone, and for it and the last question;
# that it is the one of the last answer, where the message's own words count for less, or one that leads to; and that
# one more where the message goes on. Fitted to tests/data/follow_ups/choose.
ALONE_COUNTS, BOTH_COUNT, LAST_AHEAD, LAST_ALONE_LESS, LED_TO_AHEAD, LED_TO_MORE = 1.26, 0.59, 1.2, 0.6, 2.1, 0.7
# The same for a question beside another, in one message: always, where both are of one matter, where it is short; and
# what the articles that the first one leads to have less.
AHEAD, OF_IT_MORE, SHORT_MORE, LED_TO_LESS = 1.4, 3.0, 2.0, 1.0
OFFERED_MORE = 1.0  # what an article that was offered has ahead of others when the customer says more, in log-odds
# Share of the likeliest article from which on it answers: where the message is about what the articles know, and where
# it is only a question by the word of the model.
LEAST_ABOUT, LEAST_ELSE = 0.5, 0.7
OFFERED_FROM = 0.25  # probability from which on an article is offered in context
NO_PRICE_LESS = 1.5  # what an article without an amount has behind others, where one is asked for
# Of the confidence of the first article with an amount, what the next one has at most; and what it has itself at least,
# with those that name none and without.
AHEAD_ENOUGH, LEAST_PRICED, PRICED_FROM = 0.8, 0.25, 0.4
# What a correction is about is told by the message and the last question with it: the share that the first article has
# of all that were found, and the log-odds, at least.
CORRECTED_FROM, FAINT_CORRECTION = 0.4, -2.0
SHORT, FEW = 4, 2  # words
FAINTEST = 0.01  # probability that counts as nothing known, on either end
FAINTEST_SCORE = 0.002  # the same of a score
SURE_FROM = 0.5  # probability that one of the articles near the last answer is meant
# How far a message has to be about anything here, in log-odds: the best article alone, the best one near the last
# answer, what the words of those say of it, whether it asks.
ABOUT_BEST, ABOUT_NEAR, ABOUT_WORDS, ABOUT_ASKING, ABOUT_ANYTHING = 1.2, 1.2, 8.0, 1.7, 2.1
ABOUT_MARK, ABOUT_GOING_ON, ABOUT_LEANING = 4.0, 2.5, 1.5


@lru_cache
def _pattern(kind: str, language: str) -> re.Pattern[str] | None:
    own = PATTERNS[kind].get(language)
    return re.compile(rf"(?<!\w)(?:{own})\b[\s,:–-]*", re.IGNORECASE) if own else None


def after_correction(text: str, language: str) -> str | None:
    """What the customer means instead, as far as it says something; None when the message corrects nothing."""
    pattern = _pattern("corrects", language)
    found = pattern.search(text) if pattern else None
    if found and found.start() > LONGEST_LEAD:
        return None
    rest = text[found.end() :].strip(" .!?") if found else ""
    return rest if len(rest) > 2 else None


def has_asked_before(text: str, language: str) -> bool:
    """Whether the customer says to have asked this before."""
    return _says("asked_before", text, language)


def is_not_helped(text: str, language: str) -> bool:
    """Whether the customer says to have asked this before, or not to have been helped."""
    return has_asked_before(text, language) or _says("no_help", text, language)


def _says(kind: str, text: str, language: str) -> bool:
    pattern = _pattern(kind, language)
    return bool(pattern and pattern.search(text))


def goes_on(text: str, language: str) -> bool:
    """Whether the message goes on from what was said: it begins so, or says too little alone."""
    return begins_going_on(text, language) or (len(text.split()) <= LEANING_WORDS and leans(text, language))


def begins_going_on(text: str, language: str) -> bool:
    """Whether a message of few words begins as one that goes on: "and abroad"."""
    pattern = _pattern("goes_on", language)
    return len(text.split()) <= MOST_WORDS and bool(pattern and pattern.match(text.strip()))


def most_times(text: str, before: str, language: str) -> int:
    """How often the same article is given before a customer who says `text` after `before` counts as not helped."""
    return MOST_TIMES if not before or shares_words(text, before, language) else MOST_FOR_OTHERS


def shares_words(text: str, before: str, language: str) -> bool:
    """Whether the two have a word in common that means something by itself."""
    wording = read_wording(language)
    said, had = (set(FoldedMessage(part, wording).words) for part in (text, before))
    return bool(said & had - wording.function - wording.question_words - wording.polite)


def asks_nothing(text: str, language: str) -> bool:
    """Whether the message is small talk by its words alone: "great, thanks a lot", "no?"."""
    wording = read_wording(language)
    said = set(FoldedMessage(text, wording).words)
    if "?" in text and begins_going_on(text, language) and len(said) > FEW:
        return False  # "and if we're out again?"
    if said & wording.question_words and said <= wording.function:
        return False  # "till when", "how much"
    return said <= (wording.polite | wording.function | read_small_talk())


def continues(
    kb: KnowledgeBase, text: str, before: str, last: str, language: str, *, may_ask: bool = False
) -> Decision | None:
    """What to do with a short message that goes on from the last answer; None when it does not, or asks nothing.

    `before` was asked before and answered from the article `last`. Meant for what looks like small talk too; `may_ask`
    says that it was taken for something else, and is a question where its words ask.
    """
    if len(text.split()) > LEANING_WORDS or asks_nothing(text, language) or is_not_helped(text, language):
        return None
    asks = may_ask and (is_asking(text, language) or begins_going_on(text, language))
    decision = decide_in_context(kb, text, before, last, language, is_question=asks)
    return decision if decision.kind == "answer" or (asks and decision.kind == "suggest") else None


def decide_in_context(
    kb: KnowledgeBase, text: str, before: str, last: str, language: str, *, is_question: bool = True
) -> Decision:
    """What to do with `text`, asked after `before` was answered from the article `last`.

    `is_question` is false where the intent model takes it for something else.

    Whoever goes on from an answer asks about that article, or one it leads to, unless the words say otherwise.
    """
    alone = priced(kb, kb.decide(text, language))
    anew = kb.hit_of(last, f"{before} {text}", language) if is_for_another_country(text, language) else None
    if anew:  # the last question, asked anew for another country, whatever there is on countries
        others = tuple(hit for hit in alone.hits if hit.article != last)
        return replace(alone, kind="answer", hits=(anew, *others), confidence=anew.confidence)
    is_plain = alone.confidence >= PLAIN_AFTER and not leans(text, language)
    if not alone.hits or is_plain or asks_nothing(text, language):
        return alone
    near = near_hits(kb, text, last, language)
    if alone.confidence >= PLAIN and alone.hits[0].article in {hit.article for hit in near}:
        return alone  # it is of the matter, and says plainly of which part
    is_about = is_about_these(text, language, alone, near)
    if not is_about and len(text.split()) > LEANING_WORDS:
        return alone
    hits = {hit.article: hit for hit in (*alone.hits, *near)}
    share = shares_in_context(kb, hits, near, text, before, last, language)
    least = LEAST_ABOUT if is_about else LEAST_ELSE if is_question else 1.0
    found = answer_near(alone, near, hits, share) if max(share.values()) >= least else alone
    if found is alone:
        return offer_near(alone, hits, share)
    if not only_names(text, language):
        return found
    anew = kb.hit_of(found.hits[0].article, f"{before} {text}", language)  # the passage of the question asked anew
    hit = replace(anew or found.hits[0], confidence=found.confidence)
    return replace(found, hits=(hit, *found.hits[1:]))


def shares_in_context(
    kb: KnowledgeBase, hits: Mapping[str, Hit], near: Sequence[Hit], text: str, before: str, last: str, language: str
) -> dict[str, float]:
    """How likely each of `hits` is what `text` asks for: by its own words, and by the last question's and them."""
    silent = without_price(kb, hits, text, language)
    start = head_start(text, language, last, near)
    odds = {}
    for name, hit in hits.items():
        anew = kb.hit_of(name, f"{before} {text}", language)
        odds[name] = ALONE_COUNTS * score_odds(hit) + start.get(name, 0.0) - NO_PRICE_LESS * (name in silent)
        odds[name] += BOTH_COUNT * score_odds(anew) if anew else 0.0
        odds[name] -= LAST_ALONE_LESS * log_odds(hit.confidence) * (name == last)
    return normalised(odds)


def decide_reworded(kb: KnowledgeBase, text: str, before: str, offered: Sequence[str], language: str) -> Decision:
    """What to do with `text`, said instead of a press after `before` was asked back about, with articles `offered`.

    It says the same in other words, adds to it, or asks on about what was offered; a new question stands for itself.
    """
    alone = priced(kb, kb.decide(text, language))
    if alone.kind == "answer" or asks_nothing(text, language):
        return alone
    both = priced(kb, kb.decide(f"{before} {text}", language))
    share = shares(both.hits, dict.fromkeys(offered, OFFERED_MORE))
    near = [hit for hit in both.hits if hit.article in offered]
    if near and not alone.missing:
        both = answer_near(both, near, {hit.article: hit for hit in both.hits}, share)
    return both if both.confidence > alone.confidence else alone


def decide_corrected(kb: KnowledgeBase, text: str, before: str, last: str, language: str) -> Decision:
    """What to do with a message that says what was meant instead of what `last` answered, when `before` was asked.

    It is another article than that, and the likelier the more it answers both the message and the last question asked
    anew with it ("no, I meant sending it back", after what delivery costs).
    """
    both = f"{before} {text}"
    alone, anew = kb.decide(text, language), kb.decide(both, language)
    names = {hit.article for hit in (*alone.hits, *anew.hits)} - {last}
    found = {name: (kb.hit_of(name, text, language), kb.hit_of(name, both, language)) for name in sorted(names)}
    hits = {name: own for name, (own, more) in found.items() if own and more}
    odds = {name: sum(log_odds(hit.confidence) for hit in found[name] if hit) / 2 for name in hits}
    ranked = sorted(hits, key=odds.__getitem__, reverse=True)
    share = exp(odds[ranked[0]]) / sum(map(exp, odds.values())) if ranked else 0.0
    if share < CORRECTED_FROM or odds[ranked[0]] < FAINT_CORRECTION:
        return replace(alone, kind="suggest" if alone.kind == "answer" else alone.kind)
    first, *others = (hits[name] for name in ranked)
    first = replace(first, confidence=max(share, first.confidence))
    return replace(alone, kind="answer", hits=(first, *others), confidence=first.confidence)


def priced(kb: KnowledgeBase, decision: Decision) -> Decision:
    """The decision, but for a question after a price: then articles that name none are no answer, others the likelier.

    Nothing is taken for an answer that is rather about what no article has.
    """
    hits, text, language = decision.hits, decision.question, decision.language
    silent = without_price(kb, [hit.article for hit in hits], text, language)
    told = [hit for hit in hits if hit.article not in silent]
    if not silent or not told or decision.missing or hits[0].evidence.get("unanswered", 0.0) >= SURE_FROM:
        return decision
    rest = 1 - sum(hit.confidence for hit in hits[:LIKELY] if hit.article in silent)
    confidence = min(PLAIN, told[0].confidence / max(rest, told[0].confidence))
    is_ahead = len(told) < 2 or told[1].confidence <= AHEAD_ENOUGH * told[0].confidence
    if confidence < PRICED_FROM or not is_ahead or told[0].confidence < LEAST_PRICED:
        return decision
    first = replace(told[0], confidence=max(told[0].confidence, confidence))
    others = tuple(hit for hit in hits if hit is not told[0])
    return replace(decision, kind="answer", hits=(first, *others), confidence=first.confidence)


def without_price(kb: KnowledgeBase, articles: Iterable[str], text: str, language: str) -> set[str]:
    """Those articles that name no amount of money, where the message asks for one; else none."""
    if not asks_price(text, language):
        return set()
    found = {name: kb.article(name, language) for name in articles}
    return {name for name, article in found.items() if article and not says_price(article.body)}


def led_on(
    kb: KnowledgeBase, text: str, alone: Decision, last: str, language: str, *, is_of_it: bool = False
) -> Decision:
    """What to do with a question beside one that `last` answers: it may be about an article which that one leads to.

    `is_of_it` says that both are about one matter: then it may be about `last` itself, and more likely than not.
    """
    if not alone.hits or alone.confidence >= PLAIN:
        return alone
    near = [hit for hit in near_hits(kb, text, last, language) if is_of_it or hit.article != last]
    ahead = AHEAD + SHORT_MORE * (len(text.split()) <= SHORT) + OF_IT_MORE * is_of_it
    start = dict.fromkeys((hit.article for hit in near), ahead - LED_TO_LESS) | ({last: ahead} if is_of_it else {})
    hits = {hit.article: hit for hit in (*alone.hits, *near) if is_of_it or hit.article != last}
    return answer_near(alone, near, hits, shares(hits.values(), start))


def answer_near(alone: Decision, near: Sequence[Hit], hits: Mapping[str, Hit], share: Mapping[str, float]) -> Decision:
    """The answer from the most likely article when that is one of those near; else what was decided alone."""
    best = max(share, key=share.__getitem__, default="")
    if best not in {hit.article for hit in near} or sum(share[hit.article] for hit in near) < SURE_FROM:
        return alone
    hit = replace(hits[best], confidence=max(hits[best].confidence, share[best]))
    others = tuple(other for other in alone.hits if other.article != best)
    return replace(alone, kind="answer", hits=(hit, *others), confidence=hit.confidence)


def offer_near(alone: Decision, hits: Mapping[str, Hit], share: Mapping[str, float]) -> Decision:
    """The articles that are likely in context as choices, where nothing was decided alone."""
    if alone.kind == "answer" or alone.missing:
        return alone
    ranked = sorted(
        (replace(hit, confidence=share[name]) for name, hit in hits.items()), key=lambda hit: -hit.confidence
    )
    if ranked[0].confidence < OFFERED_FROM:
        return alone
    return replace(alone, kind="suggest", hits=tuple(ranked), confidence=ranked[0].confidence)


def near_hits(kb: KnowledgeBase, text: str, last: str, language: str) -> list[Hit]:
    """What the article of the last answer, and those it leads to, say on the message."""
    article = kb.article(last, language)
    found = [kb.hit_of(name, text, language) for name in (last, *(article.follow_ups if article else ()))]
    return [hit for hit in found if hit]


def head_start(text: str, language: str, last: str, near: Iterable[Hit]) -> dict[str, float]:
    """What each article near the last answer has ahead of others, in log-odds."""
    led_to = LED_TO_AHEAD + LED_TO_MORE * goes_on(text, language)
    return dict.fromkeys((hit.article for hit in near), led_to) | {last: LAST_AHEAD}


def shares(hits: Iterable[Hit], ahead: Mapping[str, float]) -> dict[str, float]:
    """How likely each article is what the message asks for, of those there are; together 1."""
    return normalised({hit.article: log_odds(hit.confidence) + ahead.get(hit.article, 0.0) for hit in hits})


def normalised(odds: Mapping[str, float]) -> dict[str, float]:
    """Probabilities, together 1, of what has these log-odds."""
    weight = {name: exp(own) for name, own in odds.items()}
    total = sum(weight.values())
    return {name: own / total for name, own in weight.items()}


def is_about_these(text: str, language: str, alone: Decision, near: Sequence[Hit]) -> bool:
    """Whether the message is about anything the articles know: not the weather, and not only small talk."""
    hints = ABOUT_ASKING * is_asking(text, language) + ABOUT_MARK * ("?" in text)
    hints += ABOUT_GOING_ON * begins_going_on(text, language) + ABOUT_LEANING * leans(text, language)
    said = ABOUT_BEST * log_odds(alone.confidence) + hints + ABOUT_ANYTHING
    said += ABOUT_NEAR * log_odds(max((hit.confidence for hit in near), default=0.0))
    return said + ABOUT_WORDS * max((hit.evidence.get("passage", 0.0) for hit in near), default=0.0) > 0


def is_asking(text: str, language: str) -> bool:
    """Whether a word of the message asks, or it begins as a question."""
    message = FoldedMessage(text, read_wording(language))
    asking = message.wording.question_words | message.wording.enclitics
    return not asking.isdisjoint(message.words) or message.starts_asking(0)


def is_for_another_country(text: str, language: str) -> bool:
    """Whether the message asks the last question anew for a country: "and to Austria?"."""
    pattern = _pattern("what_about", language)
    named = pattern.sub("", text, count=1) if pattern else text
    return only_names_country(named, language) and not is_asking(named, language)


def only_names(text: str, language: str) -> bool:
    """Whether the message only names a thing, about which the last question is asked anew: "and in Split?"."""
    pattern = _pattern("what_about", language)
    named = pattern.sub("", text, count=1) if pattern else text
    return leans(text, language) and not is_asking(named, language)


def score_odds(hit: Hit) -> float:
    """The log-odds of a hit's score: what is as good as sure, or out of the question, is still told apart."""
    return log_odds(hit.evidence["score"], FAINTEST_SCORE)


def log_odds(probability: float, least: float = FAINTEST) -> float:
    """The log-odds of a probability, 0 to 1, which counts as `least` from nothing, or from sure, at least."""
    bounded = min(max(probability, least), 1 - least)
    return log(bounded / (1 - bounded))
