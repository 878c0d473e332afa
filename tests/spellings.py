"""Addresses of which none may be fetched, and the ways in which they are written."""

import ipaddress
from collections.abc import Iterator

IPV4 = (
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "0.1.2.3", "192.0.2.1", "198.18.0.1"),  # noqa: S104 - refused
    *("198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
)
IPV6 = (
    *("::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1", "ff0e::1"),
    *("64:ff9b:1::a00:1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1"),
    *("2002:a00:1::1", "2002:7f00:1::", "2620:4f:8000::1", "3fff::1", "5f00::1", "100::1", "4000::1", "e000::1"),
    *("2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:127.0.0.1"),
)
NETWORKS = [
    ipaddress.ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "::/8", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32"),
        *("2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
]
SCHEMES = (
    "ftp",
    "file",
    "gopher",
    "dict",
    "ldap",
    "ws",
    "wss",
    "data",
    "javascript",
    "jar",
    "blob",
    "sftp",
    "tftp",
    "unix",
    "view-source",
)
PORTS = (1, 7, 21, 22, 23, 25, 53, 110, 111, 139, 389, 445, 631, 873, 1720, 2049, 4190, 5060, 6000, 6379, 6667, 10080, 11211)
PUBLIC = "93.184.215.14"
ODD = (
    *("", "http", "http:", "http:/", "http://", "http:///", "//10.0.0.1/", "http://:80/", "http://[", "http://[]", "http://[::1"),
    *("http://]/", "http://a.example:0/", "http://a.example:99999/", "http://a.example:x/", "http://a.example:-1/", "http://\0/"),
    *(
        "http://me:secret@a.example/",
        "http://a.example@10.0.0.1/",
        "http://10.0.0.1\\@a.example/",
        "http://a.example\\@10.0.0.1/",
    ),
    *(
        "http://10.0.0.1#@a.example/",
        "http://10.0.0.1?@a.example/",
        "http://10.0.0.1;a.example/",
        "http:10.0.0.1",
        "http:\\\\10.0.0.1\\",
    ),
    *("http://10.0.0.1\t/", "http://10.0.\n0.1/", "\thttp://10.0.0.1/", "http://10.0.0.1%00.a.example/", "http://10.0.0.1%2f@x/"),
    *("http://localhost/", "http://LOCALHOST./", "http://localhost%2e/", "http://ｌｏｃａｌｈｏｓｔ/", "http://loc\u00adalhost/"),
    *(
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://127．0．0．1/",
        "http://１２７.0.0.1/",
        "http://xn--/",
        "http://٠.0.0.0/",
    ),
    *(
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1%25lo]/",
        "http://[v1.fe80]/",
        "http://[::ffff:0:127.0.0.1]/",
    ),
)


def ipv4(address: str) -> Iterator[str]:
    """The hosts that programs take for this IPv4 address, and some that they ought not to."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = number.to_bytes(4, "big")
    high, low = number >> 16, number & 0xFFFF
    yield from (address, f"{address}.", str(number), hex(number), hex(number).upper(), oct(number).replace("o", ""))
    yield from (f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{low}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0x{a:x}.{b}.0{c:o}.{d}")
    yield from (f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"000{a:o}.{b}.{c}.{d}", f"{a:03}.{b:03}.{c:03}.{d:03}", f"{a + 256}.{b}.{c}.{d}")
    yield from (f"[::ffff:{address}]", f"[::ffff:{high:x}:{low:x}]", f"[0:0:0:0:0:ffff:{high:04x}:{low:04x}]", f"[::{address}]")
    yield from (f"[64:ff9b::{high:x}:{low:x}]", f"[64:ff9b::{address}]", f"[2002:{high:x}:{low:x}::1]", f"[::ffff:0:{address}]")
    yield from ("".join(f"%{ord(letter):02x}" for letter in address), address.replace(".", "%2e"), address.replace(".", "。"))
    yield from ("".join(chr(ord(letter) + 0xFEE0) for letter in address), address.replace("1", "①"), f"{address}:80")


def ipv6(address: str) -> Iterator[str]:
    """The hosts that stand for this IPv6 address."""
    parsed = ipaddress.IPv6Address(address)
    yield from (
        f"[{address}]",
        f"[{address.upper()}]",
        f"[{parsed.exploded}]",
        f"[{parsed}]",
        f"[{parsed}%25eth0]",
        f"[{parsed}]:80",
    )
    yield str(parsed)  # without its brackets


def urls() -> list[str]:
    """All of them, each once."""
    hosts = [each for address in IPV4 for each in ipv4(address)] + [each for address in IPV6 for each in ipv6(address)]
    found = [f"http://{host}/latest/meta-data" for host in hosts] + [f"https://{host}/" for host in hosts[::7]]
    found += [f"{scheme}://10.0.0.1/x" for scheme in SCHEMES] + [f"{scheme}:{PUBLIC}" for scheme in SCHEMES]
    found += [f"http://{PUBLIC}:{port}/" for port in PORTS]
    return list(dict.fromkeys([*found, *ODD]))
