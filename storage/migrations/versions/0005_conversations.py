"""Conversations, our answers, wishes in plain words, and what is left of erased numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_suppression_created_at"), "suppression", ["created_at"], unique=False)
    op.create_table(
        "erased_suppression",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_erased_suppression")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("last_text", sa.Text(), nullable=False),
        sa.Column("last_kind", sa.String(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_conversation_line_id_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("phone", "line_id", name=op.f("uq_conversation_phone_line_id")),
    )
    op.create_index(op.f("ix_conversation_line_id"), "conversation", ["line_id"], unique=False)
    op.create_index(op.f("ix_conversation_last_at"), "conversation", ["last_at"], unique=False)
    op.create_table(
        "answer",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=True),
        sa.Column("carrier_message_id", sa.String(), nullable=True),
        sa.Column("sending_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_answer_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_conversation_id"), "answer", ["conversation_id"], unique=False)
    op.create_index(
        "ix_answer_open", "answer", ["due_at"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_revocation_inbound_id_inbound")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
    )
    op.create_index(op.f("ix_revocation_phone"), "revocation", ["phone"], unique=False)
    op.create_index("ix_revocation_state_due_on", "revocation", ["state", "due_on"], unique=False)
    op.add_column("inbound", sa.Column("conversation_id", sa.Integer(), nullable=True))
    op.add_column("inbound", sa.Column("message_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_inbound_conversation_id"), "inbound", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_inbound_message_id"), "inbound", ["message_id"], unique=False)
    _gather()


def _gather() -> None:
    """What people texted before there was an inbox, as conversations that have been read."""
    op.execute(
        "INSERT INTO conversation (line_id, phone, unread, last_text, last_kind, last_at, created_at) "
        "SELECT line.id, inbound.from_phone, 0, '', 'reply', MAX(received_at), MIN(received_at) FROM inbound "
        "JOIN line ON line.account_id = inbound.account_id AND line.number = inbound.to_number "
        "GROUP BY line.id, inbound.from_phone"
    )
    op.execute(
        "UPDATE inbound SET conversation_id = (SELECT MIN(conversation.id) FROM conversation "
        "JOIN line ON line.id = conversation.line_id WHERE conversation.phone = inbound.from_phone "
        "AND line.account_id = inbound.account_id AND line.number = inbound.to_number)"
    )
    op.execute(
        "UPDATE conversation SET last_text = COALESCE((SELECT text FROM inbound "
        "WHERE inbound.conversation_id = conversation.id ORDER BY inbound.id DESC LIMIT 1), '')"
    )
