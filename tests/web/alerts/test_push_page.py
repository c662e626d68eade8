"""The page of notifications: whose devices are told, and what of a subscription is refused."""

from __future__ import annotations

import pytest

from alpr.domain import utc_now
from alpr.store import audit, subscriptions
from alpr.store.subscriptions import MOST, NewSubscription
from alpr.web.alerts.push import device_name
from tests.web.conftest import token_in
from tests.web.drawn_site import PUSH_KEY

ENDPOINT = "https://push.example.org/send/1"
KEYS = {"p256dh": PUSH_KEY, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


async def form(client, **values) -> dict[str, str]:
    return {"endpoint": ENDPOINT, **KEYS, "csrf": token_in((await client.get("/push")).text), **values}


async def test_a_device_is_kept_shown_and_removed(client, site, log_in):
    """What a browser subscribes with stands on the page under its name, and can be taken back; both are audited."""
    await log_in(client)
    page = await client.get("/push")
    assert f'data-key="{PUSH_KEY}"' in page.text
    done = await client.post("/push", data=await form(client), headers={"user-agent": CHROME})
    assert done.status_code == 204
    page = await client.get("/push")
    assert "Chrome on Android" in page.text
    assert "push.example.org" in page.text
    (kept,) = await subscriptions.everyone(site.database)
    assert (kept.user_name, kept.endpoint, kept.p256dh) == ("anna", ENDPOINT, PUSH_KEY)
    gone = {"csrf": token_in(page.text), "id": str(kept.id)}
    assert (await client.post("/push/remove", data=gone, follow_redirects=False)).status_code == 303
    assert await subscriptions.everyone(site.database) == ()
    deeds = [one.action for one in await audit.latest(site.database)]
    assert deeds[:2] == ["notifications off", "notifications on"]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"endpoint": "https://127.0.0.1/x"}, 400),
        ({"endpoint": "http://push.example.org/x"}, 400),
        ({"endpoint": "https://push.example.org.evil.example/x"}, 400),
        ({"endpoint": "https://user@push.example.org/x"}, 400),
        ({"endpoint": f"https://push.example.org/{'x' * 3000}"}, 400),
        ({"p256dh": ""}, 400),
        ({"csrf": "0" * 64}, 403),
    ],
)
async def test_what_no_browser_would_send(client, site, log_in, values, status):
    """The box only ever calls push services that the configuration names, over TLS."""
    await log_in(client)
    assert (await client.post("/push", data=await form(client, **values))).status_code == status
    assert await subscriptions.everyone(site.database) == ()


async def test_nobody_removes_the_device_of_another(client, site, log_in):
    """The number of a device of somebody else removes nothing."""
    await site.add_user("berta")
    assert await subscriptions.add(site.database, "berta", NewSubscription(ENDPOINT, "k", "a", ""), utc_now())
    (kept,) = await subscriptions.everyone(site.database)
    await log_in(client)
    for values in ({"id": str(kept.id), "endpoint": ""}, {"endpoint": ENDPOINT}):
        await client.post("/push/remove", data=await form(client, **values))
    assert await subscriptions.everyone(site.database) == (kept,)


async def test_the_same_browser_with_another_account(client, site, log_in):
    """Whoever subscribes last with a browser is whom it belongs to."""
    await site.add_user("berta")
    assert await subscriptions.add(site.database, "berta", NewSubscription(ENDPOINT, "k", "a", ""), utc_now())
    await log_in(client)
    await client.post("/push", data=await form(client))
    assert [one.user_name for one in await subscriptions.everyone(site.database)] == ["anna"]


async def test_an_account_has_so_many_devices(client, site, log_in):
    """More are refused: every message goes to each of them."""
    for number in range(MOST):
        assert await subscriptions.add(site.database, "anna", NewSubscription(f"e{number}", "k", "a", ""), utc_now())
    await log_in(client)
    assert (await client.post("/push", data=await form(client))).status_code == 400
    assert len(await subscriptions.everyone(site.database)) == MOST


async def test_the_worker_comes_from_the_root(client):
    """A service worker acts for what lies below its address, and is looked for anew on each visit."""
    worker = await client.get("/worker.js")
    assert worker.status_code == 200
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    assert "showNotification" in worker.text


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("curl/8", "A browser"),
    ],
)
def test_devices_have_names(agent, name):
    """A browser is named as its owner calls it."""
    assert device_name(agent) == name
