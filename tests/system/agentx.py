"""AgentX (RFC 2741): a subagent that serves nothing, and says to each phase of a SET what it
is told to say; and a master that answers to each kind of PDU what it is told to."""

import contextlib
import socket
import struct
import threading
import time

from snmp import integer

OPEN, REGISTER, TEST, COMMIT, UNDO, CLEANUP, RESPONSE = 1, 3, 8, 9, 10, 11, 18
NOTIFY, PING, NOT_OPEN = 12, 13, 257
PHASES = {TEST: "test", COMMIT: "commit", UNDO: "undo", CLEANUP: "cleanup"}
HEAD = struct.Struct(">BBBxIIII")
NETWORK_ORDER = 0x10


def _oid(name):
    return struct.pack(f">BBBx{len(name)}I", len(name), 0, 0, *name)


def _octets(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Stub:
    """Registers root; .answers says what error each phase gets, .seen which have come.
    Nothing is answered to a commit while it is .mute."""

    def __init__(self, path, root, priority=127):
        self.answers, self.seen, self.mute = {}, [], False
        self.session, self.number = 0, 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self._ask(OPEN, bytes(4) + _oid(()) + _octets(b"stub"))
        self._ask(REGISTER, bytes([0, priority, 0, 0]) + _oid(root))
        self.socket.settimeout(None)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _send(self, kind, body, transaction=0, packet=0):
        self.socket.sendall(HEAD.pack(1, kind, NETWORK_ORDER, self.session, transaction,
                                      packet, len(body)) + body)

    def _read(self, size):
        data = b""
        while len(data) < size:
            data += self.socket.recv(size - len(data)) or self._gone()
        return data

    @staticmethod
    def _gone():
        raise ConnectionError("the master has gone")

    def _receive(self):
        _, kind, _, session, transaction, packet, length = HEAD.unpack(self._read(HEAD.size))
        return kind, session, transaction, packet, self._read(length)

    def _ask(self, kind, body):
        self.number += 1
        self._send(kind, body, packet=self.number)
        kind, self.session, _, _, answer = self._receive()
        error, = struct.unpack_from(">H", answer, 4)
        if kind != RESPONSE or error:
            raise ConnectionError(f"the master answers {kind}, error {error}")

    def _serve(self):
        try:
            while True:
                kind, _, transaction, packet, _ = self._receive()
                phase = PHASES.get(kind, str(kind))
                self.seen.append(phase)
                if kind in (TEST, COMMIT, UNDO) and not (self.mute and kind == COMMIT):
                    error = self.answers.get(phase, 0)
                    self._send(RESPONSE, struct.pack(">IHH", 0, error, 1 if error else 0),
                               transaction, packet)
        except OSError:
            pass  # it is closed

    def close(self):
        with contextlib.suppress(OSError):  # the master has gone
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.socket.close()


def another(test):
    """A Stub that ends with test, and a varbind of it."""
    root = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999)  # netSnmpPlaypen
    stub = Stub(test.lab.master_socket, root)
    test.addCleanup(stub.close)
    return stub, (root + (1, 0), integer(1))


class Master:
    """Accepts any number of subagents. .errors says what a kind of PDU is answered (0);
    what is of a kind in .mute is not answered, and nothing is read while .deaf is set.
    .seen has (kind, number of the session, body) of what has come."""

    def __init__(self, path):
        self.errors, self.mute, self.seen = {}, set(), []
        self.sessions = 0
        self.deaf = threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(5)
        self.sockets = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                made, _ = self.listener.accept()
                self.sockets.append(made)
                threading.Thread(target=self._serve, args=(made,), daemon=True).start()

    def _serve(self, sock):
        data = b""
        with contextlib.suppress(OSError):
            while True:
                while self.deaf.is_set():
                    time.sleep(0.02)
                more = sock.recv(65536)
                if not more:
                    return
                data += more
                while len(data) >= HEAD.size:
                    order = ">" if data[2] & NETWORK_ORDER else "<"
                    length, = struct.unpack_from(order + "I", data, 16)
                    if len(data) < HEAD.size + length:
                        break
                    self._answer(sock, order, data[:HEAD.size + length])
                    data = data[HEAD.size + length:]

    def _answer(self, sock, order, pdu):
        kind, flags = pdu[1:3]
        session, transaction, packet = struct.unpack_from(order + "III", pdu, 4)
        if kind == OPEN:
            self.sessions += 1
            session = self.sessions
        self.seen.append((kind, session, pdu[HEAD.size:]))
        if kind not in self.mute:
            sock.sendall(struct.pack(order + "BBBxIIIIIHH", 1, RESPONSE, flags & NETWORK_ORDER,
                                     session, transaction, packet, 8, 4711,
                                     self.errors.get(kind, 0), 0))

    def kinds(self, kind):
        """What has come of that kind: [(number of the session, body)]."""
        return [(session, body) for k, session, body in self.seen[:] if k == kind]

    def close(self):
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
