"""What `alpr check` says of targets."""

from __future__ import annotations

from pydantic import SecretStr

from alpr.config import Config, Rule, Target
from alpr.ops.check.targets import target_warnings, target_words


def _target(name, url, **more):
    return Target(name=name, url=SecretStr(url), **more)


def test_targets_in_words_without_secrets():
    """Kind, host and habits; the path of a webhook and the rest of a service's address are nobody's business."""
    config = Config(
        target=[
            _target("erp", "https://me:geheim@erp.example.org:8443/geheim?key=geheim", secret=SecretStr("geheim")),
            _target("scout", "http://10.0.0.3/x", format="rekor", cloudevents=True, give_up_after=1800.0),
            _target("mail", "mailto://gate:geheim@example.org", kind="apprise"),
        ]
    )
    assert target_words(config) == [
        "target erp: webhook https://erp.example.org:8443, alpr, signed, tried for 24 h",
        "target scout: webhook http://10.0.0.3, rekor in CloudEvents, not signed, tried for 0.5 h",
        "target mail: apprise mailto://, tried for 24 h",
    ]


def test_what_is_probably_not_meant():
    """A target that nobody tells, a login that anybody can read, a certificate that nobody checks."""
    config = Config(
        target=[
            _target("a", "http://10.0.0.3/x", token=SecretStr("geheim")),
            _target("b", "https://10.0.0.3/x", tls_verify=False),
            _target("c", "http://127.0.0.1/x", token=SecretStr("geheim")),
        ],
        rule=[Rule(name="r", tell=["a"], escalate_to=["b"])],
    )
    assert [warning.partition(":")[0::2] for warning in target_warnings(config)] == [
        ("target a", " the login goes through the network unencrypted: write https:// in its url"),
        ("target b", " any certificate is taken, so anybody between may read along: see `tls_ca`"),
        ("target c", " no rule of this file and no alarm tells it"),
    ]
