"""Sessions and their refresh tokens, API keys, invitations, attempts to log in, rotation of signing keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "identity_0002"
down_revision = "identity_0001"
branch_labels = None
depends_on = None

TWELVE_HOURS = 12 * 3600
"""Seconds: what access tokens lasted, unless it was set otherwise, before their keys told."""


def upgrade() -> None:
    """Create the tables, and let keys say when they sign and how long their tokens last."""
    _extend_signing_keys()
    op.add_column("users", sa.Column("tokens_not_before", sa.DateTime(timezone=True)))
    _create_sessions()
    _create_refresh_tokens()
    _create_api_keys()
    _create_invitations()
    _create_attempts()


def downgrade() -> None:
    """Drop them."""
    for table in ("attempts", "invitations", "api_keys", "refresh_tokens", "sessions"):
        op.drop_table(table)
    op.drop_column("users", "tokens_not_before")
    op.drop_column("signing_keys", "token_seconds")
    op.drop_column("signing_keys", "signs_from")


def _extend_signing_keys() -> None:
    op.add_column("signing_keys", sa.Column("signs_from", sa.DateTime(timezone=True)))
    op.add_column("signing_keys", sa.Column("token_seconds", sa.Integer()))
    op.execute(f"UPDATE signing_keys SET signs_from = created_at, token_seconds = {TWELVE_HOURS}")
    op.alter_column("signing_keys", "signs_from", nullable=False)
    op.alter_column("signing_keys", "token_seconds", nullable=False)


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user_id"])
    op.create_index("ix_sessions_expiry", "sessions", ["expires_at"])


def _create_refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("digest", name="pk_refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_refresh_tokens_session_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_refresh_tokens_session", "refresh_tokens", ["session_id"])


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("may_read", sa.Boolean(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_keys_user_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_api_keys_organization_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_api_keys_user", "api_keys", ["user_id", "created_at"])
    op.create_index("ix_api_keys_organization", "api_keys", ["organization_id"])


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("digest", name="uq_invitations_digest"),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name="fk_invitations_invited_by"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_invitations_organization_id",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("role IN ('viewer', 'member', 'admin')", name="ck_invitations_role"),
    )
    op.create_index(
        "uq_invitations_address", "invitations", ["organization_id", sa.text("lower(email)")], unique=True
    )
    op.create_index("ix_invitations_expiry", "invitations", ["expires_at"])


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("load", sa.Double(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_counted", "attempts", ["counted_at"])
