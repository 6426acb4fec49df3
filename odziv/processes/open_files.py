"""How many files and connections a process may have open: the soft limit is raised, a low hard one is said."""

from __future__ import annotations

import resource

MOST = 65_536  # more than this is of no use here
BESIDE_CONNECTIONS = 256  # the database's connections, logs, articles, and what is opened for a moment


def raise_open_files() -> int:
    """Raises this process's limit of open files, for its children too, as far as it may. Returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return MOST if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def say_too_few(limit: int, connections: int) -> str | None:
    """What is the matter where so many connections don't fit below the limit; None where they do."""
    needed = connections + BESIDE_CONNECTIONS
    if limit >= needed:
        return None
    return (
        f"this process may open {limit} files, and {connections} connections take {needed}: fewer are taken. Raise the "
        f"hard limit (LimitNOFILE={needed} in systemd's unit, or ulimit -Hn), or lower max_streams in config.yml."
    )


def most_connections(limit: int, wanted: int) -> int:
    """How many connections to take: as many as wanted, where the limit of open files leaves room for them."""
    return max(16, min(wanted, limit - BESIDE_CONNECTIONS))
