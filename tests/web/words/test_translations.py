"""Every word that people read comes from the catalogues, and German has all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from alpr.ops.messages import collected, missing
from alpr.web.view import counted, span
from alpr.web.words.language import CATALOGUES, decimal, language, number, speak, wanted
from alpr.web.words.said import each_in_language, in_language, value_words
from alpr.web.words.script_words import WORDS

TEMPLATES = sorted(path for path in Path("templates").glob("*.html") if path.name != "bench.html")
_JINJA = re.compile(r"\{#.*?#\}|\{%-?.*?-?%\}|\{\{.*?\}\}", re.DOTALL)
_TRANS = re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL)
_UNREAD = re.compile(r"<(script|style|code|kbd)\b[^>]*>.*?</\1>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>", re.DOTALL)
_SPOKEN = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"')
_CALL = re.compile(r'\b(?:_|gettext|ngettext)\((?:"[^"]*"|[^()"]|\([^()]*\))*\)')
_WORDS = re.compile(r"^[A-Z][a-z]+|[a-z]+ [a-z]+ [a-z]+")
_NAMES = {"alpr", "CSV", "JSON Lines", "PSI", "KS", "min", "de"}
_EXAMPLES = {"Mon-Fri 22:00-06:00; Sat,Sun 00:00-24:00"}
"""What is typed in this form in every language."""


def blank(found: re.Match[str]) -> str:
    return "\x00" * len(found[0])


def literal_words(source: str) -> list[str]:
    """Return the words of a template that no catalogue knows."""
    source = _TRANS.sub(blank, source)
    inside = [_CALL.sub("", one) for one in _JINJA.findall(source) if not one.startswith("{#")]
    said = [text for one in inside for text in re.findall(r'"([^"]*)"', one) if _WORDS.search(text)]
    plain = _UNREAD.sub(blank, _JINJA.sub(blank, source))
    said += [text for tag in _TAG.findall(plain) for text in _SPOKEN.findall(tag)]
    said += re.findall(r"[^\x00]+", _TAG.sub(blank, plain))
    read = [text.strip(" \x00\n,.:;()") for text in said if not re.search(r"[<=]|\.html$", text)]
    return [text for text in read if re.search(r"[A-Za-z]{2}", text) and text not in _NAMES | _EXAMPLES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(path):
    """Text between tags, spoken attributes and texts in expressions go through the catalogue."""
    assert literal_words(path.read_text(encoding="utf-8")) == []


def test_words_of_a_template_are_found():
    """The check itself sees text, attributes and expressions, and lets translated ones pass."""
    assert literal_words('<p title="Some hint">Plain text {{ "Yes it is" if x else _("no") }}</p>') == [
        "Yes it is",
        "Some hint",
        "Plain text",
    ]
    assert (
        literal_words('<p title="{{ _("Hint") }}">{{ _("Text") }} <code>toml</code>{% trans %}so{% endtrans %}</p>')
        == []
    )


def test_german_is_complete():
    """Nothing that a page may say is untranslated or uncertain: `make messages` tells what is."""
    with (CATALOGUES / "de.po").open("rb") as source:
        german = read_po(source, locale="de")
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in german if one.id}
    asked = {one.id if isinstance(one.id, str) else one.id[0] for one in collected() if one.id}
    assert sorted(asked - known) == []
    assert missing(german) == []


def test_translations_name_the_same_parts():
    """What is put into a sentence in English is put into it in German."""
    with (CATALOGUES / "de.po").open("rb") as source:
        german = [one for one in read_po(source, locale="de") if one.id]
    assert len(german) > 500
    for one in german:
        ids = [one.id] if isinstance(one.id, str) else [one.id[-1]]
        strings = [one.string] if isinstance(one.string, str) else [one.string[-1]]
        for asked, said in zip(ids, strings, strict=True):
            named = [sorted(re.findall(r"%\((\w+)\)s", text)) for text in (asked, said)]
            assert named[0] == named[1], asked


def test_what_scripts_say_is_known():
    """Each text that a script shows has its entry; texts that no script says any more are gone."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in Path("static").glob("*.js"))
    called = set(re.findall(r'inWords\("([^"]+)"', scripts))
    assert sorted(called - set(WORDS)) == []
    assert [words for words in WORDS if f'"{words}"' not in scripts] == []


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr-FR,fr;q=0.9,de;q=0.4,en;q=0.3", "de"),
        ("en;q=0.3,de;q=0.8", "de"),
        ("de;q=0,en", "en"),
        ("de;q=much", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_says_what_it_wants(accepted, code):
    """The weightiest of the languages there are, English for want of any."""
    assert wanted(accepted) == code


async def test_the_language_of_the_browser_or_of_the_choice(client, log_in):
    """A page speaks as the browser asks, until somebody chooses otherwise in the menu; errors do as well."""
    german = {"accept-language": "de-DE"}
    page = await client.get("/login", headers=german)
    assert '<html lang="de">' in page.text
    assert "Benutzername" in page.text
    await log_in(client)
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await client.get("/gate?choose=1")).text)
    assert token is not None
    form = {"csrf": token[1], "language": "de", "next": "/cameras"}
    answer = await client.post("/language", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/cameras"
    cameras = await client.get("/cameras")
    assert "Bilder kommen an." in cameras.text
    assert "15.204 Bildern" in cameras.text
    assert "Hier ist nichts" in (await client.get("/nowhere")).text
    await client.post("/language", data=form | {"language": "xx"}, follow_redirects=False)
    assert '<html lang="en">' in (await client.get("/cameras")).text
    assert (await client.post("/language", data=form | {"csrf": "0" * 64})).status_code == 403


def test_numbers_and_lengths_are_written_as_the_language_does():
    """Points and commas change their places, counted things their forms."""
    try:
        speak("de")
        assert (number(1204.4), decimal(1204.56), counted(1, "day"), counted(2, "day")) == (
            "1.204",
            "1.204,6",
            "1 Tag",
            "2 Tage",
        )
        assert span(3 * 86400) == "3 T"
    finally:
        speak("en")
    assert (number(1204.4), decimal(0.05), counted(1204, "read")) == ("1,204", "0.1", "1,204 reads")


@pytest.mark.parametrize(
    ("said", "german"),
    [
        ("on no list", "auf keiner Liste"),
        ("matched with O=0, B=8", "passt mit O=0, B=8"),
        ("Staff: expired 2 days ago", "Staff: abgelaufen, 2 Tage her"),
        ("Staff: Meyer; may be AB 1 of Banned: nothing opens by itself", None),
        ("denied or unknown, at gate-in", "gesperrt oder unbekannt, an gate-in"),
        ("6 looks agree on 7 of 8 characters", "6 Blicke stimmen bei 7 von 8 Zeichen überein"),
        ("a text that nobody knows", "a text that nobody knows"),
    ],
)
def test_sentences_of_the_store_are_said_anew(said, german):
    """Stored reasons and rules in words are recognised part by part; what is unknown stays as it was."""
    try:
        speak("de")
        assert value_words("denied") == "Gesperrt"
        assert each_in_language("tell erp; critical alarm") == "an erp melden; kritischer Alarm"
        if german is None:
            assert in_language(said) == "Staff: Meyer; vielleicht AB 1 von Banned: nichts öffnet von selbst"
        else:
            assert in_language(said) == german
    finally:
        speak("en")
    assert in_language(said) == said


def test_english_is_its_own_catalogue():
    """The source speaks English: nothing is loaded for it."""
    assert language("en").words.gettext("Gate") == "Gate"
    assert language("de").words.gettext("Gate") == "Tor"
