"""URLs that nothing may be fetched from, and paths that lead to no file; also asked at the front door."""

from __future__ import annotations

import itertools
from ipaddress import ip_address
from uuid import uuid4

NOT_PUBLIC = [
    *(f"127.0.0.{n}" for n in range(0, 255, 40)),
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
NOT_PUBLIC_V6 = [
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


def _shapes(address: str) -> list[str]:
    """Ways to write an IPv4 address that some programs understand."""
    a, b, c, d = (int(part) for part in address.split("."))
    number = int(ip_address(address))
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{b}.{c << 8 | d}",
        f"{a}.{b << 16 | c << 8 | d}",
        f"0x{a:08x}.{b}.{c}.{d}",
    ]


def hostile_urls() -> list[str]:
    """URLs of which none may be asked."""
    urls = [f"http://{host}/a.png" for host in NOT_PUBLIC]
    urls += [f"https://{host}/a.png" for host in NOT_PUBLIC]
    urls += [f"http://[{host}]/a.png" for host in NOT_PUBLIC_V6]
    for address in (
        "127.0.0.1",
        "169.254.169.254",
        "10.1.2.3",
        "192.168.1.1",
        "8.8.8.8",
        "172.20.0.5",
        "127.0.0.53",
    ):
        urls += [f"http://{shape}/" for shape in _shapes(address)]
    urls += [f"http://{host}./" for host in ("127.0.0.1", "2130706433", "0x7f000001")]
    urls += [
        f"{scheme}://example.com/a.png"
        for scheme in ("ftp", "gopher", "ws", "dict", "ldap", "jar", "netdoc", "s3", "sftp", "tftp", "smb")
    ]
    urls += [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "javascript:alert(1)",
        "http:",
        "http://",
        "https:///a",
    ]
    urls += [f"http://example.com:{port}/" for port in (22, 25, 443, 3306, 6379, 8080, 8333, 9000, 11211)]
    urls += [
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com@127.0.0.1/",
        "http://@a.com/",
    ]
    urls += [
        "http://a\\@127.0.0.1/",
        "http://a b/",
        "http://a\tb/",
        "http://a\r\nHost: b/",
        "http://a%00b/",
        "http://\x7f/",
    ]
    urls += [
        "http://[fe80::1%25lo]/",
        "http://[::1%25eth0]/",
        "http://[::1",
        "http://a:99999/",
        "http://a:b/",
        "http://./",
    ]
    urls += [
        "http://[v1.x]/",
        "http://1/",
        "http://0/",
        "http://0x/",
        "http://1.2.3.4.5/",
        f"http://a/{'x' * 3000}",
    ]
    urls += [f"http://{name}/" for name in NAMES]
    return urls


NAMES = {
    "internal.example": ["10.0.0.7"],
    "metadata.example": ["169.254.169.254"],
    "here.example": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "sixtofour.example": ["2002:7f00:1::"],
    "local.example": ["fe80::1"],
    "cast.example": ["224.0.0.1"],
    "zero.example": ["0.0.0.0"],
    "unknown.example": [],
}


def other_paths(key: str) -> list[str]:
    """More than 200 ways to name something else, as they come over the wire."""
    dots = [
        "..",
        "%2e%2e",
        ".%2e",
        "%2E.",
        "..%00",
        "%c0%ae%c0%ae",
        "%252e%252e",
        "....",
        "..;",
        "%ef%bc%8e%ef%bc%8e",
    ]
    slashes = ["/", "%2f", "%5c", "%252f", "%c0%af", "//"]
    targets = ["etc/passwd", "exports/1/a.zip", "temp/a.png"]
    climbing = ["".join(parts) for parts in itertools.product(dots, slashes, targets)]
    inside = [key.replace("media/", f"media/{dot}{slash}") for dot in dots[:4] for slash in slashes[:3]]
    odd = [
        "",
        "/",
        "//evil.example/a.png",
        "/%2f%2fevil.example",
        "https://evil.example/a",
        "http:/evil.example",
        "%0d%0aSet-Cookie:%20a=b",
        f"{key}%0d%0aLocation:%20http://evil.example",
        f"{key}%00.png",
        f"{key}%0a",
        f"{key}/",
        f"/{key}",
        f"{key}?x",
        f"{key}%3Ftype=webp",
        f"{key}%23",
        f"{key}.bak",
        key.upper(),
        key.replace("file", "FILE"),
        f"./{key}",
        f"media/./{key[6:]}",
        f"x/../{key}",
        "media/",
        "media",
        "temp/",
        "C:%5cwindows%5cwin.ini",
        "file:///etc/passwd",
        "%00",
        "%ff%fe",
        "~root",
        "media/*",
        "media/%2a/file.png",
        f"media/{uuid4()}/file.png",
        f"media/{uuid4()}/converted.png",
        key.replace(".png", ".webp"),
        key.replace("file.png", "converted.webp"),
        "exports/1/a.zip",
        "%e2%80%ae",
        "a" * 5000,
    ]
    return climbing + inside + odd
