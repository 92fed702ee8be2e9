"""Ports are chosen once; those known outside never change."""

import socket
from pathlib import Path

from local.runtime.ports import assigned_ports


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
