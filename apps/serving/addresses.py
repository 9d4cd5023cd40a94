"""Where an endpoint may lead. Whoever adds one could otherwise have this server call what only it can reach.

Addresses outside are allowed. Inside, only what the operator has named (TOULMIN_LLM_PRIVATE_ADDRESSES), and never where
clouds keep their machines' credentials. Checked when an endpoint is saved and again for each connection, against the very
address that is then connected to: a name that later leads elsewhere is of no use.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from apps.core.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_METADATA = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
    )
)
"""Link-local networks, and where AWS, Alibaba, Oracle and Azure answer machines with their own credentials."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotAllowedAddress(Invalid):
    code = "address_not_allowed"


@dataclass(frozen=True, slots=True)
class Inside:
    """What the operator lets endpoints reach inside: everything, hosts by name, networks."""

    everything: bool = False
    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, words: Sequence[str]) -> "Inside":
        """Return what a list of `any`, host names, addresses and networks says."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for word in words:
            try:
                networks.append(ipaddress.ip_network(word.strip("[]"), strict=False))
            except ValueError:
                hosts.add(word.casefold())
        return cls("any" in hosts, frozenset(hosts - {"any"}), tuple(networks))

    def permits(self, host: str, address: Address) -> bool:
        """Return whether a connection to an address may be made, asked for under a host name."""
        real = _embedded(address)
        if any(real in network for network in _METADATA if network.version == real.version):
            return False
        if real.is_unspecified or real.is_multicast or (real.is_reserved and not real.is_global):
            return False
        if real.is_global:
            return True
        return (
            self.everything
            or host.casefold() in self.hosts
            or any(real in network for network in self.networks if network.version == real.version)
        )


def check_form(url: str) -> str:
    """Return the host of an address. Raises `NotAllowedAddress` for one that is no plain address of http or https."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise NotAllowedAddress(_("This is not an address. Write it like https://models.example.org/v1.")) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise NotAllowedAddress(_("The address must begin with https:// or http:// and name a host."))
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise NotAllowedAddress(_("A name or password has no place in the address. Give the key in its own field."))
    if parts.fragment or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise NotAllowedAddress(_("The address holds characters that do not belong there. Copy it again."))
    return host


def check_address(url: str, inside: Inside) -> None:
    """Raise `NotAllowedAddress` if an address may not be asked. A name that leads nowhere yet passes: connecting will tell."""
    host = check_form(url)
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    permitted(host, [str(entry[4][0]) for entry in found], inside)


def permitted(host: str, found: Sequence[str], inside: Inside) -> list[str]:
    """Return the addresses that a host leads to, once each. Raises `NotAllowedAddress` if any of them may not be reached."""
    addresses = list(dict.fromkeys(found))
    for text in addresses:
        if not inside.permits(host, ipaddress.ip_address(text.split("%")[0])):
            message = _(
                "%(host)s leads to %(address)s, which is not outside. The operator can allow it with"
                " TOULMIN_LLM_PRIVATE_ADDRESSES, unless it is a link-local or metadata address."
            )
            raise NotAllowedAddress(message % {"host": host, "address": text})
    return addresses


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.packed[:12] == bytes(12) and address.packed[12:15] != bytes(3):  # the old "compatible" form
        return ipaddress.IPv4Address(address.packed[12:])
    return address
