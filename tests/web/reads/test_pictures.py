from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import update

from alpr.store import schema
from tests.web.drawn_site import drawn_read


@pytest.mark.parametrize("name", ["frame", "crop"])
async def test_a_picture_is_sent_exactly_as_stored(site, client, log_in, name):
    """The bytes have the stored sum, which is the ETag; a browser that has them gets 304."""
    await log_in(client)
    read = await site.passes(drawn_read("VQAB123"))
    answer = await client.get(f"/reads/{read.id}/{name}.jpg")
    sum_ = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["etag"] == f'"{sum_}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    again = await client.get(f"/reads/{read.id}/{name}.jpg", headers={"if-none-match": f'W/"x", "{sum_}"'})
    assert (again.status_code, again.content) == (304, b"")
    lasting = await client.get(f"/reads/{read.id}/{name}.jpg?v={sum_[:8]}")
    assert lasting.headers["cache-control"] == "private, max-age=3600"


@pytest.mark.parametrize("path", ["../secret.jpg", "/etc/passwd", "link.jpg", "2026", "gone.jpg", "a\0b"])
async def test_no_path_leads_out_of_the_folder_of_pictures(site, client, log_in, path):
    """A row that names a file elsewhere, through a link as well, gives 404."""
    await log_in(client)
    (site.images.parent / "secret.jpg").write_bytes(b"secret")
    read = await site.passes(drawn_read("VQAB123"))
    (site.images / "link.jpg").symlink_to(site.images.parent / "secret.jpg")
    async with site.database.write() as connection:
        await connection.execute(update(schema.reads).values(frame_path=path))
    answer = await client.get(f"/reads/{read.id}/frame.jpg")
    assert answer.status_code == 404
    assert b"secret" not in answer.content
    assert "the file is gone" in (await client.get(f"/reads/{read.id}")).text


@pytest.mark.parametrize(
    "path",
    ["/reads/nix/frame.jpg", "/reads/{id}/looks/99.jpg", "/reads/{id}/looks/..%2f0.jpg", "/reads/{id}/other.jpg"],
)
async def test_what_is_not_there_is_404(site, client, log_in, path):
    """Unknown reads, looks and names are not found."""
    await log_in(client)
    read = await site.passes(drawn_read("VQAB123"))
    assert (await client.get(path.format(id=read.id))).status_code == 404
