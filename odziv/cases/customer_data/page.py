"""The readable page of what is known of a customer, in their language: pieces of HTML, each safe by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from markupsafe import Markup, escape

from kb.sources.passages import to_plain
from odziv.cases.transcripts import name_sender
from odziv.texts import say
from odziv.texts.moments import say_date, say_date_and_time

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "h2{margin-top:2.5rem}article{border-top:1px solid #767676;margin-top:2rem}dt{font-weight:600}dd{margin:0 0 .5rem}"
    ".who{font-weight:600;margin-bottom:0}.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}"
    "time{font-weight:400}@media (prefers-color-scheme:dark){:root{color-scheme:dark}}"
)
# A page that somebody opens from their disk: nothing in it may load or run anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
HEAD = Markup(
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="{policy}">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    "<style>{style}</style></head><body><main><h1>{title}</h1>\n<p>{made}</p><p>{guide}</p>\n"
)
END = Markup("</main></body></html>\n")


@dataclass(frozen=True)
class Page:
    """Says the parts of a page in a language, with moments on the clock of `zone`."""

    language: str
    zone: tzinfo

    def begin(self, name: str, made_at: datetime) -> Markup:
        """Its head; `name` is whose page it is, `made_at` when it was made."""
        at = say_date_and_time(made_at.astimezone(self.zone), self.language) + f" ({made_at.astimezone(self.zone):%Z})"
        return HEAD.format(
            language=self.language,
            policy=POLICY,
            title=self._say("title"),
            style=Markup(STYLE),
            made=self._say("made", name=name, date=at),
            guide=self._say("guide"),
        )

    def tell_person(
        self, people: Iterable[dict[str, Any]], addresses: Iterable[str], noted: Iterable[str] = ()
    ) -> Markup:
        """Who the customer is, as their conversations have it, each thing once; `noted` are addresses that agents
        added."""
        facts: dict[str, dict[str, None]] = {}
        for person in people:
            for label, value in self._facts(person):
                facts.setdefault(label, {})[value] = None
        for key, some in (("addresses", addresses), ("other_addresses", noted)):
            for address in sorted(some):
                facts.setdefault(self._say(key), {})[address] = None
        rows = Markup("").join(
            Markup("<dt>{}</dt>{}").format(label, Markup("").join(map(Markup("<dd>{}</dd>").format, values)))
            for label, values in facts.items()
        )
        told = Markup("<dl>{}</dl>").format(rows) if rows else self._paragraph(self._say("nothing"))
        return Markup("<h2>{}</h2>\n{}\n").format(self._say("about"), told)

    def tell_count(self, count: int) -> Markup:
        """The heading above the conversations."""
        return Markup("<h2>{}</h2>\n").format(self._say("conversations", n=count))

    def tell_conversation(self, document: dict[str, Any]) -> Markup:
        """One conversation: labels, what fields hold, what was said, notes, files, ratings and mails."""
        begun = self._moment(document["created_at"])
        title = self._say("conversation", date=say_date(begun, self.language))
        head = Markup('<article lang="{}"><h3>{}</h3>{}').format(
            document["language"], title, self._paragraph(self._say("number", id=document["id"]))
        )
        if document["page"]:
            head += self._paragraph(self._say("page", page=document["page"]))
        if document["labels"]:
            head += self._paragraph(self._say("labels", labels=", ".join(document["labels"])))
        for known in document["fields"]:
            head += self._paragraph(self._say("field", name=known["name"], value=known["value"]))
        return Markup("").join((head, *self._tell_parts(document), Markup("</article>\n")))

    def tell_mails_aside(self, mails: list[dict[str, Any]]) -> Markup:
        """Those that are in no conversation."""
        if not mails:
            return Markup("")
        return Markup("<h2>{}</h2>\n{}\n").format(
            self._say("mails_aside"), Markup("").join(map(self._tell_mail, mails))
        )

    def _tell_parts(self, document: dict[str, Any]) -> Iterator[Markup]:
        said = document["messages"]
        yield from (self._tell_message(each) for each in said if not each["internal"])
        yield self._list("notes", (self._tell_message(each) for each in said if each["internal"]))
        yield self._list("files", map(self._tell_file, document["files"]))
        yield self._list("ratings", map(self._tell_rating, document["ratings"]))
        yield self._list("mails", map(self._tell_mail, document["mails_received"]))

    def _tell_message(self, message: dict[str, Any]) -> Markup:
        who = message.get("agent_name") or message.get("author") or name_sender(message["sender"], self.language)
        text = message["text"] if message["sender"] == "customer" else to_plain(message["text"])
        return self._entry(who, message["created_at"], text)

    def _tell_mail(self, mail: dict[str, Any]) -> Markup:
        subject = mail["subject"] or self._say("no_subject")
        told = self._entry(f"{subject} ({mail['sender'] or '–'})", mail["created_at"], mail["original"])
        return told + Markup("").join(map(self._tell_file, mail.get("files", ())))

    def _entry(self, who: str, at: str, text: str) -> Markup:
        moment = say_date_and_time(self._moment(at), self.language)
        return Markup('<p class="who">{} <time datetime="{}">{}</time></p><p class="text">{}</p>\n').format(
            who, at, moment, text
        )

    def _tell_file(self, file: dict[str, Any]) -> Markup:
        if not file["path"]:
            return self._paragraph(f"{file['name']} ({self._say('file_gone')})")
        return Markup('<p><a href="{}">{}</a></p>').format(file["path"], file["name"])

    def _tell_rating(self, rating: dict[str, Any]) -> Markup:
        key = "about_bot" if rating["about"] == "bot" else "about_person"
        words = Markup('<p class="text">{}</p>').format(rating["words"]) if rating["words"] else Markup("")
        return self._paragraph(self._say(key, score=rating["score"])) + words

    def _list(self, key: str, items: Iterable[Markup]) -> Markup:
        told = Markup("").join(items)
        return Markup("<h4>{}</h4>\n{}").format(self._say(key), told) if told else Markup("")

    def _facts(self, person: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if person["consent_at"]:
            moment = self._moment(person["consent_at"])
            yield self._say("consent"), say_date_and_time(moment, self.language)
        for key, column in (("name", "name"), ("email", "email"), ("customer_id", "customer")):
            if person[column]:
                yield self._say(key), person[column]
        for key in ("attributes", "browser"):
            for name, value in (person[key] or {}).items():
                yield self._say(key), f"{name}: {self._value(value)}"

    def _value(self, value: Any) -> str:
        return self._say("yes_" if value else "no_") if isinstance(value, bool) else str(value)

    def _moment(self, iso: str) -> datetime:
        return datetime.fromisoformat(iso).astimezone(self.zone)

    def _say(self, key: str, **values: Any) -> str:
        return say("customer_data", key, self.language, **values)

    @staticmethod
    def _paragraph(text: str) -> Markup:
        return Markup("<p>{}</p>").format(escape(text))
