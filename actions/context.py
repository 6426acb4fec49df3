"""What a message means after what went before: a follow-up without its subject, a correction, the same once more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from kb import Decision, KnowledgeBase
from kb.language.questions import leans

# How a message begins that goes on from the last answer ("and how long does it take?"), by language.
GOES_ON = {
    "sl": "in|pa|kaj pa|kako pa|koliko pa|kdaj pa|kje pa|ampak|potem|aha",
    "hr": "a|i|pa|a što|a kako|a koliko|a kada|a gdje|ali|onda|aha",
    "pl": "a|i|oraz|a co|a jak|a ile|a kiedy|a gdzie|ale|to|aha",
    "en": "and|but|so|then|what about|how about|ok and|okay and",
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
    "|(?:spet|ponovno) (?:isto|vprašam|sprašujem)",
    "hr": "treći put|već (?:dvaput|triput|nekoliko puta|sam pitao|sam pitala)|(?:opet|ponovno) (?:isto|pitam)",
    "pl": "trzeci raz|kolejny raz|po raz kolejny|już (?:dwa razy|trzy razy|kilka razy|pytałem|pytałam)"
    "|(?:znowu|znów|ponownie) (?:to samo|pytam)",
    "en": "(?:third|fourth|umpteenth) time|(?:asked|told) (?:you |me )?(?:this |that )?(?:already|before|twice)"
    "|already (?:asked|told|said|tried)|asking (?:you )?(?:the same|again)",
}
NO_HELP = {
    "sl": "nič ne pomaga|ne pomaga mi",
    "hr": "(?:mi )?ne pomaže|ništa ne pomaže",
    "pl": "nic (?:mi )?nie (?:daje|pomaga)|nie pomaga mi",
    "en": "(?:doesn't|does not|isn't|not) help(?:ing)?",
}
MOST_WORDS = 10  # of a follow-up by its first words: who writes more says what it is about
LEANING_WORDS = 12  # of one that says too little alone
MOST_TIMES = 2  # the same article is given; whoever asks once more is not helped by it
# Confidence that the article of the last answer, and those it leads to, have ahead of others while a message leans on
# what was said.
KEPT, LED_TO = 0.4, 0.2
# What the message's own words say about which of these it is, as far as they say anything.
SAYS, FAINT = 0.4, 0.1
PLAIN = 0.9  # confidence from which on a message needs nothing from before
LEANING_WEIGHT = 0.5  # of what a message says alone that says too little alone
LIKELY = 3  # articles that a message brings up first; with the last answer's among them, it may go on about that


@lru_cache
def _pattern(kind: str, language: str) -> re.Pattern[str] | None:
    patterns = {"goes_on": GOES_ON, "corrects": CORRECTS, "asked_before": ASKED_BEFORE, "no_help": NO_HELP}
    own = patterns[kind].get(language)
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
    pattern, count = _pattern("goes_on", language), len(text.split())
    return (count <= MOST_WORDS and bool(pattern and pattern.match(text.strip()))) or (
        count <= LEANING_WORDS and leans(text, language)
    )


def decide_in_context(kb: KnowledgeBase, text: str, before: str, last: str, language: str) -> Decision:
    """What to do with `text`, asked after `before` was answered from the article `last`.

    Whoever goes on from an answer asks about that article, or one it leads to, unless the words say otherwise.
    """
    alone, leaning = kb.decide(text, language), leans(text, language)
    is_own_matter = alone.kind == "answer" or last not in [hit.article for hit in alone.hits[:LIKELY]]
    if not alone.hits or (is_own_matter and not goes_on(text, language)) or (alone.confidence >= PLAIN and not leaning):
        return alone
    (together,) = kb.decide_all([f"{before} {text}"], language)
    votes = Counter({hit.article: hit.confidence * (LEANING_WEIGHT if leaning else 1) for hit in alone.hits})
    votes.update({hit.article: hit.confidence for hit in together.hits})
    article = kb.article(last, language)
    near = {last: KEPT} | dict.fromkeys(article.follow_ups if article else (), LED_TO)
    says = {hit.article: hit.confidence for hit in alone.hits if hit.article in near}
    told = sum(says.values())
    votes.update(
        {name: ahead + (SAYS * says.get(name, 0) / told if told > FAINT else 0) for name, ahead in near.items()}
    )
    best = max(votes, key=votes.__getitem__)
    for decision in (alone, together):
        if decision.kind == "answer" and decision.hits[0].article == best:
            return decision
    hit = kb.hit_of(best, text, language) if best in near else None
    if hit is None:
        return alone
    with_context = next((other.confidence for other in together.hits if other.article == best), 0.0)
    hit = replace(hit, confidence=max(hit.confidence, with_context))
    others = tuple(other for other in alone.hits if other.article != best)
    return replace(alone, kind="answer", hits=(hit, *others), confidence=hit.confidence)
