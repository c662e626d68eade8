"""`[[target]]` tables: what is possible, and how the rest is told."""

from __future__ import annotations

import re

import pytest

from alpr.configfile import load_config
from alpr.configfile.appriseurl import apprise_fault, without_secrets
from alpr.errors import ConfigError

_HOOK = 'url = "https://erp.example.org/gate"\n'
_MAIL = 'kind = "apprise"\n'


def _load(tmp_path, tables, environ=None):
    path = tmp_path / "alpr.toml"
    path.write_text(tables)
    return load_config(path, environ or {})


def _fault(tmp_path, tables):
    with pytest.raises(ConfigError) as told:
        _load(tmp_path, tables)
    return [re.sub(r".*alpr\.toml:", "", fault) for fault in told.value.faults]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "the url is missing: add one"),
        ('url = "ftp://h/x"\n', "the url must begin with `http://` or `https://`"),
        ('url = "https:///x"\n', "the url"),
        (
            _MAIL + 'url = "mailtoo://a:hidden@example.org"\n',
            "names the unknown service `mailtoo`: did you mean `mailto`?",
        ),
        (_MAIL + 'url = "gate@example.org"\n', "begins with no service"),
        (_MAIL + 'url = "tgram://hidden"\n', "is no address of Telegram: write it like `tgram://{bot_token}`"),
        (_MAIL + 'url = "mailto://gate"\n', "is no address of E-Mail (Invalid ~From~ email specified: )"),
        (_MAIL + 'url = "mailto://a:{secret}@example.org"\n', "holds {secret} and there is none"),
        (_MAIL + 'url = "json://localhost"\nsecret = "hidden"\n', "`secret` goes nowhere: write {secret} into the url"),
        (_MAIL + 'url = "json://localhost"\nformat = "rekor"\n', "`format` is of webhooks"),
        (_HOOK + 'format = "rekor"\npicture = "multipart"\n', "not known to receivers of `rekor`: leave it out"),
        (_HOOK + 'format = "platerecognizer"\npicture = "base64"\n', "not known to receivers of `platerecognizer`"),
        (_HOOK + "secret = 5\n", "`secret` must be a text in quotes"),
        (_HOOK + 'secret_file = "/nowhere"\n', "`secret_file` /nowhere cannot be read"),
        (_HOOK + 'token = "${NOT_SET}"\n', "`token` refers to the environment variable NOT_SET, which is not set"),
        (_HOOK + 'formt = "alpr"\n', "unknown key `formt`, did you mean `format`?"),
        (_HOOK + 'tls_ca = "/nowhere.pem"\n', "`tls_ca` /nowhere.pem cannot be read: No such file"),
        (_HOOK + f'tls_ca = "{__file__}"\n', "holds no certificate in PEM"),
        (_HOOK + "timeout = 0\n", "`timeout` must be at least 0.5, not 0"),
    ],
)
def test_a_target_that_cannot_be_is_told_in_words(tmp_path, lines, said):
    """One line with place, target and what was probably meant; never a secret."""
    (fault,) = _fault(tmp_path, f'[[target]]\nname = "yard"\n{lines}')
    assert 'target[0] "yard"' in fault
    assert said in fault
    assert "hidden" not in fault


def test_the_line_is_that_of_the_key(tmp_path):
    """An Apprise address with a typo is found where it stands."""
    (fault,) = _fault(tmp_path, '[[target]]\nname = "m"\nkind = "apprise"\nurl = "mailtoo://a:b@c.org"\n')
    assert fault.startswith("4: target[0]")


def test_names_of_targets_are_unique_and_not_those_of_other_tables(tmp_path):
    """`mqtt` and `push` exist already."""
    faults = _fault(
        tmp_path, "".join(f'[[target]]\nname = "{name}"\n{_HOOK}' for name in ("Yard", "yard", "mqtt", "a/b"))
    )
    assert "a target is called `yard` already" in faults[0]
    assert "the target `mqtt` is the broker of [mqtt]" in faults[1]
    assert "`a/b` is no name for a target" in faults[2]


def test_a_target_of_reads_is_not_told_of_the_box(tmp_path):
    """What a format cannot say is found before it matters."""
    rekor = f'[[target]]\nname = "scout"\nformat = "rekor"\n{_HOOK}'
    rule = '[[rule]]\nname = "full"\non = "disk"\ntell = ["scout"]\nalarm = ""\n'
    faults = _fault(tmp_path, f'{rekor}{rule}[alarms]\nescalate_to = ["scout"]\n')
    assert len(faults) == 2
    assert all("whose format `rekor` tells of reads alone" in fault for fault in faults)
    assert _load(tmp_path, rekor + rule.replace('on = "disk"\n', ""))


def test_secrets_come_from_where_they_are_kept(tmp_path):
    """Environment, file and reference; a password is encoded where it goes into an address."""
    (tmp_path / "key").write_text("p@ss/word\n")
    tables = (
        '[[target]]\nname = "mail"\nkind = "apprise"\nsecret_file = "key"\n'
        'url = "mailto://gate:{secret}@localhost:2525?to=a@example.org&from=b@example.org"\n'
        f'[[target]]\nname = "erp-2"\ntoken = "${{TOKEN}}"\n{_HOOK}'
    )
    environ = {"TOKEN": "t0ken", "ALPR_TARGET_ERP_2_SECRET": "k3y", "ALPR_TARGET_ERP_2_URL": "http://u:p@h/other"}
    config = _load(tmp_path, tables, environ)
    mail, erp = config.target
    assert mail.address == "mailto://gate:p%40ss%2Fword@localhost:2525?to=a@example.org&from=b@example.org"
    assert (erp.token.get_secret_value(), erp.secret.get_secret_value()) == ("t0ken", "k3y")
    assert erp.address == "http://u:p@h/other"
    assert not {"t0ken", "k3y", "p@ss", "other"} & set(re.findall(r"[\w@]+", repr(config)))


@pytest.mark.parametrize(
    "url",
    [
        "mailto://user:pass@localhost:2525?from=a@example.org&to=b@example.org",
        "json://localhost/",
        "ntfy://topic",
        "tgram://123456789:abcdefg_hijklmnop/12315544",
    ],
)
def test_addresses_that_apprise_takes_are_right(url):
    """The check is Apprise's own."""
    assert apprise_fault(url) is None


def test_what_a_service_says_is_shown_without_the_address():
    """Services put tokens into their messages."""
    url = "slack://TSECRET1/BSECRET2/CSECRET3?to=mail.example.org"
    said = without_secrets("token TSECRET1 refused by mail.example.org (CSECRET3)", url)
    assert said == "token *** refused by mail.example.org (***)"
