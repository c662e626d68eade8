"""Accounts, sessions, tokens, and who did what."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from alpr.store.columns import AnyText, UtcTime
from alpr.store.schema.base import metadata

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False, unique=True),
    Column("password_hash", AnyText, nullable=False),
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("address", AnyText, nullable=False),
    Column("agent", AnyText, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False, unique=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", AnyText, nullable=False),
    Column("used_at", UtcTime),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("actor", AnyText, nullable=False),
    Column("action", AnyText, nullable=False),
    Column("subject", AnyText, nullable=False),
    Column("detail", AnyText, nullable=False),
)
