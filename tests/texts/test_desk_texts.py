"""The desk's messages: gathered from the code, kept in catalogues, said in the language that is spoken."""

from __future__ import annotations

from io import BytesIO
from threading import Thread

import pytest
from babel.messages.pofile import read_po

from odziv.texts.desk import N_, _, catalogues, extraction, ngettext, number, offered_languages, pgettext, speaking
from tests.texts.desk_catalogues import write_catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=4; plural=0;\\n"\n\n'
DRAFTS = '#: odziv/desk/static/a.js\nmsgid "%(num)s draft"\nmsgid_plural "%(num)s drafts"\n'
FORMS = ("%(num)s osnutek", "%(num)s osnutka", "%(num)s osnutki", "%(num)s osnutkov")
PLURAL = DRAFTS + "".join(f'msgstr[{place}] "{form}"\n' for place, form in enumerate(FORMS))


@pytest.fixture
def slovenian(monkeypatch, tmp_path):
    """A catalogue of Slovenian with what the tests say."""
    simple = 'msgid "Saved: %(name)s."\nmsgstr "Shranjeno: %(name)s."\n\n'
    context = 'msgctxt "state"\nmsgid "Open"\nmsgstr "Odprt"\n\nmsgid "Open"\nmsgstr "Odpri"\n\n'
    write_catalogue(monkeypatch, tmp_path, "sl", simple + context + PLURAL)


def test_english_is_spoken_unless_told_otherwise(slovenian):
    assert _("Saved: %(name)s.", name="Vida") == "Saved: Vida."
    assert ngettext("%(num)s draft", "%(num)s drafts", 1) == "1 draft"
    assert ngettext("%(num)s draft", "%(num)s drafts", 1200) == "1,200 drafts"
    assert _(N_("100 %% of it")) == "100 % of it"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 osnutek"), (2, "2 osnutka"), (4, "4 osnutki"), (5, "5 osnutkov"), (101, "101 osnutek"), (0, "0 osnutkov")],
)
def test_plurals_are_those_of_the_language(slovenian, count, said):
    with speaking("sl"):
        assert ngettext("%(num)s draft", "%(num)s drafts", count) == said


def test_the_language_holds_for_the_block_and_the_thread(slovenian):
    heard = []
    with speaking("sl"):
        assert _("Saved: %(name)s.", name="%s") == "Shranjeno: %s."
        assert (pgettext("state", "Open"), _("Open"), number(10_000)) == ("Odprt", "Odpri", "10.000")
        beside = Thread(target=lambda: heard.append(_("Saved: %(name)s.", name="")))
        beside.start()
        beside.join()
    assert heard == ["Saved: ."]
    assert _("Open") == "Open"


def test_what_isnt_said_in_a_language_is_said_in_english(slovenian):
    with speaking("sl"):
        assert _("Never translated") == "Never translated"


def test_only_a_complete_language_is_offered(monkeypatch, tmp_path):
    write_catalogue(monkeypatch, tmp_path, "sl", 'msgid "Save"\nmsgstr "Shrani"\n')
    write_catalogue(monkeypatch, tmp_path, "pl", 'msgid "Save"\nmsgstr ""\n')
    assert offered_languages() == ("sl", "en")
    with speaking("pl"):
        assert _("Save") == "Save"


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("", "it is empty"),
        ('msgid "Save"\nmsgstr ""', "not translated: Save"),
        ('#, fuzzy\nmsgid "Save"\nmsgstr "Shrani"', "not translated: Save"),
        (DRAFTS + 'msgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\nmsgstr[3] ""', "not translated: %(num)s draft"),
        ('msgid "To %(name)s"\nmsgstr "Za"', "other placeholders: To %(name)s: Za"),
        ('msgid "To %(name)s"\nmsgstr "Za %(ime)s"', "other placeholders: To %(name)s: Za %(ime)s"),
        ('msgid "Half"\nmsgstr "50 %"', "other placeholders: Half: 50 %"),
        ('msgid "<b>No</b>"\nmsgstr "<b>Ne<b>"', "other tags, entities or quotation marks: <b>No</b>: <b>Ne<b>"),
        ('msgid "No"\nmsgstr "<script>"', "other tags, entities or quotation marks: No: <script>"),
        ('msgid "No"\nmsgstr "\\"Ne\\""', 'other tags, entities or quotation marks: No: "Ne"'),
    ],
)
def test_what_a_translator_has_left_to_do_is_told(message, fault):
    catalogue = read_po(BytesIO((HEAD + message).encode()), locale="sl")
    assert list(catalogues.faults_of(catalogue)) == [fault]


def test_a_plural_form_may_say_its_number_in_a_word():
    forms = 'msgstr[0] "en osnutek"\nmsgstr[1] "dva osnutka"\nmsgstr[2] "%(num)s osnutki"\nmsgstr[3] "%(num)s osnutkov"'
    assert list(catalogues.faults_of(read_po(BytesIO((HEAD + DRAFTS + forms).encode()), locale="sl"))) == []


def test_scripts_get_their_own_texts_by_plural_category(slovenian):
    one, two, few, other = FORMS
    forms = {"one": one, "two": two, "few": few, "other": other}
    assert catalogues.texts_of_scripts("sl") == {"%(num)s draft": forms}


CODE = {
    "odziv/cases/a.py": 'from odziv.texts.desk import _\n_("In Python"), _(f"{no}"), ngettext("one", "more", 2)\n',
    "odziv/cases/b.py": '_("Not ours")\n',
    "odziv/desk/templates/c.html": '{{ _("Alone") }}{% trans n=2 %}\n  In a\n  block {{ n }}{% endtrans %}',
    "odziv/desk/static/d.js": 'say(text("In a script"), texts("1", "%(num)s", 3));\n',
    "odziv/desk/static/vendor/e.js": 'text("Not ours")',
}


@pytest.mark.filterwarnings("ignore:.*f-string")
def test_messages_are_gathered_from_python_templates_and_scripts(tmp_path):
    for name, source in CODE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")
    found = {message.id: message.locations[0][0] for message in catalogues.messages_of(extraction.gather(tmp_path))}
    assert found == {
        "In Python": "odziv/cases/a.py",
        ("one", "more"): "odziv/cases/a.py",
        "Alone": "odziv/desk/templates/c.html",
        "In a block %(n)s": "odziv/desk/templates/c.html",
        "In a script": "odziv/desk/static/d.js",
        ("1", "%(num)s"): "odziv/desk/static/d.js",
    }


def test_a_catalogue_brought_up_to_date_keeps_translations_and_drops_what_nobody_says(tmp_path):
    first, second = extraction.Catalog(), extraction.Catalog()
    first.add("Stays"), first.add("Goes")
    second.add("Stays"), second.add("Comes")
    assert extraction.bring_up_to_date("sl", first, tmp_path) == 2
    path = tmp_path / "sl.po"
    path.write_text(path.read_text("utf-8").replace('"Stays"\nmsgstr ""', '"Stays"\nmsgstr "Ostane"'), "utf-8")
    assert extraction.bring_up_to_date("sl", second, tmp_path) == 1
    kept = {message.id: message.string for message in catalogues.messages_of(catalogues.load(path, "sl"))}
    assert kept == {"Stays": "Ostane", "Comes": ""}
    before = path.read_bytes()
    extraction.bring_up_to_date("sl", second, tmp_path)
    assert path.read_bytes() == before
