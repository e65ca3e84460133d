from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil
import pytest

from devcluster import locks, ports, processes, readiness
from devcluster.errors import ComponentError, PortTakenError
from devcluster.layout import Layout
from devcluster.processes import Running, Supervisor

if TYPE_CHECKING:
    from pathlib import Path

SLEEP = (str(shutil.which("sleep")), "60")

KILLED_SESSION = """
import os, signal, sys
from pathlib import Path
from devcluster import processes
folder = Path(sys.argv[1])
supervisor = processes.Supervisor.start(folder / "log", folder)
child = processes.spawn("sleep", ("%s", "60"), folder / "log", supervisor.running.pid)
print(child.pid, supervisor.running.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_ports_that_are_reserved_twice_are_different_and_taken_for_others() -> None:
    first, second = ports.reserve(["a", "b"]), ports.reserve(["a", "b"])
    taken = {*first.ports.values(), *second.ports.values()}
    assert len(taken) == 4
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((ports.HOST, first.ports["a"]))
    first.release()
    second.release()


def test_a_program_can_listen_on_its_reserved_port() -> None:
    reservation = ports.reserve(["a"])
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ports.HOST, reservation.ports["a"]))
        listener.listen()
        socket.create_connection(listener.getsockname()).close()
    reservation.release()


def test_a_wanted_port_that_is_taken_is_said_with_who_has_it() -> None:
    with socket.create_server((ports.HOST, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"Port {port} .*\(pid {os.getpid()}\)"):
            ports.reserve(["etcd", "kube-apiserver"], {"kube-apiserver": port})


def test_a_program_that_found_its_port_taken_is_told_from_one_that_crashed() -> None:
    taken = "listen tcp 127.0.0.1:1: bind: address already in use"
    assert isinstance(readiness.ended("etcd", taken), PortTakenError)
    crashed = readiness.ended("etcd", "first\npanic: oops")
    assert isinstance(crashed, ComponentError)
    assert "panic: oops" in str(crashed)


def test_a_process_with_the_same_pid_but_another_start_is_left_alone(tmp_path: Path) -> None:
    ours = processes.spawn("sleep", SLEEP, tmp_path / "log", None)
    recorded_before_a_reboot = dataclasses.replace(ours, started=ours.started - 3600)
    assert recorded_before_a_reboot.find() is None
    processes.kill([recorded_before_a_reboot])
    assert ours.find() is not None
    processes.kill([ours])
    assert ours.find() is None


def test_a_program_that_ended_is_noticed_with_its_last_words(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.logs.mkdir()
    log = layout.log("sleep")
    ended = processes.spawn("sleep", (SLEEP[0], "--no-such-option"), log, None)
    with pytest.raises(ComponentError, match=r"(?s)sleep ended.*no-such-option"):
        readiness.until(
            lambda: False, "It", lambda: readiness.all_alive([ended], layout), patience=10
        )


def test_waiting_has_an_end() -> None:
    with pytest.raises(ComponentError, match=r"It is not ready after 0 s"):
        readiness.until(lambda: False, "It", lambda: None, patience=0)


def test_what_a_killed_session_started_ends_with_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    folder = tmp_path / "cluster"
    folder.mkdir()
    session = subprocess.run(
        [sys.executable, "-c", KILLED_SESSION % SLEEP[0], folder],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    for pid in map(int, session.stdout.split()):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(timeout=20)
        assert not psutil.pid_exists(pid)
    assert not folder.exists()


def test_what_a_thread_started_outlives_the_thread(tmp_path: Path) -> None:
    started: list[Running] = []
    supervisor = Supervisor.start(tmp_path / "log", None)
    thread = threading.Thread(
        target=lambda: started.append(
            processes.spawn("sleep", SLEEP, tmp_path / "log", supervisor.running.pid)
        )
    )
    thread.start()
    thread.join()
    assert started[0].find() is not None
    processes.kill(started)
    supervisor.dismiss()
    assert supervisor.running.find() is None


def test_a_lock_that_is_held_is_awaited_and_said_so(tmp_path: Path) -> None:
    waits, got = threading.Event(), threading.Event()

    def take() -> None:
        with locks.exclusive(tmp_path / "lock", waits.set):
            got.set()

    other = threading.Thread(target=take)
    with locks.exclusive(tmp_path / "lock"):
        other.start()
        assert waits.wait(30)
        assert not got.is_set()
    other.join(30)
    assert got.is_set()


def test_a_lock_on_a_folder_that_its_holder_removed_is_taken_on_the_new_one(
    tmp_path: Path,
) -> None:
    folder, waits = tmp_path / "folder", threading.Event()

    def take() -> None:
        with locks.folder(folder, waits.set) as locked:
            (locked / "mark").touch()

    other = threading.Thread(target=take)
    with locks.folder(folder):
        other.start()
        assert waits.wait(30)
        folder.rmdir()
    other.join(30)
    assert (folder / "mark").exists()
