"""Formats: every one of the table is understood, favours what fits, and forbids nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alpr.config import REGIONS
from alpr.errors import ConfigError
from alpr.recognizers.grammars import (
    _ELEMENT,
    FormatGrammar,
    HintedGrammar,
    _expand,
    _formats,
    _log_share,
    known_regions,
)
from alpr.vision.ocr import ALPHABET

_COUNTRIES = sorted(_formats()[1])


def test_the_regions_of_the_configuration_are_the_regions_of_the_table():
    """What alpr.toml may name has formats, and what has formats may be named."""
    assert sorted(known_regions()) == sorted(REGIONS)


@pytest.mark.parametrize("code", _COUNTRIES)
def test_every_format_of_a_country_is_understood(code):
    """Each pattern is read to its end, gives lengths that the reader can read, and spreads its weight wholly."""
    country = _formats()[1][code]
    assert country.formats
    assert set(country.letters + country.rare) <= set(ALPHABET[10:])
    for pattern in country.formats:
        assert "".join(match.group() for match in _ELEMENT.finditer(pattern)) == pattern
        expanded = list(_expand(pattern, country))
        assert any(3 <= len(shares) <= 10 for shares in expanded)
        for shares in expanded:
            assert np.exp(shares).sum(axis=1) == pytest.approx(1)


def test_groups_name_countries():
    """A group holds known countries, each once."""
    groups, countries = _formats()
    for members in groups.values():
        assert len(set(members)) == len(members)
        assert set(members) <= set(countries)


@pytest.mark.parametrize(
    ("symbol", "code", "allowed"),
    [
        ("A", "de", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("A", "bg", "ABCEHKMOPTXY"),
        ("9", "bg", "0123456789"),
        ("X", "bg", ALPHABET),
        ("[EH]", "de", "EH"),
        ("B", "ro", "B"),
    ],
)
def test_what_a_symbol_stands_for(symbol, code, allowed):
    """A letter of the country, a digit, either, one of some, or itself."""
    finite = np.isfinite(_log_share(symbol, _formats()[1][code]))
    assert "".join(char for char, yes in zip(ALPHABET, finite, strict=True) if yes) == allowed


@pytest.mark.parametrize(
    ("region", "usual", "unusual"),
    [
        ("br", "ABC1D23", "A8C1D23"),
        ("br", "ABC1234", "ABC12E4"),
        ("us", "ABC1234", "ABCI234"),
        ("fr", "AB123CD", "A8123CD"),
        ("de", "BXY123", "8XY123"),
        ("eu", "AB123CD", "0B123CD"),
    ],
)
def test_a_format_favours_its_texts(region, usual, unusual):
    """A known format is likelier than the same text with a look-alike in the wrong place."""
    grammar = FormatGrammar([region])
    assert grammar.log_prior(usual) > grammar.log_prior(unusual)


@pytest.mark.parametrize(
    ("region", "seen", "usual"),
    [
        ("br", "A8C1234", "ABC1234"),
        ("br", "ABCI234", "ABC1234"),
        ("fr", "AB123C0", "AB123CD"),
        ("es", "12348CD", "1234BCD"),
    ],
)
def test_projections_repair_look_alikes(region, seen, usual):
    """The likeliest text of a format is proposed where the reader's own best fits none."""
    places = np.log(np.full((len(seen), 36), 1e-4))
    for row, best, other in zip(places, seen, usual, strict=True):
        row[ALPHABET.index(other)] = np.log(0.3)
        row[ALPHABET.index(best)] = np.log(0.6)
    assert usual in list(FormatGrammar([region]).projections(places))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(_COUNTRIES), st.integers(3, 10), st.integers(0, 2**32 - 1))
def test_every_projection_fits_a_format(code, length, seed):
    """Whatever was seen, what is proposed has the length and belongs to the country."""
    grammar = FormatGrammar([code])
    places = np.log(np.random.default_rng(seed).dirichlet(np.ones(36), length))
    for text in grammar.projections(places):
        assert len(text) == length
        assert np.isfinite(grammar._log_shares(text)).any()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["us", "eu", "br", "de"]), max_size=2), st.text(ALPHABET, min_size=1, max_size=10))
def test_no_text_is_ruled_out(regions, text):
    """However odd a text is, looks that are sure of it can still carry it."""
    prior = FormatGrammar(regions).log_prior(text)
    assert -2.0 < prior < 20.0
    if not regions:
        assert prior == 0.0


@pytest.mark.parametrize(
    ("regions", "text", "region"),
    [
        (["br"], "ABC1D23", "br"),
        (["br"], "12345", None),
        (["fr", "it"], "AB123CD", None),
        (["fr", "de"], "BXY123", "de"),
        ([], "ABC1D23", None),
        (["br"], "", None),
        (["br"], "ABC-123", None),
    ],
)
def test_the_region_is_named_where_it_is_clear(regions, text, region):
    """One country that fits is named; several, or none, are not guessed."""
    assert FormatGrammar(regions).region(text) == region


def test_an_unknown_region():
    """The error names it and what is known."""
    with pytest.raises(ConfigError, match="region atlantis: not known; known are eu, us, "):
        FormatGrammar(["us", "atlantis"])


@pytest.mark.parametrize(
    ("shares", "usual", "unusual"),
    [
        ({"br": 0.9, "us": 0.1}, "ABC1D23", "A8C1D23"),
        ({"us": 0.8, "br": 0.1, "": 0.1}, "7ABC123", "7A8C123"),
        ({"eu": 0.5, "us": 0.5}, "AB123CD", "0B123CD"),
    ],
)
def test_a_layout_hints_at_formats(shares, usual, unusual):
    """What the plate looks like says how much each region's formats count; a region without formats favours nothing."""
    hinted = HintedGrammar([(FormatGrammar([code] if code else []), share) for code, share in shares.items()])
    assert hinted.log_prior(usual) > hinted.log_prior(unusual)
    told = FormatGrammar([max(shares, key=shares.__getitem__)])
    assert 0 < hinted.log_prior(usual) <= told.log_prior(usual) + 1e-9
    assert HintedGrammar([(FormatGrammar(), 1.0)]).log_prior(usual) == 0


def test_only_a_clear_hint_names_a_region():
    """A plate that might come from two places has no region; its formats are proposed all the same."""
    brazil, other = FormatGrammar(["br"]), FormatGrammar()
    assert HintedGrammar([(brazil, 0.9), (other, 0.1)]).region("ABC1D23") == "br"
    unclear = HintedGrammar([(brazil, 0.5), (other, 0.5)])
    assert unclear.region("ABC1D23") is None
    places = np.log(np.full((7, 36), 1 / 36))
    assert list(unclear.projections(places)) == list(brazil.projections(places))
    assert list(HintedGrammar([(brazil, 0.05), (other, 0.95)]).projections(places)) == []


@pytest.mark.parametrize(
    ("regions", "text", "lettering"),
    [
        (["br"], "RENAULT", True),
        (["br"], "ABC1D23", False),
        (["br"], "ABCD1E2", False),
        (["br"], "ABC12345", True),
        (["de", "fr"], "FELICIA", True),
        (["de"], "B4DUM", False),
        (["eu"], "FELICIA", False),
        (["us"], "CAMRY", False),
        (["us"], "3148455900", True),
        (["us"], "XHILR8N1", False),
        (["de", "se"], "RALLYE", False),
        ([], "RENAULT", False),
    ],
)
def test_lettering_is_what_no_plate_of_the_regions_says(regions, text, lettering):
    """No digit where owners may not wish for words, or too many characters; a wrong format alone is none."""
    assert FormatGrammar(regions).is_lettering(text) is lettering


def test_where_no_region_is_told_the_layout_must_be_clear():
    """A plate that looks Brazilian says no words; one that may be American might."""
    brazil, america = FormatGrammar(["br"]), FormatGrammar(["us"])
    assert HintedGrammar([(brazil, 0.9), (america, 0.1)]).is_lettering("RENAULT")
    assert not HintedGrammar([(brazil, 0.6), (america, 0.4)]).is_lettering("RENAULT")
