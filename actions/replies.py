"""Composes what the bot says: one payload of text, buttons and, where it applies, the answer or handoff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from actions.passages import Shown, compose
from kb import Article, Decision, Hit, KnowledgeBase
from kb.render import with_whole_addresses
from odziv.texts import CATALOGUE, say

Payload = dict[str, Any]
Button = dict[str, str]

MOST_FOLLOW_UPS = 3
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def text_for(key: str, language: str) -> str:
    """The text in a language, in English if it has none."""
    return say("replies", key, language)


class Replies:
    """The bot's replies over one knowledge base; links begin with `public_url`. Safe to share between threads."""

    def __init__(self, kb: KnowledgeBase, public_url: str = "") -> None:
        self._kb, self._public_url = kb, public_url.rstrip("/")

    def answer(self, decision: Decision, *asked: str) -> Payload | None:
        """The answer from the decision's best hit; None if that article has gone in the meantime.

        `asked` are the customer's words, the latest first, where the decision's question is more than these.
        """
        hit = decision.hits[0]
        article = self._kb.article(hit.article, hit.language)
        if article is None:
            return None
        shown = compose(article, asked or (decision.question,), decision.language, places_of(hit, article))
        payload = self._from_article(article, shown, hit.confidence, decision.language)
        return payload | {"considered": considered(decision)}

    def perhaps(self, decision: Decision, *asked: str) -> Payload | None:
        """The answer from the only article that may be meant, under its title, with a word that it is in doubt.

        That it helped tells which article the question was about, as a pressed choice does: the button names it.
        None if that article has gone in the meantime.
        """
        payload = self.answer(decision, *asked)
        if payload is None:
            return None
        article = payload["answer"]["article"]
        buttons = [b | {"article": article} if b["kind"] == "helped" else b for b in payload["buttons"]]
        text = f"{text_for('perhaps', decision.language)}\n\n{under_title(payload)}"
        return payload | {"text": text, "buttons": buttons}

    def chosen(self, article_id: str, language: str) -> Payload | None:
        """The article a customer chose, from its beginning; None if there is no such published article."""
        article = self._kb.article(article_id, language)
        return self._from_article(article, compose(article), 1.0, language) if article else None

    def choices(self, decision: Decision) -> Payload:
        """ "Did you mean…" with the likely hits, after the matter that no article answers."""
        titles = {hit.article: hit.title for hit in decision.choices}
        payload = self._choices("did_you_mean", titles, decision.language)
        if decision.missing:
            payload["text"] = f"{nothing_on(decision)} {payload['text']}"
        return payload | {"considered": considered(decision)}

    def which_one(self, article_ids: Iterable[str], language: str) -> Payload:
        """The same choices once more, after a yes that said too little."""
        return self._choices("which_one", self._titles(article_ids, language), language)

    def open_question(self, intent: str, language: str, decision: Decision | None = None) -> Payload:
        """One open question back; what it says depends on why there is no answer."""
        key = {"out_of_scope": "off_topic", "feedback_negative": "not_helped", "deny": "say_more"}.get(intent)
        payload = self.say(key or "rephrase", language) | {"buttons": [human_button(language)]}
        if decision and decision.missing:
            payload["text"] = f"{nothing_on(decision)} {text_for('nothing_on_person', language)}"
        return payload | {"considered": considered(decision)} if decision else payload

    def note(self, note: str, language: str) -> Payload:
        """What is said to a message without a question; a person is one press away."""
        key = "off_topic" if note == "instructs" else f"note_{note}"
        return self.say(key, language) | {"buttons": [human_button(language)]}

    def person_or_go_on(self, language: str) -> Payload:
        """Asks who may want a person, with both ways as buttons."""
        go_on = {"title": text_for("go_on", language), "kind": "go_on", "intent": "go_on"}
        return self.say("person_or_go_on", language) | {"buttons": [human_button(language, "yes_human"), go_on]}

    def handoff(self, reason: str, language: str) -> Payload:
        """A handoff; asked for or offered, chat/'s own notice says enough, else a sentence goes before it."""
        key = {"complaint": "complaint", "low_confidence": "gave_up", "unanswered": "gave_up"}.get(reason)
        return (self.say(key, language) if key else {}) | {"handoff": {"reason": reason}}

    def say(self, key: str, language: str) -> Payload:
        """A text of the catalogue's replies alone."""
        return {"text": text_for(key, language)}

    def _from_article(self, article: Article, shown: Shown, confidence: float, language: str) -> Payload:
        """The answer with what is shown of an article, for a customer who speaks `language`."""
        text = self._link_articles(shown.text, article.language)
        url = f"{self._public_url}/help/{article.language}/{article.id}"
        if not shown.is_whole:
            text = f"{text}\n\n{text_for('whole_article', language)} [{escape(article.title)}]({url})"
        if article.language != language:
            text = f"{only_in(article.language, language)}\n\n{text}"
        buttons = self._follow_ups(article, language) + [feedback_button(language)]
        if article.handoff:
            text = f"{text}\n\n{text_for('offer_person', language)}"
            buttons.insert(0, human_button(language) | {"article": article.id})
        else:
            buttons.append(human_button(language))
        answer = name(article.id, article.language, article.title, confidence)
        return {"text": text, "buttons": buttons, "answer": answer | {"url": url}}

    def _choices(self, key: str, titles: Mapping[str, str], language: str) -> Payload:
        buttons = [article_button("choice", article_id, title) for article_id, title in titles.items()]
        return self.say(key, language) | {"buttons": buttons + [human_button(language, "none_of_these")]}

    def _follow_ups(self, article: Article, language: str) -> list[Button]:
        titles = self._titles(article.follow_ups, language)
        return [article_button("follow_up", *each) for each in list(titles.items())[:MOST_FOLLOW_UPS]]

    def _titles(self, article_ids: Iterable[str], language: str) -> dict[str, str]:
        found = ((article_id, self._kb.article(article_id, language)) for article_id in article_ids)
        return {article_id: article.title for article_id, article in found if article}

    def _link_articles(self, text: str, language: str) -> str:
        """Links between articles ("orders/return") made to work outside the help pages."""
        return with_whole_addresses(text, language, self._public_url)


def places_of(hit: Hit, article: Article) -> list[int]:
    """The article's passages, the likeliest first; those that are gone since the question was asked are left out."""
    places = {passage.text: place for place, passage in enumerate(article.passages)}
    return [places[text] for text in (hit.text, *hit.others) if text in places]


def escape(text: str) -> str:
    """The text such that Markdown shows it as it is."""
    return _MARKS.sub(r"\\\1", text)


def under_title(payload: Payload) -> str:
    """An answer's text under its article's title, which leads to the whole article."""
    answer = payload["answer"]
    return f"**[{escape(answer['title'])}]({answer['url']})**\n\n{payload['text']}"


def only_in(article_language: str, language: str) -> str:
    """Says in the customer's language which other language the answer is in."""
    key = f"only_in_{article_language}"
    return text_for(key if key in CATALOGUE.of("replies", language) else "only_in_another_language", language)


def nothing_on(decision: Decision) -> str:
    """Names the matter that the question is likely about and that no article answers."""
    return say("replies", "nothing_on", decision.language, topic=decision.missing)


def considered(decision: Decision) -> list[dict[str, Any]]:
    """What the knowledge base found, best first, for the agents' eyes; with the first, what no article answers."""
    found = [name(hit.article, hit.language, hit.title, hit.confidence) for hit in decision.hits]
    if found and decision.missing:
        found[0]["missing"] = {"topic": decision.hits[0].elsewhere, "name": decision.missing}
    return found


def name(article_id: str, language: str, title: str, confidence: float) -> dict[str, Any]:
    """An article as a payload names it; the confidence is a probability."""
    return {"article": article_id, "language": language, "title": title, "confidence": round(confidence, 4)}


def article_button(kind: str, article_id: str, title: str) -> Button:
    """A button that gives an article."""
    return {"title": title, "kind": kind, "intent": "choose_article", "article": article_id}


def feedback_button(language: str) -> Button:
    """The button that says the answer helped."""
    return {"title": text_for("helped", language), "kind": "helped", "intent": "feedback_positive"}


def human_button(language: str, key: str = "human") -> Button:
    """The button that asks for a person."""
    return {"title": text_for(key, language), "kind": "human", "intent": "request_human"}
