"""What is known of a customer as a file for them: whole, theirs alone, and safe to open."""

from __future__ import annotations

import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from odziv.cases.customer_data.archive import safe_name
from odziv.cases.customer_data.exporting import export_customer
from odziv.cases.customer_data.files import ExportFailed
from odziv.cases.customer_data.whose import Customer, Unknown, Who, find_customer, read_who
from odziv.cases.mail_addresses import list_spellings, read_sender_address
from odziv.settings import LANGUAGES
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.customers.belonging import list_proven
from odziv.store.mail.notifications import list_proven_addresses
from tests.cases.customer_data.conftest import ANNA, EVIL, EVIL_NAME, begin
from tests.files import PDF
from tests.fixtures import set_contact, with_mail


class Tags(HTMLParser):
    """The tags of a page, the addresses in it, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.links, self.text = set(), [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def who_of(case, how: str) -> str:
    return {"conversation": case.verified, "mail": case.by_mail, "address": "ANNA@customer.example", "id": "demo:a1"}[
        how
    ]


@pytest.mark.parametrize("how", ["conversation", "mail", "address", "id"])
def test_all_that_is_hers_and_nothing_of_who_typed_her_address(store, settings, case, how):
    found = find_customer(store, settings, read_who(who_of(case, how), settings))
    # By an address alone nothing leads to what has only the site's id.
    without_id = {"mail", "address"}
    expected = case.annas[1:] if how in without_id else case.annas
    assert found == Customer(expected, frozenset({ANNA}), (case.eves,), 1)
    both = find_customer(store, settings, read_who(who_of(case, how), settings), also_unsure=True)
    assert (both.conversation_ids, both.unsure) == ((*expected, case.eves), ())


def test_who_typed_an_address_gets_only_their_own(store, settings, case):
    found = find_customer(store, settings, Who(conversation_id=case.eves))
    assert found == Customer((case.eves,), frozenset(), case.annas[1:], 0)


@pytest.mark.parametrize("address", ["noreply@forms.example", "form@smreka.example"])
def test_an_address_that_many_write_from_leads_to_nobody_else(store, settings, address):
    ours = with_mail(settings)  # help@smreka.example
    one, _other = (begin(store, email=address, verified=True, customer=name) for name in ("one", "other"))
    assert find_customer(store, ours, Who(conversation_id=one)) == Customer((one,), frozenset(), (_other,), 0)


@pytest.mark.parametrize("email", ["anna@žaba.si", "Anna@Customer.example"])
def test_what_proves_an_address_finds_it(store, settings, email):
    conversation_id = begin(store, email=email, verified=True, customer="ž")
    (address,) = list_proven_addresses(store, conversation_id)
    assert address == email
    found = find_customer(store, settings, read_who(email, settings))
    assert found.conversation_ids == (conversation_id,)
    with store.read() as connection:
        assert list_proven(connection, {"other@customer.example"}) == set()


@pytest.mark.parametrize(
    "text", ["", "anna", "nowhere:a1", "' OR 1=1 --", "demo:", "@", "%", "a" * 5000, "\x00@x.si", "demo:a\x001"]
)
def test_who_is_nobody_is_told(settings, text):
    with pytest.raises(Unknown):
        read_who(text, settings)


@pytest.mark.parametrize("text", ["demo:' OR 1=1 --", "demo:%", "0" * 24, "nobody@customer.example"])
def test_who_is_unknown_is_told(store, settings, case, text):
    with pytest.raises(Unknown):
        find_customer(store, settings, read_who(text, settings))


def test_an_address_may_be_spelt_in_two_ways():
    stored = read_sender_address("A@Žaba.si")
    assert list_spellings(stored) == {stored, "a@žaba.si"} and stored.isascii()
    assert list_spellings("a@xn--.si") == {"a@xn--.si"}


@pytest.fixture
def exported(store, settings, case, tmp_path) -> zipfile.ZipFile:
    """Anna's file."""
    customer = find_customer(store, settings, Who(conversation_id=case.verified))
    export_customer(store, settings, customer, tmp_path / "anna.zip")
    return zipfile.ZipFile(tmp_path / "anna.zip")


def test_for_programs(exported, case, store):
    told = json.loads(exported.read("customer.json"))
    assert (told["addresses"], told["conversations"], told["left_out_since_not_known_to_be_theirs"]) == ([ANNA], 3, 1)
    assert [mail["subject"] for mail in told["mails_in_no_conversation"]] == ["Odsotna"]
    document = json.loads(exported.read(f"conversations/{case.verified}.json"))
    said = [(m["sender"], m["internal"], m["agent_name"], m["text"]) for m in document["messages"]]
    assert said == [
        ("customer", False, None, EVIL), ("customer", False, None, "Račun"),
        ("agent", False, "Ana", "Zamudil bo."), ("agent", True, None, "Jezna."),
    ]  # fmt: skip
    assert document["customer"]["attributes"] == {"plan": "gold", EVIL: True}
    mail = json.loads(exported.read(f"conversations/{case.by_mail}.json"))["mails_received"][0]
    assert mail["original"] == f"Premajhni. {EVIL}"
    everything = b"".join(exported.read(name) for name in exported.namelist())
    assert b"I am Anna" not in everything and b"Denis" not in everything
    assert [entry.detail for entry in list_entries(store, action="exported")] == [
        {"conversations": 3, "mails_put_aside": 1}
    ]


def test_for_people(exported, case):
    page = Tags(exported.read("index.html").decode())
    assert page.tags.isdisjoint({"script", "img", "b", "iframe", "link", "form", "object", "svg"})
    assert EVIL in page.text and "Jezna." in page.text and "Ana took it" not in page.text
    for words in (
        "Vaši podatki",
        "3 pogovori",
        "Naše opombe",
        "Premajhni.",
        "Na dopustu.",
        "plan: gold",
        f"{EVIL}: da",
    ):
        assert words in page.text
    assert len(page.links) == 2 and all(link in exported.namelist() for link in page.links)


def test_files_lie_where_they_should(exported, case):
    files = [name for name in exported.namelist() if name.startswith("files/")]
    assert len(files) == 2 and all(re.fullmatch(r"files/[0-9a-f]{32}-[\w.-]+\.pdf", name) for name in files)
    assert {exported.read(name) for name in files} == {PDF}
    assert exported.testzip() is None
    document = json.loads(exported.read(f"conversations/{case.verified}.json"))
    assert [(file["name"], file["from"]) for file in document["files"]] == [(EVIL_NAME, "customer")]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc_passwd"), ("/abs.png", "abs.png"), ("C:\\x\\y.png", "C_x_y.png"),
        (".hidden", "hidden"),
        ("a\x00b\n.png", "a_b_.png"), ("račun ž.pdf", "račun_ž.pdf"), ("..", ""), ("\u202egpj.exe", "gpj.exe"),
        ("x" * 300 + ".jpeg", "x" * 72 + ".jpeg"), ("x." + "y" * 300, "x.yyyyyyy"),
    ],
)  # fmt: skip
def test_names_lead_nowhere(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_page_speaks_every_language(store, settings, case, tmp_path, language):
    customer = find_customer(store, settings, Who(conversation_id=case.verified))
    export_customer(store, settings, customer, tmp_path / "a.zip", language=language)
    page = zipfile.ZipFile(tmp_path / "a.zip").read("index.html").decode()
    assert f'<html lang="{language}">' in page and "Smreka" in page


def test_what_goes_meanwhile_is_left_out(store, settings, case, tmp_path):
    customer = find_customer(store, settings, Who(conversation_id=case.verified))
    delete_conversation(store, case.by_mail)
    for path in store.files.folder.iterdir():
        path.unlink()
    export_customer(store, settings, customer, tmp_path / "a.zip")
    zip = zipfile.ZipFile(tmp_path / "a.zip")
    assert f"conversations/{case.by_mail}.json" not in zip.namelist()
    assert "ni več shranjena" in zip.read("index.html").decode()


def test_nothing_is_left_of_one_that_ended_midway(store, settings, case, tmp_path):
    customer = find_customer(store, settings, Who(conversation_id=case.verified))

    def told(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_customer(store, settings, customer, tmp_path / "a.zip", told=told)
    with pytest.raises(ExportFailed, match="can't be written"):
        export_customer(store, settings, customer, tmp_path / "none" / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["customer", "export", *arguments])


def test_by_command(app, case, tmp_path: Path):
    done = run(app, "demo:a1", str(tmp_path / "a.zip"), "--language", "pl")
    assert done.exit_code == 0 and "3 conversations, 1 e-mails put aside" in done.output
    assert case.eves in done.output and "--also-unsure" in done.output
    assert "Państwa dane" in zipfile.ZipFile(tmp_path / "a.zip").read("index.html").decode()
    both = run(app, "demo:a1", str(tmp_path / "b.zip"), "--also-unsure")
    assert "4 conversations" in both.output and "Left alone" not in both.output
    again = run(app, "demo:a1", str(tmp_path / "a.zip"))
    assert again.exit_code == 1 and "is there already" in again.output


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["anna"], 1, "Give the id"),
        (["x@y.example"], 1, "Nothing is known"),
        (["demo:a1", "--language", "xx"], 2, "xx"),
    ],
)
def test_by_command_what_cannot_be_is_told(app, case, tmp_path, arguments, code, sentence):
    done = run(app, arguments[0], str(tmp_path / "a.zip"), *arguments[1:])
    assert done.exit_code == code and sentence in done.output and not (tmp_path / "a.zip").exists()


def test_two_that_share_an_address_lead_one_step_only(store, settings):
    anna = begin(store, email=ANNA, customer="a1", verified=True)
    husband = begin(store, email=ANNA, customer="h1", verified=True)
    alone = begin(store, customer="h1", verified=True)
    set_contact(store, alone, email="h@customer.example")
    found = find_customer(store, settings, Who(conversation_id=anna))
    assert set(found.conversation_ids) == {anna, husband}
