from __future__ import annotations

import hashlib
import re

import pytest

from alpr.camera.digest import Authenticator, Challenge, basic_header, choose, digest_header, parse_challenges

RFC = {"realm": "http-auth@example.org", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"}
RFC_OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
RFC_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def fields(header):
    """Take an Authorization header apart, as a server would."""
    assert header.startswith("Digest ")
    return {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm, response):
    """Section 3.9.1: MD5 and SHA-256 give the very responses of the standard."""
    challenge = Challenge("digest", **RFC, algorithm=algorithm, qop="auth", opaque=RFC_OPAQUE)
    header = digest_header(challenge, ("Mufasa", "Circle of Life"), "GET", "/dir/index.html", 1, RFC_CNONCE)
    assert fields(header) == {
        "username": "Mufasa",
        "uri": "/dir/index.html",
        **RFC,
        "response": response,
        "algorithm": algorithm,
        "opaque": RFC_OPAQUE,
        "qop": "auth",
        "nc": "00000001",
        "cnonce": RFC_CNONCE,
    }


def test_the_example_of_rfc_2617():
    """Section 3.5: no algorithm named means MD5."""
    challenge = Challenge("digest", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth")
    header = digest_header(challenge, ("Mufasa", "Circle Of Life"), "GET", "/dir/index.html", 1, "0a4f113b")
    assert fields(header)["response"] == "6629fae49393a05397450978507c4ef1"


def test_without_qop_the_answer_is_that_of_rfc_2069():
    """Old cameras offer no qop and get neither count nor client nonce."""
    header = digest_header(Challenge("digest", "cam", "n1"), ("admin", ""), "DESCRIBE", "rtsp://h/", 3, "c")
    first = hashlib.md5(b"admin:cam:").hexdigest()
    second = hashlib.md5(b"DESCRIBE:rtsp://h/").hexdigest()
    assert fields(header)["response"] == hashlib.md5(f"{first}:n1:{second}".encode()).hexdigest()
    assert not {"qop", "nc", "cnonce", "algorithm"} & set(fields(header))


@pytest.mark.parametrize(("algorithm", "name"), [("MD5-sess", "md5"), ("SHA-256-sess", "sha256")])
def test_session_variants_hash_the_nonces_into_the_secret(algorithm, name):
    """A1 of the -sess variants is the hash of hash, nonce and client nonce; the algorithm is echoed as written."""

    def h(text):
        return hashlib.new(name, text.encode()).hexdigest()

    challenge = Challenge("digest", "cam", "n1", algorithm=algorithm, qop="auth")
    found = fields(digest_header(challenge, ("admin", "pä:ss"), "PLAY", "rtsp://h/", 2, "cn"))
    secret = h(f"{h('admin:cam:pä:ss')}:n1:cn")
    assert found["response"] == h(f"{secret}:n1:00000002:cn:auth:{h('PLAY:rtsp://h/')}")
    assert found["algorithm"] == algorithm


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ('Basic realm="a", Digest realm="b", nonce="n"', ("digest", "")),
        ('Digest realm="b", nonce="n", Basic realm="a"', ("digest", "")),
        (
            'Digest realm="b", nonce="n", algorithm=MD5, Digest realm="b", nonce="m", algorithm=SHA-256',
            ("digest", "SHA-256"),
        ),
        ('Digest realm="b", nonce="n", algorithm=SHA-512-256, Basic realm="a, b"', ("basic", "")),
        ('basic realm="a"', ("basic", "")),
        ("Negotiate, NTLM abc==", None),
        ('Digest realm="no nonce"', None),
        ("", None),
        ('=,="', None),
    ],
)
def test_the_strongest_challenge_is_answered(header, best):
    """Digest goes before Basic and SHA-256 before MD5; what is unknown is left alone."""
    chosen = choose(parse_challenges(header))
    assert (chosen and (chosen.scheme, chosen.algorithm)) == best


def test_quoted_commas_and_several_qualities_are_understood():
    """A challenge is taken apart with regard to its quotes."""
    (found,) = parse_challenges('Digest realm="a, \\"b\\"", nonce="n=,", qop="auth-int, auth", stale=TRUE, opaque=""')
    assert found == Challenge("digest", 'a, "b"', "n=,", "", "auth", "", stale=True)


def test_basic_takes_any_character():
    """User name and password go as UTF-8 (RFC 7617)."""
    assert basic_header("admin", "p@ss:wörd") == "Basic YWRtaW46cEBzczp3w7ZyZA=="


def answered(authenticator):
    headers = {}
    authenticator.make_auth("PLAY", "rtsp://h/", headers)
    return headers.get("Authorization", "")


def test_a_wrong_password_is_tried_once():
    """A second refusal in a row ends the trying, so that no account gets locked."""
    authenticator = Authenticator("admin", "wrong")
    assert answered(authenticator) == ""
    refusal = {"www-authenticate": 'Digest realm="cam", nonce="n"'}
    assert authenticator.handle_401(refusal)
    assert not authenticator.handle_401(refusal)


def test_an_old_nonce_is_renewed():
    """A refusal after a success, or one that says stale, is answered with the new nonce, not for ever."""
    authenticator = Authenticator("admin", "")
    assert authenticator.handle_401({"www-authenticate": 'Digest realm="cam", nonce="n1"'})
    assert 'nonce="n1"' in answered(authenticator)
    authenticator.handle_ok({})
    assert authenticator.handle_401({"www-authenticate": 'Digest realm="cam", nonce="n2"'})
    stale = {"www-authenticate": 'Digest realm="cam", nonce="n3", stale=true'}
    assert [authenticator.handle_401(stale) for _ in range(3)] == [True, True, False]
    assert 'nonce="n3"' in answered(authenticator)


def test_the_use_of_a_nonce_is_counted():
    """Each request with the same nonce has the next count, a new nonce begins anew."""
    authenticator = Authenticator("admin", "secret")
    authenticator.handle_401({"www-authenticate": 'Digest realm="cam", nonce="n1", qop="auth"'})
    assert [fields(answered(authenticator))["nc"] for _ in range(2)] == ["00000001", "00000002"]
    authenticator.handle_ok({})
    authenticator.handle_401({"www-authenticate": 'Digest realm="cam", nonce="n2", qop="auth"'})
    assert fields(answered(authenticator))["nc"] == "00000001"


def test_nobody_without_a_name_is_let_in():
    """Without a user name there is nothing to answer a challenge with."""
    assert not Authenticator("", "").handle_401({"www-authenticate": 'Basic realm="cam"'})
