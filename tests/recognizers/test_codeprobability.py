"""What a row of characters may be, by structure and check digit."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.recognizers.codeprobability import BY_CHANCE, believe, fused, softened, structure_mass
from alpr.vision.ocr import ALPHABET


def seen(text: str, sure: float = 0.98, **rivals: str) -> np.ndarray:
    """Return places that show the text; `p3="B"` shares the fourth character with a B."""
    places = np.full((len(text), 36), (1 - sure) / 36)
    for row, char in zip(places, text, strict=True):
        row[ALPHABET.index(char)] += sure
    for name, rival in rivals.items():
        row = places[int(name[1:])]
        row[ALPHABET.index(rival)] = row.max() / 2
        row /= row.sum()
    return places


def test_a_code_whose_digit_fits_is_sure():
    """All characters clear, the digit agrees."""
    belief = believe(softened(seen("CSQU3054383")))
    assert belief.text == "CSQU3054383"
    assert belief.confidence > 0.95
    assert belief.fits > 5 * BY_CHANCE


def test_a_code_whose_digit_does_not_fit_is_never_sure():
    """Neither as it was seen nor as some other code: the digit is no licence to choose one."""
    belief = believe(softened(seen("CSQU3054384")))
    assert belief.confidence < 0.5
    assert belief.fits < BY_CHANCE
    assert belief.seen == "CSQU3054384"


def test_the_digit_decides_between_what_was_seen():
    """A B that may be an 8 and an 8 that may be a 3: of both texts one fits."""
    belief = believe(softened(seen("CSQU3054883", p8="3")))
    assert belief.text != "CSQU3054883"
    doubtful = believe(softened(seen("CSQU3054383", p5="8")))
    assert (doubtful.text, doubtful.confidence > 0.9) == ("CSQU3054383", True)


@pytest.mark.parametrize("text", ["C5QU3O54383", "CSQU3O5438E", "CSQU305A383"])
def test_look_alikes_of_the_other_class_are_read_as_what_belongs_there(text):
    """5 among letters, O and A among digits."""
    belief = believe(softened(seen(text)))
    assert belief.text[:4] == "CSQU"
    assert belief.text[4:].isdigit()


def test_without_a_digit_it_is_computed():
    """Ten characters are a whole code, and fit as well as anything."""
    belief = believe(softened(seen("CSQU305438")))
    assert (belief.text, belief.fits, len(belief.characters)) == ("CSQU3054383", BY_CHANCE, 11)


@pytest.mark.parametrize("text", ["30480KGS123", "71650LBS001", "OCEANLINE12", "TEL04055512"])
def test_other_texts_have_no_structure(text):
    """Weights, telephone numbers, slogans."""
    assert structure_mass(softened(seen(text))) < 0.01


def test_a_known_owner_tips_the_balance_and_an_unknown_one_is_not_refused():
    """CSQ or GSQ: both fit with some digit; the site's own is likelier, a clear one of somebody else's stands."""
    places = softened(seen("GSQU305438", p0="C"))
    assert believe(places).text[:3] == "GSQ"
    assert believe(places, {"CSQ"}).text[:3] == "CSQ"
    clear = believe(softened(seen("CSQU3054383")), {"MSCU"})
    assert (clear.text, clear.confidence > 0.95) == ("CSQU3054383", True)


def test_looks_add_up():
    """Two half-sure looks are surer than one, and a look without its digit helps the rest."""
    half, ten = softened(seen("CSQU3054383", 0.6)), softened(seen("CSQU305438", 0.6))
    alone = believe(half).confidence
    together = fused([(half, 0.7), (ten, 0.7)])
    assert together.shape == (11, 36)
    assert believe(together).confidence > alone
