"""An AgentX subagent (RFC 2741) that serves nothing, and says to each phase of a SET what
it is told to say."""

import socket
import struct
import threading

OPEN, REGISTER, TEST, COMMIT, UNDO, CLEANUP, RESPONSE = 1, 3, 8, 9, 10, 11, 18
PHASES = {TEST: "test", COMMIT: "commit", UNDO: "undo", CLEANUP: "cleanup"}
HEAD = struct.Struct(">BBBxIIII")
NETWORK_ORDER = 0x10


def _oid(name):
    return struct.pack(f">BBBx{len(name)}I", len(name), 0, 0, *name)


def _octets(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Stub:
    """Registers root; .answers says what error each phase gets, .seen which have come."""

    def __init__(self, path, root):
        self.answers, self.seen = {}, []
        self.session, self.number = 0, 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self._ask(OPEN, bytes(4) + _oid(()) + _octets(b"stub"))
        self._ask(REGISTER, bytes([0, 127, 0, 0]) + _oid(root))
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
                if kind in (TEST, COMMIT, UNDO):
                    error = self.answers.get(phase, 0)
                    self._send(RESPONSE, struct.pack(">IHH", 0, error, 1 if error else 0),
                               transaction, packet)
        except OSError:
            pass  # it is closed

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.socket.close()
