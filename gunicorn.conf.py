"""How gunicorn serves web and worker: one process each, since streams, or the index, live in it."""

import ctypes
import os
import signal
import sys

from odziv.processes.open_files import most_connections, raise_open_files
from odziv.processes.patient_worker import PatientWorker
from odziv.processes.settled import settle
from odziv.settings import load_settings

_settings = load_settings()
_is_worker = os.environ.get("ODZIV_ROLE") == "worker"

bind = _settings.worker_bind if _is_worker else _settings.bind
workers = 1
# Whoever sends or reads slowly holds no thread. Behind a proxy all connections come from one address, and so do a
# worker's.
_is_from_one_place = _is_worker or _settings.limits.trusted_proxies
PatientWorker.most_per_network = 0 if _is_from_one_place else _settings.limits.streams_per_address + 64
worker_class = PatientWorker
backlog = 512  # connections that wait to be taken; beyond that the kernel refuses
sendfile = False  # it knows no time to be taken in
# Streams hold none. In a worker each turn holds one, when Rasa calls; the rest is for ordinary requests. They are made
# when they are needed: hundreds are when many of those who are answered read slowly.
threads = _settings.turn_workers + 32 if _is_worker else 512
worker_connections = most_connections(raise_open_files(), _settings.max_connections)
timeout = 60
graceful_timeout = 15
keepalive = 30
worker_tmp_dir = "/dev/shm"
loglevel = "warning"
proc_name = "odziv-worker" if _is_worker else "odziv-web"


PR_SET_PDEATHSIG = 1  # linux/prctl.h


def post_fork(server, _worker) -> None:
    """A worker whose master was killed must not live on: it would keep the port from the next one."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server.pid:  # it went before the kernel knew
            os._exit(1)


def post_worker_init(worker) -> None:
    """The process serves from here on: begin the work beside requests, and end streams when told to stop."""
    services = worker.application.extensions["odziv"]
    services.start()
    settle()
    graceful = signal.getsignal(signal.SIGTERM)

    def stop(number, frame) -> None:
        services.begin_stop()
        graceful(number, frame)

    signal.signal(signal.SIGTERM, stop)


def worker_exit(_server, worker) -> None:
    """Requests are done: finish the turns under way and close the database."""
    if hasattr(worker, "application"):
        worker.application.extensions["odziv"].stop()
