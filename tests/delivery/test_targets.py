"""Targets as the configuration describes them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import SecretStr

from alpr import config as settings
from alpr.delivery.notify import NotifyTarget
from alpr.delivery.targets import Targets
from alpr.delivery.webhook import WebhookTarget
from tests.delivery.drawn_deliveries import make_delivery

_UTC = ZoneInfo("UTC")


def _table(name="erp", url="http://127.0.0.1:1/x", **more):
    return settings.Target(name=name, url=SecretStr(url), **more)


async def _close(*targets):
    for target in targets:
        await target.close()


async def test_a_target_stays_the_same_as_long_as_its_settings_do():
    """A reload does not disturb those that did not change."""
    targets = Targets()
    mail = _table("mail", "json://127.0.0.1", kind="apprise")
    targets.load([_table(), mail], _UTC)
    before = targets.targets()
    assert {name: type(target) for name, target in before.items()} == {"erp": WebhookTarget, "mail": NotifyTarget}
    targets.load([_table(give_up_after=60.0), mail], _UTC)
    after = targets.targets()
    assert after["mail"] is before["mail"]
    assert after["erp"] is not before["erp"]
    assert targets.patience() == {"erp": 60.0, "mail": 86400.0}
    targets.load([], _UTC)
    assert targets.targets() == {}
    await _close(*before.values(), after["erp"])


async def test_a_webhook_does_as_its_table_says(receiver):
    """Every setting of a table reaches the request."""
    targets = Targets()
    more = {"token": SecretStr("t0ken"), "secret": SecretStr("k3y"), "format": "platerecognizer", "cloudevents": True}
    targets.load([_table(url=receiver.url(), picture="none", **more)], ZoneInfo("Asia/Tokyo"))
    await targets.targets()["erp"].send(make_delivery(), b"a picture")
    await _close(*targets.targets().values())
    (arrival,) = receiver.arrivals()
    assert arrival.headers["authorization"] == "Bearer t0ken"
    assert "webhook-signature" in arrival.headers
    assert arrival.json["data"]["data"]["timestamp_local"].endswith("+09:00")
