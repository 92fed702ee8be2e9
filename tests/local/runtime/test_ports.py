"""Ports are chosen once; those known outside never change."""

import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.runtime.ports import assigned_ports
from tests.cloud import new_state_folder


def test_ports_are_remembered_and_differ(empty_state: Path) -> None:
    first = assigned_ports(empty_state, renew_internal=True)
    assert assigned_ports(empty_state, renew_internal=True) == first
    assert len(set(first.values())) == len(first)


def test_only_a_busy_internal_port_is_chosen_anew(empty_state: Path) -> None:
    first = assigned_ports(empty_state, renew_internal=True)
    with socket.create_server(("127.0.0.1", first["etcd"])), socket.create_server(("127.0.0.1", first["aws"])):
        assert assigned_ports(empty_state, renew_internal=False) == first
        second = assigned_ports(empty_state, renew_internal=True)
    assert {name for name in first if first[name] != second[name]} == {"etcd"}


def test_no_two_local_clouds_get_the_same_port_even_before_they_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many clouds that ports chosen at random would be the same."""
    monkeypatch.setenv("MOSAIC_CACHE", str(tmp_path / "cache"))
    folders = [new_state_folder() for _ in range(60)]
    try:
        with ThreadPoolExecutor() as pool:
            chosen = [*pool.map(lambda folder: assigned_ports(folder, renew_internal=True), folders)]
        ports = [port for each in chosen for port in each.values()]
        assert len(set(ports)) == len(ports)
        assert [assigned_ports(folder, renew_internal=True) for folder in folders] == chosen
    finally:
        for folder in folders:
            shutil.rmtree(folder)
    assigned_ports(tmp_path, renew_internal=True)
    assert (tmp_path / "cache" / "state-folders").read_text() == f"{tmp_path}\n"
