from __future__ import annotations

import pytest

from alpr.web.auth.limits import LoginLimiter, wait_words


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def tries(limiter: LoginLimiter, count: int, address: str = "192.0.2.1", account: str = "anna") -> list[float]:
    return [limiter.begin(address, account) for _ in range(count)]


def test_an_account_locks_after_five_tries_and_ever_longer():
    """Five tries are free; then each further one is locked out twice as long, up to a quarter of an hour."""
    clock = Clock()
    limiter = LoginLimiter(clock)
    assert tries(limiter, 5) == [0] * 5
    waits = []
    for _ in range(8):
        waits.append(limiter.begin("192.0.2.1", "anna"))
        clock.now += waits[-1]
        assert limiter.begin("192.0.2.1", "anna") == 0
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_an_account_is_guarded_from_many_addresses():
    """Changing the address does not open a locked account, and other accounts stay open."""
    limiter = LoginLimiter(Clock())
    for n in range(5):
        assert limiter.begin(f"192.0.2.{n}", "anna") == 0
    assert limiter.begin("192.0.2.99", "anna") == 30
    assert limiter.begin("192.0.2.99", "bert") == 0


def test_an_address_locks_after_twenty_tries_over_many_accounts():
    """Trying one password on many names is stopped as well."""
    limiter = LoginLimiter(Clock())
    assert [limiter.begin("192.0.2.1", f"name {n}") for n in range(20)] == [0] * 20
    assert limiter.begin("192.0.2.1", "one more") > 0
    assert limiter.begin("192.0.2.2", "one more") == 0


def test_a_success_clears_the_account_but_not_the_address():
    """Somebody with an account cannot use it to reset the count of guesses at others."""
    limiter = LoginLimiter(Clock())
    for n in range(19):
        limiter.begin("192.0.2.1", f"name {n}")
    limiter.begin("192.0.2.1", "own")
    limiter.succeeded("192.0.2.1", "own")
    assert limiter.begin("192.0.2.1", "name 20") == 0
    assert limiter.begin("192.0.2.1", "name 21") > 0


def test_tries_are_forgotten_after_an_hour():
    """Who fails now and then is never locked out."""
    clock = Clock()
    limiter = LoginLimiter(clock)
    for _ in range(5):
        tries(limiter, 4)
        clock.now += 3601
    assert tries(limiter, 1) == [0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (30.0, "30 seconds"), (89.0, "89 seconds"), (91, "2 minutes"), (900, "15 minutes")],
)
def test_waits_are_said_in_words(seconds, words):
    """A wait is never said shorter than it is."""
    assert wait_words(seconds) == words
