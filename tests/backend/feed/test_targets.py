"""Webhooks reach public addresses only, whatever name or disguise is given."""

import ipaddress
import socket

import pytest

from backend.common.addresses import is_public
from backend.feed import targets
from backend.feed.choices import DeliveryError


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_no_address_that_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    violation = targets.url_violation(f"https://{host}/hook")
    assert violation is not None
    assert violation.code == "private_address"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_pass(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://zaken.gemeente.example/", "https_required"),
        ("ftp://zaken.gemeente.example/", "https_required"),
        ("http://127.0.0.1:9000/", "https_required"),
        ("https://localhost/", "private_address"),
        ("https://user:pw@zaken.gemeente.example/", "invalid"),
        ("https://zaken.gemeente.example/#deel", "invalid"),
        ("https://zaken.gemeente.example:99999/", "invalid"),
        ("https://zaken .example/", "invalid"),
        ("https://[::1/", "invalid"),
        ("https://", "invalid"),
        ("", "invalid"),
    ],
)
def test_an_address_that_is_no_public_https_is_refused(url, code):
    violation = targets.url_violation(url)
    assert violation is not None
    assert violation.code == code


def test_a_sandbox_may_reach_this_machine_but_no_other_private_one(settings):
    settings.LOOPBACK_TARGETS = True
    assert targets.url_violation("http://127.0.0.1:9000/hook") is None
    assert targets.url_violation("http://localhost:9000/hook") is None
    assert targets.url_violation("http://10.0.0.1/hook") is not None
    assert targets.url_violation("https://10.0.0.1/hook") is not None


@pytest.mark.parametrize("private", ["10.1.2.3", "127.0.0.1", "::1"])
def test_a_public_name_that_means_a_private_address_is_not_connected_to(monkeypatch, private):
    """One public address beside it does not help: all of them are looked at."""

    def lookup(host, port, *, type):
        return [
            (socket.AF_INET, type, 6, "", (address, port)) for address in ("93.184.215.14", private)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    sent = targets.send("https://zaken.gemeente.example/", b"{}", {})
    assert sent.error == DeliveryError.REFUSED_TARGET


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, settings, receiver):
    """The name is looked up once; a second, other answer changes nothing."""
    asked = []
    real = socket.getaddrinfo

    def lookup(host, *args, **kwargs):
        asked.append(host)
        return real("127.0.0.1" if host == "localhost" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    url = receiver.url.replace("127.0.0.1", "localhost")
    assert targets.send(url, b"{}", {}).succeeded
    assert asked.count("localhost") == 1
    ((headers, _body),) = receiver.received
    assert headers["host"].startswith("localhost:")


def test_a_name_that_does_not_exist_is_unreachable(monkeypatch):
    def lookup(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert targets.send("https://weg.example/", b"{}", {}).error == DeliveryError.UNREACHABLE


def test_nobody_listens(settings):
    settings.LOOPBACK_TARGETS = True
    assert targets.send("http://127.0.0.1:1/", b"{}", {}).error == DeliveryError.UNREACHABLE


def test_http_where_https_is_spoken_to_is_a_fault_of_encryption(receiver):
    url = receiver.url.replace("http://", "https://")
    assert targets.send(url, b"{}", {}).error == DeliveryError.TLS
