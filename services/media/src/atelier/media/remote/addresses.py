"""Which addresses are other people's: public, unicast, and no other address in disguise."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IANA's special-purpose registry, multicast, what is reserved, and Azure's host of each machine."""
_UNICAST_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
"""Inside of `2000::/3`: Teredo and its like, documentation, 6to4 (which carries any IPv4 address)."""


def is_public(address: Address) -> bool:
    """Whether a connection there leaves our network.

    Everything that stands for an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) isn't.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return (
        address.scope_id is None
        and address in _UNICAST_V6
        and not any(address in network for network in _NOT_PUBLIC_V6)
    )


def parse(text: str) -> Address | None:
    """The address, where a host is one in its usual form."""
    try:
        return ip_address(text)
    except ValueError:
        return None
