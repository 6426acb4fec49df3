"""What a message means after what went before: a follow-up without its subject, a correction, the same once more."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from kb import Decision, KnowledgeBase

# How a message begins that goes on from the last answer ("and how long does it take?"), by language.
GOES_ON = {
    "sl": "in|pa|kaj pa|kako pa|koliko pa|kdaj pa|kje pa|ampak|potem|aha",
    "hr": "a|i|pa|a što|a kako|a koliko|a kada|a gdje|ali|onda|aha",
    "pl": "a|i|oraz|a co|a jak|a ile|a kiedy|a gdzie|ale|to|aha",
    "en": "and|but|so|then|what about|how about|ok and|okay and",
}
# How a correction begins ("no, I meant the invoice"): what follows is what the customer wants to know.
CORRECTS = {
    "sl": r"(?:ne|ne ne|nisem)[\s,.!–-]+(?:to\s+)?(?:mislil|mislila|mislim|hotel|hotela|sprašujem|vprašal|vprašala)"
    r"(?:\s+(?:sem|me|na|o|za|to))*|(?:mislil|mislila)\s+sem(?:\s+(?:na|o|to))*",
    "hr": r"(?:ne|nisam)[\s,.!–-]+(?:to\s+)?(?:mislio|mislila|mislim|htio|htjela|pitam|pitao|pitala)"
    r"(?:\s+(?:sam|na|o|za|to))*|(?:mislio|mislila)\s+sam(?:\s+(?:na|o|to))*",
    "pl": r"(?:nie)[\s,.!–-]+(?:chodziło mi|chodzi mi|miałem na myśli|miałam na myśli|pytam|pytałem|pytałam)"
    r"(?:\s+(?:o|na|to))*|(?:chodziło mi|chodzi mi)(?:\s+(?:o|to))*",
    "en": r"(?:no|nope|not that)[\s,.!–-]+(?:i\s+)?(?:meant?|mean|was asking|am asking|i'm asking|asked|want(?:ed)?)"
    r"(?:\s+(?:about|for|to know))*|i\s+meant(?:\s+about)?",
}
MOST_WORDS = 7  # of a follow-up: who writes more says what it is about
MOST_TIMES = 2  # the same article is given; whoever asks once more is not helped by it


@lru_cache
def _pattern(kind: str, language: str) -> re.Pattern[str] | None:
    own = (GOES_ON if kind == "goes_on" else CORRECTS).get(language)
    return re.compile(rf"\s*(?:{own})\b[\s,:–-]*", re.IGNORECASE) if own else None


def after_correction(text: str, language: str) -> str | None:
    """What the customer means instead, as far as it says something; None when the message corrects nothing."""
    pattern = _pattern("corrects", language)
    found = pattern.match(text) if pattern else None
    rest = text[found.end() :].strip(" .!?") if found else ""
    return rest if len(rest) > 2 else None


def goes_on(text: str, language: str) -> bool:
    """Whether the message is a short one that goes on from what was said."""
    pattern = _pattern("goes_on", language)
    return len(text.split()) <= MOST_WORDS and bool(pattern and pattern.match(text))


def decide_in_context(kb: KnowledgeBase, text: str, before: str, language: str) -> Decision:
    """What to do with `text` asked after `before`: the article that answers the two best, taken alone and together."""
    alone, together = kb.decide(text, language), kb.decide(f"{before} {text}", language)
    votes: Counter[str] = Counter()
    for decision in (alone, together):
        votes.update({hit.article: hit.confidence for hit in decision.hits})
    best = max(votes, key=votes.__getitem__, default=None)
    for decision in (together, alone):
        if decision.kind == "answer" and decision.hits[0].article == best:
            return decision
    return alone
