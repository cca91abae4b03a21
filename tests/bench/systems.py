"""The systems that the benches measure: agents and masters, running, and their client.

SYSTEMS says what there is; bench.py has in its docstring what each of them is.  System
is one of them for `with`; a bench that waits for something of its own, or has its null
subagent answer for something else, makes a class of it.

Used by bench.py, routes.py, sets.py and traps.py.
"""

import os
import re
import shutil
import socket
import subprocess
import time

import lab

NULL, CLIENT = "build/bench/null", "build/bench/client"
SNMPD = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
NO_MODULES = "-smux,mteTrigger,mteTriggerConf"
IF, IFX = "1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1"
IF_NUMBER, SYS_UPTIME = "1.3.6.1.2.1.2.1.0", "1.3.6.1.2.1.1.3.0"

SYSTEMS = {  # name: port, agent, follows its master, its master's CPU
    "snmpd": (1161, "snmpd", None, None),
    "standalone": (1162, "netmibd", None, None),
    "agentx": (1163, "netmibd", False, None),
    "null": (1163, "null", False, None),
    "agentx+follow": (1163, "netmibd", True, None),
    "null+follow": (1163, "null", True, None),
    "agentx+pinned": (1163, "netmibd", True, 0),
    "null+pinned": (1163, "null", True, 0),
}
PAIRS = {"standalone": "snmpd", "agentx": "null", "agentx+follow": "null+follow",
         "agentx+pinned": "null+pinned"}
OURS = [name for name, system in SYSTEMS.items() if system[1] == "netmibd"]

netmibd = "build/netmibd"  # the binary to measure


def write_confs():
    for name, port in (("snmpd", 1161), ("master", 1163)):
        with open(lab.path(name + ".conf"), "w") as f:
            f.write(f"rocommunity public\nrwcommunity private\n"
                    f"agentAddress udp:127.0.0.1:{port}\n"
                    f"master agentx\nagentXSocket {agentx_socket(name)}\n")
    with open(lab.path("standalone.conf"), "w") as f:
        f.write("rocommunity public\nrwcommunity private\n")
    for follow in ("yes", "no"):
        with open(lab.path(f"follow-{follow}.conf"), "w") as f:
            f.write(f"netmibdFollowMaster {follow}\n")


def agentx_socket(name):
    return "unix:" + lab.path(name + ".agentx")


def start_snmpd(name, modules, cpu=None):
    return lab.Child(name, [
        SNMPD, "-f", "-C", "-c", lab.path(name + ".conf"), "-Lf",
        lab.path(name + "-snmp.log"), "-p", lab.path(name + ".pid"), "-I", modules], cpu)


def start_netmibd(name, conf, *where):
    return lab.Child(name, [netmibd, *where, "-f", "-C", "-c", lab.path(conf), "-Lf",
                            lab.path(name + "-snmp.log")])


class System:
    """One of SYSTEMS, running, for `with`; .ready is the time it took to answer right."""

    master_modules = NO_MODULES + ",ifTable,ifXTable"

    def __init__(self, name, links):
        self.name, self.links = name, links
        self.port, self.agent, self.follow, self.cpu = SYSTEMS[name]
        self.children = []

    def __enter__(self):
        self.getter = lab.Getter(self.port)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.stop()
        self.getter.close()

    def start(self):
        if self.port == 1163:
            self.children.append(start_snmpd("master", self.master_modules, self.cpu))
            self.wait(SYS_UPTIME, lambda value: value is not None)
        if self.agent == "snmpd":
            child = start_snmpd("snmpd", NO_MODULES)
        elif self.name == "standalone":
            child = start_netmibd(self.name, "standalone.conf",
                                  f"--standalone=udp:127.0.0.1:{self.port}")
        elif self.agent == "netmibd":
            child = start_netmibd(
                self.name, f"follow-{'yes' if self.follow else 'no'}.conf", "-x",
                agentx_socket("master"))
        else:
            child = lab.Child(self.name, [NULL, "-x", agentx_socket("master"),
                                          *self.null_options(), *["-F"] * self.follow])
        self.children.append(child)
        self.wait_ready()

    def null_options(self):
        return ["-n", str(self.links)]

    def wait_ready(self):
        if self.agent != "null":
            self.ready = self.wait(IF_NUMBER, lambda value: value == self.links)
        last = self.links if self.agent == "null" else max(socket.if_nameindex())[0]
        self.wait(f"{IF}.1.1.{last}", lambda value: value == last)
        self.wait(f"{IFX}.1.1.{last}", lambda value: value is not None)

    def wait(self, oid, right, seconds=60):
        """Ask for OID until the answer is right: seconds since the last child's exec."""
        child = self.children[-1]
        while True:
            value = self.getter.get(oid, timeout=1)
            took = time.perf_counter() - child.started
            if right(value):
                return took
            child.check()
            if took > seconds:
                raise RuntimeError(f"{self.name}: {oid} is {value} after {seconds} s")
            time.sleep(0.001)

    def cpu_seconds(self):
        return sum(child.cpu_seconds() for child in self.children)

    def client_command(self, mode, rest, limit=100, community="public"):
        options = []
        while rest and rest[0].startswith("-"):
            options.append(rest.pop(0))
        return [CLIENT, "-T", str(limit), *options, mode, f"127.0.0.1:{self.port}",
                community, *rest]

    def client(self, mode, *rest, limit=100, **how):
        """What the client found, as a dictionary, with the CPU time of the agents."""
        before = self.cpu_seconds()
        done = subprocess.run(self.client_command(mode, list(rest), limit, **how),
                              capture_output=True, text=True, timeout=limit + 20)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stderr.strip() or done.returncode}")
        found = read_figures(done.stdout)
        found["cpu"] = self.cpu_seconds() - before
        return found


def read_figures(text):
    """The figures in a line of KEY=NUMBER, as our programs print it."""
    return {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", text)}
