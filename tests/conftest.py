"""What every test needs: the logging of the process as it was before; and children that are killed at any moment."""

from __future__ import annotations

import logging
import multiprocessing
import random
import signal
import time

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logging_stays_as_it_was():
    """Undo what a command configures, so that the next test hears its own log lines."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if root.handlers != handlers:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()


@pytest.fixture(scope="session")
def preloaded():
    """Give a process that has imported everything already and starts children: they live within milliseconds.

    There is one for the whole run, so it knows the children of all tests.
    """
    context = multiprocessing.get_context("forkserver")
    children = [f"tests.kill9_{name}" for name in ("child", "gate_child", "intake_child", "activity_child")]
    context.set_forkserver_preload(
        [*children, "tests.delivery.outbox_child", "alembic.command", "sqlalchemy.dialects.sqlite.aiosqlite"]
    )
    return context


@pytest.fixture
def kill_9(preloaded):
    """Give what lets a child do something for a random time, in seconds, and ends it with SIGKILL."""
    chance = random.Random()

    def lives(run, given, least, most):
        child = preloaded.Process(target=run, args=given)
        child.start()
        time.sleep(chance.uniform(least, most))
        child.kill()
        child.join()
        assert child.exitcode == -signal.SIGKILL, "the child ended by itself"

    return lives
