"""Python runs this at its start where the folder is in PYTHONPATH: it sets the clock of every process of the tests.

The processes that tests start (the product itself among them) live on the same other day. Rasa's environment doesn't.
"""

import os
from datetime import UTC, datetime, timedelta

if seconds := os.environ.get("ODZIV_TEST_SHIFT"):
    try:
        import time_machine
    except ImportError:  # another environment
        pass
    else:
        time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(seconds)), tick=True).start()
