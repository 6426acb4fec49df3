"""Erases conversations in a process of its own, which `bench.faults` has killed in the middle:
`python -m bench.faults.erase URL FOLDER CONVERSATION…`."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.faults.installation import Installation
from odziv.cases.customer_data.erasing import go_on
from odziv.store.customers.erasures import begin_erasure


def main() -> int:
    """0 when it came to its end."""
    url, folder, *conversation_ids = sys.argv[1:]
    installation = Installation("", Path(folder), url)
    store = installation.open()
    go_on(store, installation.settings(), begin_erasure(store, conversation_ids, (), None))
    store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
