from __future__ import annotations

import time

from argon2 import PasswordHasher

from alpr.web.auth.passwords import hash_password, verify_password


async def test_only_the_right_password_fits():
    """A password fits its own hash, which is argon2id and holds no plain text."""
    hashed = await hash_password("open sesame")
    assert hashed.startswith("$argon2id$")
    assert "open sesame" not in hashed
    assert (await verify_password("open sesame", hashed)).fits
    assert not (await verify_password("open sesame ", hashed)).fits
    assert not (await verify_password("open sesame", "not a hash")).fits


async def test_a_hash_with_old_parameters_is_made_anew():
    """A password that fits a weaker hash comes back with a new one; a current hash is left alone."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret one")
    verdict = await verify_password("secret one", weak)
    assert verdict.fits
    assert verdict.rehashed is not None
    again = await verify_password("secret one", verdict.rehashed)
    assert again.fits
    assert again.rehashed is None
    assert (await verify_password("wrong", weak)).rehashed is None


async def test_nobody_takes_as_long_as_somebody():
    """An unknown name costs the same work as a wrong password, and never fits."""
    hashed = await hash_password("secret two")
    await verify_password("warm up", None)
    took = []
    for known in (hashed, None):
        runs = []
        for _ in range(3):
            start = time.perf_counter()
            assert not (await verify_password("nobody has this password", known)).fits
            runs.append(time.perf_counter() - start)
        took.append(min(runs))
    assert took[1] > took[0] / 3
