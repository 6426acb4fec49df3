"""phrasings proposed by customers' choices"""

import sqlalchemy as sa
from alembic import op

revision = '0004_phrasings'
down_revision = '0003_rights'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('phrasings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('text', sa.String(length=600), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_phrasings_conversation_id_conversations')),
    sa.ForeignKeyConstraint(['decided_by'], ['agents.id'], name=op.f('fk_phrasings_decided_by_agents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phrasings')),
    sa.UniqueConstraint('article', 'language', 'text', name=op.f('uq_phrasings_article_language_text'))
    )
    with op.batch_alter_table('phrasings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_phrasings_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_phrasings_status_created_at'), ['status', 'created_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('phrasings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_phrasings_status_created_at'))
        batch_op.drop_index(batch_op.f('ix_phrasings_conversation_id'))

    op.drop_table('phrasings')
