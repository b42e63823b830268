"""Tries to reach what targets.json lists from inside a machine, as root, and prints a line of JSON for each: what was tried, and what came of it."""

import errno
import json
import os
import select
import socket
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor

OWN_MAC = bytes.fromhex(open("/sys/class/net/eth0/address").read().strip().replace(":", ""))
EVERYBODY = b"\xff" * 6
QEMU_MAC = bytes.fromhex("52550a000202")


def tell(kind, target, result):
    print("RESULT " + json.dumps({"kind": kind, "target": target, "result": result}), flush=True)


def named(error):
    if isinstance(error, TimeoutError):
        return "timeout"
    return errno.errorcode.get(error.errno, str(error))


def tcp(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.settimeout(4)
            one.connect((address, port))
            return "open"
    except OSError as error:
        return named(error)


def udp(address, port, payload):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as one:
            one.settimeout(1)
            one.connect((address, port))
            one.send(payload)
            return "answer " + one.recv(2000).hex()
    except OSError as error:
        return named(error)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ping(address):
    """An echo request of a raw socket."""
    body = b"\x08\x00\x00\x00" + struct.pack("!HH", os.getpid() & 0xFFFF, 1) + b"terrarium"
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as one:
            one.sendto(body, (address, 0))
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                if not select.select([one], [], [], end - time.monotonic())[0]:
                    break
                packet = one.recv(2000)
                if packet[20] == 0 and packet[24:26] == body[4:6]:
                    return "answer"
        return "timeout"
    except OSError as error:
        return named(error)


def ipv4(source, destination, protocol, body):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 7, 0, 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def syn(source, destination, port):
    head = struct.pack("!HHIIBBHHH", 40000 + port % 20000, port, 1, 0, 0x50, 2, 8192, 0, 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, 6, len(head))
    return ipv4(source, destination, 6, head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:])


def arp(address, source="10.0.2.15"):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, OWN_MAC, socket.inet_aton(source), b"\0" * 6, socket.inet_aton(address))


def ipv6(body, destination):
    source = socket.inet_pton(socket.AF_INET6, "fe80::1234")
    target = socket.inet_pton(socket.AF_INET6, destination)
    pseudo = source + target + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    return struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + source + target + body


def frames(targets):
    """Ethernet frames that no honest guest sends: foreign senders, foreign networks, tags, protocols that QEMU may not know."""
    made = []
    for address, port in targets:
        for source in ("10.0.2.15", "10.0.2.77", "10.0.2.2", "127.0.0.1", "192.168.7.7"):
            for mac in (QEMU_MAC, EVERYBODY):
                made.append((mac, 0x0800, syn(source, address, port)))
        made.append((QEMU_MAC, 0x8100, struct.pack("!HH", 7, 0x0800) + syn("10.0.2.15", address, port)))
    for address in ("10.0.2.2", "10.0.2.3", "10.0.2.4", "10.0.2.15", "10.0.2.16", "169.254.169.254", "127.0.0.1", "192.168.1.1"):
        made.append((EVERYBODY, 0x0806, arp(address)))
    solicit = b"\x85\0\0\0\0\0\0\0"
    echo = b"\x80\0\0\0\0\x01\0\x01"
    made += [(b"\x33\x33\0\0\0\x02", 0x86DD, ipv6(solicit, "ff02::2")), (b"\x33\x33\0\0\0\x01", 0x86DD, ipv6(echo, "ff02::1"))]
    made += [(EVERYBODY, kind, b"\x42" * 60) for kind in (0x88CC, 0x8863, 0x8137, 0x0001, 0x9000)]
    return made


def describe(frame):
    kind = struct.unpack("!H", frame[12:14])[0]
    if kind == 0x0806:
        return "arp " + socket.inet_ntoa(frame[28:32])
    if kind != 0x0800:
        return f"ethertype {kind:04x}"
    source, protocol, body = socket.inet_ntoa(frame[26:30]), frame[23], frame[34:]
    if protocol == 6:
        return f"tcp {source} " + ("syn" if body[13] & 2 else "reset" if body[13] & 4 else "other")
    return f"protocol {protocol} {source}"


def raw(targets):
    """What comes back from all those frames."""
    heard = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as one:
        one.bind(("eth0", 0))
        for mac, kind, body in frames(targets):
            one.send(mac + OWN_MAC + struct.pack("!H", kind) + body)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            if not select.select([one], [], [], max(0, end - time.monotonic()))[0]:
                break
            frame, source = one.recvfrom(2000)
            if source[2] == socket.PACKET_OUTGOING or frame[6:12] == OWN_MAC:
                continue
            ssh = frame[12:14] == b"\x08\x00" and frame[23] == 6 and struct.unpack("!H", frame[36:38])[0] == 22
            if not ssh:
                heard.add(describe(frame))
    return sorted(heard)


def itself():
    """Where QEMU's forwarding of SSH leads: how many connections this machine's own SSH server has before and after."""

    def count():
        return sum(line.split()[1].endswith(":0016") and line.split()[3] == "01" for path in ("/proc/net/tcp", "/proc/net/tcp6") for line in open(path).readlines()[1:])

    before = count()
    with socket.create_connection(("10.0.2.2", 2222), 4):
        end = time.monotonic() + 4
        while count() == before and time.monotonic() < end:
            time.sleep(0.05)
        return f"{count() - before} more of its own"


def dhcp_offer():
    """All that QEMU's own DHCP tells: the addresses in its offer."""
    body = struct.pack("!BBBBIHH4s4s4s4s16s192s", 1, 1, 6, 0, 7, 0, 0x8000, *(b"\0" * 4,) * 4, OWN_MAC + b"\0" * 10, b"") + b"\x63\x82\x53\x63\x35\x01\x01\xff"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        one.bind(("", 68))
        one.settimeout(2)
        one.sendto(body, ("255.255.255.255", 67))
        try:
            offer = one.recv(2000)
        except OSError as error:
            return named(error)
    options, found = offer[240:], []
    while options and options[0] != 255:
        length = options[1]
        if options[0] in (1, 3, 6, 54):
            found.append(f"{options[0]}={socket.inet_ntoa(options[2:6])}")
        elif options[0] not in (51, 53):
            found.append(f"{options[0]}:{options[2 : 2 + length].hex()}")
        options = options[2 + length :]
    return " ".join([socket.inet_ntoa(offer[16:20]), *found])


def main():
    targets = json.load(open("targets.json"))
    # Beside each other: nobody answers for some addresses, which takes seconds to be known.
    with ThreadPoolExecutor(16) as several:
        for (address, port), result in zip(targets["tcp"], several.map(lambda target: tcp(*target), targets["tcp"])):
            tell("tcp", f"{address}:{port}", result)
        for (address, port, _), result in zip(targets["udp"], several.map(lambda target: udp(*target[:2], bytes.fromhex(target[2])), targets["udp"])):
            tell("udp", f"{address}:{port}", result)
    for address in targets["ping"]:
        tell("ping", address, ping(address))
    tell("dhcp", "eth0", dhcp_offer())
    tell("raw", "eth0", raw(targets["raw"]))
    tell("ssh", "10.0.2.2:2222", itself())
    os.system("ip -6 addr add fec0::15/64 dev eth0 2>/dev/null; ip -6 route replace default via fec0::2 dev eth0 2>/dev/null")
    with ThreadPoolExecutor(16) as several:
        for address, result in zip(targets["ipv6"], several.map(lambda address: tcp(address, targets["port"]), targets["ipv6"])):
            tell("ipv6", address, result)
    print("PROBED", flush=True)


sys.exit(main())
