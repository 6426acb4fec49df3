"""A wish for a person is understood without Rasa; a wish for the contrary, and what only names people, is none."""

from __future__ import annotations

import pytest

from actions.wording import wants_person

WISHES = {
    "sl": """
        Rad bi govoril s človekom
        želim govoriti z osebo
        Hočem govoriti s pravim človekom!
        človek
        Operater prosim
        prosim, povežite me z operaterjem
        a lahko govorim z nekom?
        rabim živega človeka
        nočem robota, dajte mi človeka
        dajte mi agenta
        Ne želim govoriti z robotom
        Želim se pogovoriti z vašim svetovalcem
        naj me nekdo pokliče
        rada bi se o tem pogovorila z eno od vaših sodelavk
        Ne razumete me. Raje bi govorila s kom.
        prevežite me na podporo
        hocm govorit s clovekom
        ZELIM GOVORITI S CLOVEKOM
    """,
    "hr": """
        Želim razgovarati s čovjekom
        mogu li dobiti operatera
        Spojite me s agentom, molim
        hoću pričati s pravom osobom
        čovjek
        molim operatera
        Ne želim robota
        trebam živu osobu
        htjela bih popričati s nekim
        neka me netko nazove
        prebacite me na djelatnika
        Ne razumijete. Dajte mi čovjeka!
        zelim razgovarati s nekim iz podrske
    """,
    "pl": """
        Chcę rozmawiać z człowiekiem
        proszę o kontakt z konsultantem
        czy mogę porozmawiać z kimś?
        konsultant
        Poproszę konsultanta
        Połączcie mnie z pracownikiem
        nie chcę rozmawiać z robotem
        potrzebuję żywego człowieka
        niech ktoś do mnie zadzwoni
        To nie to. Chciałabym porozmawiać z prawdziwą osobą
        przełączcie mnie do konsultanta
        chce rozmawiac z czlowiekiem
    """,
    "en": """
        I want to talk to a person
        can I speak to someone?
        Human please
        agent
        talk to a human
        I need a real person!
        please connect me with an agent
        Could I chat with one of your colleagues
        I don't want a bot, get me a human
        put me through to customer support staff
        I do not want to talk to a robot
        is there a person I can talk to
        let somebody call me please
        No, that is wrong. I want to speak with a representative.
        I WANT TO TALK TO A PERSON
        I'd like to speak to a manager
        get me someone
        call me
    """,
}
OTHERS = {
    "sl": """
        Ne želim govoriti s človekom
        ne rabim človeka, zanima me le, kdaj pride paket
        nočem govoriti z nikomer, samo ceno mi povejte
        Ni treba, da me kdo kliče
        Kdaj ste odprti?
        iščem jopico za osebo, ki jo hitro zebe
        lahko paket prevzame kdo drug
        Kako vrnem čevlje?
        brez klicanja prosim
        operaterja ne rabim
        kakšen je odpiralni čas
        raje ne bi govoril z agentom
    """,
    "hr": """
        Ne želim razgovarati s čovjekom
        ne trebam operatera, samo cijenu
        Kada ste otvoreni?
        tražim jaknu za osobu kojoj je hladno
        može li paket preuzeti netko drugi
        nemojte me zvati
        bez operatera molim
        Kako vratiti cipele?
    """,
    "pl": """
        Nie chcę rozmawiać z człowiekiem
        nie potrzebuję konsultanta, tylko cenę
        O której otwieracie?
        szukam kurtki dla osoby, która marznie
        czy paczkę może odebrać ktoś inny
        nie chcę rozmawiać z konsultantem
        Jak zwrócić buty?
        bez rozmowy proszę
    """,
    "en": """
        I don't want to talk to a person
        No human please
        I do not need an agent, just the price
        When are you open?
        I'm looking for a jacket for a person who is always cold
        can somebody else collect my parcel
        rather not talk to anyone
        How do I return shoes?
        will the courier call me
        how many people fit into the tent
        no need to call me
        without talking to anybody, tell me the price
        Can I give a voucher to a friend?
    """,
}


def listed(texts: dict[str, str]) -> list[tuple[str, str]]:
    """Each text, one a line, with its language."""
    return [(language, line.strip()) for language, lines in texts.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("language", "text"), listed(WISHES))
def test_a_wish_for_a_person(language, text):
    assert wants_person(text, language)


@pytest.mark.parametrize(("language", "text"), listed(OTHERS))
def test_no_wish_for_a_person(language, text):
    assert not wants_person(text, language)


def test_a_language_without_words_has_no_wishes():
    assert not wants_person("Ich möchte mit einem Menschen sprechen", "de")
