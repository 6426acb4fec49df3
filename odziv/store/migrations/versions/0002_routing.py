"""routing: topics, promises and transfers of handoffs; skills, capacity and presence of agents"""

import sqlalchemy as sa
from alembic import op

revision = '0002_routing'
down_revision = '0001'
branch_labels = None
depends_on = None

key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('duties',
    sa.Column('agent_id', key, autoincrement=False, nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('languages', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('topics', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('available', sa.Boolean(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_duties_agent_id_agents')),
    sa.PrimaryKeyConstraint('agent_id', name=op.f('pk_duties'))
    )
    with op.batch_alter_table('handoffs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('topic', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('promised_at', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('note_seq', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('passed_by', key, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_handoffs_passed_by_agents'), 'agents', ['passed_by'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('handoffs', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_handoffs_passed_by_agents'), type_='foreignkey')
        for column in ('passed_by', 'note_seq', 'promised_at', 'topic'):
            batch_op.drop_column(column)
    op.drop_table('duties')
