"""The language to answer in: the conversation's own, then the page's; the text itself only when it says so plainly.

A text in a language that is not served gets the nearest one that is (neighbours.py).

Detectors are poor on short South-Slavic text, so words that only one language has are counted first, and the detector
(lingua, limited to the configured languages) is asked last. It reads three letters at a time: with all its models it
takes 155 MB instead of 12, names 628 of 640 test sentences instead of 614, and is sure less often: fewer of those who
switch languages are followed with it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from lingua import IsoCode639_1, Language, LanguageDetectorBuilder

from kb.language.neighbours import Neighbour, find_neighbour, nearest_served
from kb.language.text import fold, words

# Frequent words of help-desk messages that, folded, belong to one of these languages and not to the others.
TELLING = {
    "sl": """kje kaj kdaj kdo zakaj lahko sem nisem bil bila smo nismo ste niste se ze kot ki ta pa prosim zivjo
        pozdravljeni lep dober kateri katera kaksen kaksna kaksno koga vrniti vracilo vracila narocilo
        narocila narocilom posiljka posiljke posiljko racun racunom vec nimam imate nimate rabim rad rada
        zelim zelel zelela bi hocem dobil dobila prejel prejela prispel prispelo prispela placilo placal
        placala placati gre kupil kupila menjati zamenjati premajhen premajhna premajhni prevelik
        prevelika preveliki kolikokrat trgovina trgovini dnevi dneh delovni stevilka stevilko geslo gesla
        zdaj danes vceraj jutri tukaj moram morem ampak vendar ker ce saj tudi samo hitro cevlji cevlje
        sotor""",
    "hr": """gdje sto sta kad kada zasto mogu moze mogu sam nisam bio jos vec kao koji koja koje kojem kojeg ili jesam
        jeste li trebam treba trebala trebao vratiti povrat povrata narudzba narudzbe narudzbu narudzbi
        posiljka paketom molim bok dobar dobra vecer pozdrav nemam imate nemate htio htjela zelim zeljela
        zeljeti dobio stigao stigla stiglo racun uplata platio platila platiti kupio zamijeniti zamjena
        premale premali premala prevelike trgovini ducan ducanu lozinka lozinku lozinke sada danas jucer
        sutra ovdje moram ne nije nisu jer ako takoder tko cijena dostava dostave tjedan tjedna uopce
        cipele sator nego""",
    "pl": """jest nie czy gdzie jak sie moja moje moj paczka paczki paczke zamowienie zamowienia zamowieniem prosze
        dzien dobry dobra czesc witam kiedy dlaczego moge chce chcialbym chcialabym mam mozna ile jaki
        jaka jakie ktory ktora zwrot zwrotu zwrocic reklamacja reklamacje reklamacji platnosc platnosci
        zaplacic zaplacilem zaplacilam faktura fakture dostalem dostalam kupilem kupilam wymienic wymiana
        sklep sklepie haslo hasla teraz dzisiaj dzis wczoraj jutro tutaj musze bo jesli ale tez przesylka
        przesylki przesylke dostawa dostawy buty namiot dziekuje dzieki potrzebuje jeszcze juz przez dla
        przy zeby od kurier kuriera pieniadze pieniedzy co""",
    "en": """the is are was my where how when what why can could would i you your it not have has had please hello hi
        hey order parcel package refund return delivery invoice pay paid want need get got for with this
        that does did and of from there they will been much long size shop store password account still
        already thanks thank money back arrived card""",
}  # fmt: skip
GREETINGS = {
    "sl": ("pozdravljeni", "zivjo", "dober dan", "dobro jutro", "dober vecer", "lep pozdrav", "prosim"),
    "hr": ("bok", "dobar dan", "dobra vecer", "pozdrav", "postovani", "molim"),
    "pl": ("dzien dobry", "czesc", "witam", "dobry wieczor", "prosze", "dziekuje"),
    "en": ("hello", "hi", "hey", "good morning", "good evening", "please", "thanks"),
}
LETTERS = {"pl": "ąęłńśźżó", "hr": "đ"}
SIBLINGS = frozenset({"sl", "hr"})  # told apart only by their own words, never by the detector alone
MIN_WORDS = 3  # a shorter message never changes the language of a conversation
UNTOLD_WORDS = 5  # the detector alone is believed of longer ones: "iPhone 15 Pro Max case" is in no language
LEAD = 2  # telling words more than the known language has
REMEMBERED = 64  # texts, for as long as it takes to answer them
SURE = 0.95  # the detector's confidence that overrules what is known


class LanguageGuess:
    """Callable: text and what is known → language. Thread-safe."""

    def __init__(self, languages: Sequence[str], default: str):
        self._languages, self._default = tuple(languages), default
        self._telling = only_here({k: set(v.split()) for k, v in TELLING.items() if k in languages})
        self._detector = None
        self._lock = threading.Lock()
        self._look = lru_cache(maxsize=REMEMBERED)(self._look_anew)  # a turn asks twice about the same words

    def __call__(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str:
        """Return one of the configured languages."""
        conversation, page = self._configured(conversation), self._configured(page)
        known = conversation or page
        votes, stranger = self._look(text)
        if stranger and (nearest := nearest_served(stranger, self._languages)):
            return nearest
        if not known:
            return self._newcomer(text, votes)
        if not conversation and (greeted := self._greeting(text)) and not votes[page]:
            return greeted
        if len(words(text)) < MIN_WORDS:
            return known
        return self._overruled(text, votes, known) or known

    def neighbour(self, text: str) -> Neighbour | None:
        """Return the language that is none of ours and that the text is plainly in; None when there is none."""
        return self._look(text)[1]

    def _configured(self, language: str | None) -> str | None:
        """Return the language without its region ("pl-PL" → "pl") if it is configured."""
        short = (language or "").replace("_", "-").split("-")[0].lower()
        return short if short in self._languages else None

    def _newcomer(self, text: str, votes: Mapping[str, int]) -> str:
        greeted = self._greeting(text)
        leader, lead = leading({**votes, greeted: votes[greeted] + 1} if greeted else votes)
        if lead:
            return leader
        likely, sure = self._detect(text)
        return likely if sure >= 0.5 else self._default

    def _overruled(self, text: str, votes: Mapping[str, int], known: str) -> str | None:
        """Return the language the text is plainly in, when that is not the known one."""
        leader, _ = leading(votes)
        if leader != known and votes[leader] - votes[known] >= LEAD:
            return leader
        if votes[known] and votes[known] == max(votes.values()):
            return None  # whatever the detector would say
        likely, sure = self._detect(text)
        if likely == known or sure < SURE or votes[known] >= max(votes[likely], 1):
            return None
        if {likely, known} == SIBLINGS and not votes[likely]:
            return None
        return likely if len(words(text)) > UNTOLD_WORDS or votes[likely] else None

    def _look_anew(self, text: str) -> tuple[Mapping[str, int], Neighbour | None]:
        votes = self._votes(text)
        return MappingProxyType(votes), find_neighbour(text, votes)

    def _votes(self, text: str) -> dict[str, int]:
        """Return how many words of the text each language has to itself."""
        votes = dict.fromkeys(self._languages, 0)
        for word in words(text):
            plain = fold(word)
            for language, telling in self._telling.items():
                own_letter = any(letter in word.lower() for letter in LETTERS.get(language, ""))
                votes[language] += plain in telling or own_letter
        return votes

    def _greeting(self, text: str) -> str | None:
        """Return the only language in which the text starts with a greeting."""
        start = " ".join(words(fold(text))[:2]) + " "
        found = [code for code in self._languages if any(start.startswith(g + " ") for g in GREETINGS.get(code, ()))]
        return found[0] if len(found) == 1 else None

    def _detect(self, text: str) -> tuple[str, float]:
        """Return the detector's first choice and its confidence (0 to 1)."""
        detector = self._load()
        if detector is None or not words(text):
            return self._default, 0.0
        best = detector.compute_language_confidence_values(text)[0]
        return best.language.iso_code_639_1.name.lower(), best.value

    def _load(self):
        """Return the detector, built at first use; None when it knows fewer than two of the languages."""
        with self._lock:
            if self._detector is None:
                codes = [getattr(IsoCode639_1, code.upper(), None) for code in self._languages]
                known = [Language.from_iso_code_639_1(code) for code in codes if code]
                builder = LanguageDetectorBuilder.from_languages(*known) if len(known) > 1 else None
                self._detector = builder.with_low_accuracy_mode().build() if builder else False
            return self._detector or None


def only_here(lists: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return each language's words without those another language's list has too."""
    return {
        code: own - set().union(*(other for name, other in lists.items() if name != code))
        for code, own in lists.items()
    }


def leading(votes: Mapping[str, int]) -> tuple[str, int]:
    """Return the language with most votes and how many more it has than the next."""
    ranked = sorted(votes.items(), key=lambda item: -item[1])
    return ranked[0][0], ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0)
