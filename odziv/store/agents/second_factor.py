"""The second factor of an agent: a secret shared with an app on their phone, and recovery codes for when it is gone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from odziv.store.agents.agent import hash_token
from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import recovery_codes, second_factors

SET_BACK_STEPS = 10  # of half a minute; codes are valid for three


@dataclass(frozen=True)
class SecondFactor:
    """`secret` is base32; `confirmed_at` is None until the first right code."""

    agent_id: int
    secret: str
    confirmed_at: int | None
    last_step: int
    codes_left: int


def find_second_factor(store: Store, agent_id: int) -> SecondFactor | None:
    """What the agent has, confirmed or only begun."""
    left = (
        select(func.count())
        .select_from(recovery_codes)
        .where(recovery_codes.c.agent_id == second_factors.c.agent_id, recovery_codes.c.used_at.is_(None))
        .scalar_subquery()
        .label("codes_left")
    )
    with store.read() as connection:
        statement = select(second_factors, left).where(second_factors.c.agent_id == agent_id)
        row = connection.execute(statement).mappings().first()
    return SecondFactor(**row) if row else None


def has_second_factor(store: Store, agent_id: int) -> bool:
    """Whether a code is asked for when this agent signs in."""
    factor = find_second_factor(store, agent_id)
    return factor is not None and factor.confirmed_at is not None


def begin_second_factor(store: Store, agent_id: int, secret: str) -> bool:
    """Keeps a secret to be confirmed, in place of one that never was; False when one is in use already."""
    with store.write() as connection:
        pending = second_factors.c.confirmed_at.is_(None)
        connection.execute(delete(second_factors).where(second_factors.c.agent_id == agent_id, pending))
        statement = select(second_factors.c.agent_id).where(second_factors.c.agent_id == agent_id)
        if connection.execute(statement).first():
            return False
        connection.execute(insert(second_factors).values(agent_id=agent_id, secret=secret, last_step=0))
        return True


def confirm_second_factor(store: Store, agent_id: int, secret: str, step: int, codes: list[str]) -> bool:
    """From now on a code is asked for. False when this secret is no longer the one to be confirmed."""
    with store.write() as connection:
        confirmed = connection.execute(
            update(second_factors)
            .where(
                second_factors.c.agent_id == agent_id,
                second_factors.c.secret == secret,
                second_factors.c.confirmed_at.is_(None),
            )
            .values(confirmed_at=store.clock(), last_step=step)
        )
        if confirmed.rowcount == 0:
            return False
        _store_codes(connection, agent_id, codes)
        record(connection, "two_factor_on", agent_id, f"agent:{agent_id}")
        return True


def use_step(store: Store, agent_id: int, step: int) -> bool:
    """Spends the code of a 30-second step; False when it, or a later one, was spent before.

    One that was spent long after now was so before the clock was set back.
    """
    is_unspent = (second_factors.c.last_step < step) | (second_factors.c.last_step > step + SET_BACK_STEPS)
    with store.write() as connection:
        # Of two who send the same code at once, only one still finds it unspent.
        spent = connection.execute(
            update(second_factors).where(second_factors.c.agent_id == agent_id, is_unspent).values(last_step=step)
        )
        return spent.rowcount == 1


def use_recovery_code(store: Store, agent_id: int, code: str) -> bool:
    """Spends a recovery code, as `normalise_code` leaves it; False when there is no such code left."""
    with store.write() as connection:
        spent = connection.execute(
            update(recovery_codes)
            .where(
                recovery_codes.c.agent_id == agent_id,
                recovery_codes.c.code_hash == hash_token(code),
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=store.clock())
        )
        if spent.rowcount:
            record(connection, "recovery_code_used", agent_id, f"agent:{agent_id}")
        return spent.rowcount == 1


def replace_recovery_codes(store: Store, agent_id: int, codes: list[str]) -> None:
    """New codes in place of all earlier ones."""
    with store.write() as connection:
        _store_codes(connection, agent_id, codes)
        record(connection, "recovery_codes_made", agent_id, f"agent:{agent_id}")


def remove_second_factor(store: Store, agent_id: int, by: int | None = None) -> bool:
    """Asks for no code any more; False when none was asked for."""
    with store.write() as connection:
        connection.execute(delete(recovery_codes).where(recovery_codes.c.agent_id == agent_id))
        removed = connection.execute(
            delete(second_factors).where(second_factors.c.agent_id == agent_id).returning(second_factors.c.confirmed_at)
        ).first()
        if removed is None or removed.confirmed_at is None:
            return False
        record(connection, "two_factor_off", by, f"agent:{agent_id}")
        return True


def _store_codes(connection: Connection, agent_id: int, codes: list[str]) -> None:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.agent_id == agent_id))
    rows = [{"agent_id": agent_id, "code_hash": hash_token(code)} for code in codes]
    connection.execute(insert(recovery_codes), rows)
