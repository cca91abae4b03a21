"""A small SNMP v1 and v2c client that believes nothing.

It encodes and decodes BER itself, and raises Malformed for what a lenient decoder would
let pass: numbers that are not as short as they can be or out of range, lengths that do
not add up, octets left over, an answer that is not the one to the question.

OIDs are tuples of int. A value is a Value(tag, value); the three exceptions of v2c are
the constants NO_OBJECT, NO_INSTANCE and END.
"""

import collections
import random
import socket
import time

INTEGER, OCTETS, NULL, OBJECT_ID = 0x02, 0x04, 0x05, 0x06
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = (
    0x40, 0x41, 0x42, 0x43, 0x44, 0x46)
TAG_NAMES = {INTEGER: "INTEGER", OCTETS: "OCTETS", NULL: "NULL", OBJECT_ID: "OID",
             IP_ADDRESS: "IpAddress", COUNTER32: "Counter32", GAUGE32: "Gauge32",
             TIMETICKS: "TimeTicks", OPAQUE: "Opaque", COUNTER64: "Counter64",
             0x80: "noSuchObject", 0x81: "noSuchInstance", 0x82: "endOfMibView"}
UNSIGNED_MAX = {COUNTER32: 2**32 - 1, GAUGE32: 2**32 - 1, TIMETICKS: 2**32 - 1,
                COUNTER64: 2**64 - 1}
GET, GETNEXT, RESPONSE, SET, GETBULK = 0xa0, 0xa1, 0xa2, 0xa3, 0xa5
V1, V2C = 0, 1
NO_ERROR, TOO_BIG, NO_SUCH_NAME, BAD_VALUE, READ_ONLY, GEN_ERR = range(6)
(NO_ACCESS, WRONG_TYPE, WRONG_LENGTH, WRONG_ENCODING, WRONG_VALUE, NO_CREATION,
 INCONSISTENT_VALUE, RESOURCE_UNAVAILABLE, COMMIT_FAILED, UNDO_FAILED,
 AUTHORIZATION_ERROR, NOT_WRITABLE, INCONSISTENT_NAME) = range(6, 19)


class Value(collections.namedtuple("Value", "tag value")):
    __slots__ = ()

    def __repr__(self):
        return f"{TAG_NAMES.get(self.tag, hex(self.tag))}:{self.value!r}"

    @property
    def exception(self):
        return self.tag in (0x80, 0x81, 0x82)


def integer(number):
    return Value(INTEGER, number)


def octets(data):
    return Value(OCTETS, data)


NO_OBJECT, NO_INSTANCE, END = Value(0x80, None), Value(0x81, None), Value(0x82, None)


class Malformed(Exception):
    """The answer is not well formed, or not an answer to the question."""


class Timeout(Exception):
    """No answer."""


class Refused(Exception):
    """The answer has an error status."""

    def __init__(self, status, index):
        super().__init__(f"error-status {status}, error-index {index}")
        self.status, self.index = status, index


def oid(text):
    return tuple(int(sub) for sub in text.strip(".").split("."))


def show(name):
    return "." + ".".join(map(str, name))


def _tlv(tag, body):
    length = len(body)
    if length < 128:
        return bytes([tag, length]) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def _integer(number, tag=INTEGER):
    return _tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def _oid_body(name):
    body = bytearray()
    for sub in (name[0] * 40 + name[1],) + tuple(name[2:]):
        part = [sub & 0x7f]
        sub >>= 7
        while sub:
            part.append(0x80 | sub & 0x7f)
            sub >>= 7
        body += bytes(reversed(part))
    return bytes(body)


def _encode_value(value):
    if value.tag == INTEGER or value.tag in UNSIGNED_MAX:
        return _integer(value.value, value.tag)
    if value.tag == OBJECT_ID:
        return _tlv(value.tag, _oid_body(value.value))
    return _tlv(value.tag, value.value or b"")


def encode(version, community, kind, number, first, second, names, values=None):
    """A message; values, one for each name, or all of them NULL."""
    varbinds = b"".join(
        _tlv(0x30, _tlv(OBJECT_ID, _oid_body(name)) + _encode_value(value))
        for name, value in zip(names, values or [Value(NULL, None)] * len(names)))
    pdu = _tlv(kind, _integer(number) + _integer(first) + _integer(second) +
               _tlv(0x30, varbinds))
    return _tlv(0x30, _integer(version) + _tlv(OCTETS, community) + pdu)


class _Reader:
    """Reads what stands between at and end, and no octet more."""

    def __init__(self, data, at=0, end=None):
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    def head(self):
        if self.at + 2 > self.end:
            raise Malformed("cut short")
        tag, length = self.data[self.at], self.data[self.at + 1]
        self.at += 2
        if length & 0x80:
            octets = length & 0x7f
            if not 1 <= octets <= 4 or self.at + octets > self.end:
                raise Malformed(f"length of {octets} octets")
            length = int.from_bytes(self.data[self.at:self.at + octets], "big")
            self.at += octets
        if self.at + length > self.end:
            raise Malformed(f"length {length} goes beyond the end")
        return tag, length

    def enter(self, *wanted):
        tag, length = self.head()
        if tag not in wanted:
            raise Malformed(f"tag {tag:#x}, not {wanted}")
        inner = _Reader(self.data, self.at, self.at + length)
        self.at += length
        return tag, inner

    def body(self):
        return self.data[self.at:self.end]

    def integer(self):
        return _signed(self.enter(INTEGER)[1].body())

    def finish(self):
        if self.at != self.end:
            raise Malformed(f"{self.end - self.at} octets left over")


def _signed(body, octets=4):
    if not body:
        raise Malformed("number without an octet")
    if len(body) > 1 and (body[0] == 0 and body[1] < 0x80 or
                          body[0] == 0xff and body[1] >= 0x80):
        raise Malformed(f"number {body.hex()} is too long")
    number = int.from_bytes(body, "big", signed=True)
    if not -2**(8 * octets - 1) <= number < 2**(8 * octets - 1):
        raise Malformed(f"number {number} is out of range")
    return number


def _decode_oid(body):
    if not body or body[-1] & 0x80:
        raise Malformed(f"OID {body.hex()}")
    subs, number, fresh = [], 0, True
    for octet in body:
        if fresh and octet == 0x80:
            raise Malformed("sub-identifier is too long")
        number = number << 7 | octet & 0x7f
        if number > 2**32 - 1:
            raise Malformed("sub-identifier beyond 32 bits")
        fresh = not octet & 0x80
        if fresh:
            subs.append(number)
            number = 0
    first = min(subs[0] // 40, 2)
    return (first, subs[0] - 40 * first) + tuple(subs[1:])


def _decode_value(tag, body):
    if tag == INTEGER:
        return Value(tag, _signed(body))
    if tag in UNSIGNED_MAX:
        number = _signed(body, 9)
        if not 0 <= number <= UNSIGNED_MAX[tag]:
            raise Malformed(f"{TAG_NAMES[tag]} {number}")
        return Value(tag, number)
    if tag in (OCTETS, OPAQUE):
        return Value(tag, bytes(body))
    if tag == OBJECT_ID:
        return Value(tag, _decode_oid(body))
    if tag == IP_ADDRESS and len(body) == 4:
        return Value(tag, bytes(body))
    if tag in (NULL, 0x80, 0x81, 0x82) and not body:
        return Value(tag, None)
    raise Malformed(f"value of tag {tag:#x} and {len(body)} octets")


def decode(data):
    """(version, community, PDU tag, request id, status, index, [(oid, Value)])"""
    outer = _Reader(data)
    _, message = outer.enter(0x30)
    outer.finish()
    version = message.integer()
    community = message.enter(OCTETS)[1].body()
    kind, pdu = message.enter(GET, GETNEXT, RESPONSE, SET, GETBULK)
    message.finish()
    number, status, index = pdu.integer(), pdu.integer(), pdu.integer()
    _, items = pdu.enter(0x30)
    pdu.finish()
    varbinds = []
    while items.at < items.end:
        _, item = items.enter(0x30)
        name = _decode_oid(item.enter(OBJECT_ID)[1].body())
        tag, length = item.head()
        varbinds.append((name, _decode_value(tag, item.data[item.at:item.at + length])))
        item.at += length
        item.finish()
    return version, community, kind, number, status, index, varbinds


class Client:
    """Asks one agent through a socket that was made in the agent's namespace."""

    def __init__(self, sock, address, community="public", version=V2C):
        self.socket, self.address = sock, address
        self.community, self.version = community.encode(), version
        self.number = random.randrange(1, 2**30)
        self.timeout, self.retries = 2.0, 3
        self.silent = 0  # questions that had to be asked again

    def close(self):
        self.socket.close()

    def exchange(self, kind, names, first=0, second=0, timeout=None, retries=None,
                 values=None):
        """The varbinds of the answer; raises Timeout, Refused or Malformed."""
        self.number += 1
        names = [oid(name) if isinstance(name, str) else tuple(name) for name in names]
        question = encode(self.version, self.community, kind, self.number, first, second,
                          names, values)
        for attempt in range((self.retries if retries is None else retries) + 1):
            self.silent += attempt > 0
            answer = self._ask(question, self.timeout if timeout is None else timeout)
            if answer:
                break
        else:
            raise Timeout(f"no answer to {kind:#x} of {[show(n) for n in names[:3]]}")
        status, index, varbinds = answer
        if status:
            raise Refused(status, index)
        return varbinds

    def _ask(self, question, timeout):
        end = time.monotonic() + timeout
        try:
            self.socket.sendto(question, self.address)
            while (left := end - time.monotonic()) > 0:
                self.socket.settimeout(left)
                got = decode(self.socket.recvfrom(65536)[0])
                version, community, kind, number, status, index, varbinds = got
                if number < self.number:
                    continue  # late answer to an earlier attempt
                if (version, community, kind, number) != (
                        self.version, self.community, RESPONSE, self.number):
                    raise Malformed(f"answer {got[:4]} to request {self.number}")
                return status, index, varbinds
        except (TimeoutError, ConnectionRefusedError):
            time.sleep(max(0.0, min(0.05, end - time.monotonic())))
        return None

    def get(self, *names, **how):
        """The Values of the names, in their order."""
        names = [oid(name) if isinstance(name, str) else tuple(name) for name in names]
        varbinds = self.exchange(GET, names, **how)
        if [name for name, _ in varbinds] != names:
            raise Malformed(f"GET of {names} answers {varbinds}")
        return [value for _, value in varbinds]

    def value(self, name, **how):
        """The plain value of one name; an exception gives None."""
        return self.get(name, **how)[0].value

    def next(self, *names, **how):
        varbinds = self.exchange(GETNEXT, names, **how)
        if len(varbinds) != len(names):
            raise Malformed(f"{len(varbinds)} varbinds for {len(names)}")
        return varbinds

    def set(self, *varbinds, timeout=None):
        """Sends (OID, Value)...; the varbinds of the answer, which must be the same. It is
        sent once: what is lost may have been done."""
        names = [oid(name) if isinstance(name, str) else tuple(name)
                 for name, _ in varbinds]
        values = [value for _, value in varbinds]
        timeout = 5 * self.timeout if timeout is None else timeout
        answer = self.exchange(SET, names, timeout=timeout, retries=0, values=values)
        if answer != list(zip(names, values)):
            raise Malformed(f"SET of {varbinds} answers {answer}")
        return answer

    def bulk(self, names, repetitions=25, nonrepeaters=0, **how):
        return self.exchange(GETBULK, names, nonrepeaters, repetitions, **how)

    def _chunk(self, at, repetitions):
        if self.version == V2C:
            return self.bulk([at], repetitions)
        try:
            return self.next(at)
        except Refused as refused:
            if refused.status != NO_SUCH_NAME:
                raise
            return [(at, END)]

    def walk(self, root, repetitions=40):
        """{oid: Value} of what lies under root; Malformed if the order is not increasing."""
        root = oid(root) if isinstance(root, str) else tuple(root)
        found, at = {}, root
        while True:
            varbinds = self._chunk(at, repetitions)
            if not varbinds:
                raise Malformed("empty answer to a walk")
            for name, value in varbinds:
                if value == END or name[:len(root)] != root:
                    return found
                if name <= at:
                    raise Malformed(f"{show(name)} after {show(at)}")
                if value.exception or value.tag == NULL:
                    raise Malformed(f"{show(name)} = {value} in a walk")
                found[name] = value
                at = name
