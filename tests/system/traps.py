"""A receiver of notifications: stock snmptrapd in a Lab, and what it has received.

    receiver = traps.Receiver(lab)      # before the agents, which need its address
    receiver.sink("agentx")             # a line in snmpd.conf or netmibd.conf
    receiver.take(1)                    # [Notice(name=OID, varbinds={OID: value})]
"""

import collections
import re

import lab as laboratory
import snmp

PORT = 1162
NOTICE_OID = "1.3.6.1.6.3.1.1.4.1.0"
LEFT_OUT = ("1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.3.0")  # sysUpTime, snmpTrapEnterprise
# what snmpd says of itself: cold and warm start, authentication, nsNotify...
OF_THE_AGENT = re.compile(r"1\.3\.6\.1\.6\.3\.1\.1\.5\.[125]$|1\.3\.6\.1\.4\.1\.8072\.4\.")

Notice = collections.namedtuple("Notice", "name varbinds")  # varbinds: [(OID, value)]
# how it came: "TRAP2, SNMP v3, user u, context "; v1: the generic number, the specific one
Message = collections.namedtuple("Message", "how generic specific notice")


def unavailable():
    return None if laboratory.tool("snmptrapd") else "snmptrapd is not installed"


def _value(text):
    """Of what -On -Oe -Ox prints."""
    kind, _, rest = text.strip().partition(": ")
    if kind == "Hex-STRING":
        return bytes.fromhex(rest)
    if kind == "OID":
        return snmp.oid(rest.strip().lstrip("."))
    if kind in ("INTEGER", "Gauge32", "Counter32"):
        return int(rest)
    if text.strip() == '""':
        return b""
    return text.strip()


def messages(text):
    found = []
    for part in re.findall(r"^BEGIN;(.*?);END$", text, re.M | re.S):
        how, generic, specific, part = part.split(";", 3)
        varbinds = [varbind.partition(" = ")[::2] for varbind in part.split(";") if varbind]
        pairs = [(name.strip().lstrip("."), _value(value)) for name, value in varbinds]
        name = dict(pairs).get(NOTICE_OID, ())  # in v1 there is none
        rest = [(snmp.oid(at), value) for at, value in pairs
                if at not in LEFT_OUT + (NOTICE_OID,)]
        if name and OF_THE_AGENT.match(snmp.show(name)[1:]):
            continue
        if name or generic in ("2", "3"):
            found.append(Message(how, generic, specific, Notice(name, rest)))
    return found


def parse(text):
    return [message.notice for message in messages(text)]


class Receiver(laboratory.Process):
    def __init__(self, lab, port=PORT, config=""):
        self.address = f"udp:127.0.0.1:{port}"
        config = lab.write("snmptrapd.conf", f"disableAuthorization yes\n{config}")
        super().__init__(lab, "snmptrapd", [
            "snmptrapd", "-f", "-C", "-c", config, "-Le", "-On", "-Oe", "-Ox",
            "--hexOutputLength=0", "-F", r"BEGIN;%P;%w;%q;%V;%v;END\n", self.address])
        self.passed = 0
        laboratory.wait_until(lambda: "NET-SNMP version" in self.text(), 10,
                              "snmptrapd listens")

    def sink(self, mode, line="trap2sink {} public"):
        """Makes the agent of that mode, which is to be started, send here."""
        line = line.format(self.address)
        if mode == "standalone":
            self.lab.access.append(line)
        else:
            with open(self.lab.master_config, "a") as file:
                file.write(line + "\n")

    def messages(self):
        """All that have come, and how."""
        return messages(self.text())

    def all(self):
        return parse(self.text())

    def new(self):
        """What has come since it was asked last."""
        found = self.all()[self.passed:]
        self.passed += len(found)
        return found

    def take(self, count, seconds=5):
        """The next ones: that many."""
        def enough():
            return len(self.all()) >= self.passed + count
        try:
            laboratory.wait_until(enough, seconds, f"{count} notifications")
        except AssertionError as error:
            raise AssertionError(f"{error}; there were {self.new()}") from None
        return self.new()
