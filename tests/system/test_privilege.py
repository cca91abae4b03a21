"""-u: root starts netmibd, which becomes another user and keeps CAP_NET_ADMIN. Everything
is served, set, kept and found again as it is by root. And the pid file, which is root's."""

import json
import os
import pwd
import signal

import lab
import mib
import snmp
from snmp import integer, octets
from test_set import FORWARDING, FORWARDING6, HOP_LIMIT6, LINKS, ROUTES, TTL

USER = pwd.getpwnam("nobody")
NET_ADMIN = 1 << 12
IP, IPV6_ENABLE = mib.MIB2 + (4,), mib.MIB2 + (4, 30, 1, 5)
OURS = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863)
SERVED = [mib.MIB2 + (group,) for group in (2, 3, 4, 5, 31, 77)] + [OURS]
AGES = (IP + (21, 1, 10), IP + (24, 4, 1, 8), IP + (24, 7, 1, 10))  # of routes
MOVING = (snmp.COUNTER32, snmp.COUNTER64, snmp.TIMETICKS)
ROUTE_STATUS = mib.MIB2 + (4, 24, 7, 1, 17)


def route(prefix, length, index):
    """inetCidrRouteStatus of a route over a link, without a gateway."""
    return ROUTE_STATUS + (1, 4, *prefix, length, 2, 0, 0, 0, 0), index


class Base(lab.Test):
    def setUp(self):
        self.lab = self.make_lab()
        # nobody passes through; what is in it says by itself who may read it
        os.chmod(self.lab.directory, 0o711)
        os.chown(self.lab.path("state"), USER.pw_uid, -1)
        with open(self.lab.master_config, "a") as config:
            config.write("agentXPerms 0660 0755 root nogroup\n")

    def start(self, *more, **how):
        return self.lab.start(self.mode, "-u", USER.pw_name, *more, **how)

    def status(self, daemon):
        """Of each of its threads: {field: words}."""
        found = []
        for thread in os.listdir(f"/proc/{daemon.pid}/task"):
            with open(f"/proc/{daemon.pid}/task/{thread}/status") as file:
                found.append({line.partition(":")[0]: line.partition(":")[2].split()
                              for line in file})
        return found

    def check_identity(self, daemon):
        for status in self.status(daemon):
            self.assertEqual(status["Uid"], [str(USER.pw_uid)] * 4)
            self.assertEqual(status["Gid"], [str(USER.pw_gid)] * 4)
            self.assertEqual(status["Groups"], [str(USER.pw_gid)])
            for name, value in (("CapEff", NET_ADMIN), ("CapPrm", NET_ADMIN),
                                ("CapInh", 0), ("CapAmb", 0), ("CapBnd", 0)):
                self.assertEqual(int(status[name][0], 16), value, name)
            self.assertEqual(status["NoNewPrivs"], ["1"])


class Everything:
    """In both modes."""

    def test_it_is_that_user(self):
        daemon = self.start()
        self.check_identity(daemon)
        self.assertNotIn("cannot be kept", daemon.text())
        self.assertNotIn("will not outlive", daemon.text())

    def test_status(self):
        """The folder of its socket is made before it is that user's to make."""
        self.start()
        found = json.loads(self.lab.run([lab.NETMIBD, "--status", "--json"]).stdout)
        self.assertEqual(found["mode"], "standalone" if self.mode == "standalone" else "subagent")
        for path in ("/run/netmibd", "/run/netmibd/status"):
            owner = self.lab.run(["stat", "-c", "%U %a", path]).stdout.split()
            self.assertEqual(owner, [USER.pw_name, "700" if path[-1] == "d" else "600"])

    def served(self):
        client, found = self.lab.client(), {}
        for root in SERVED:
            found.update(client.walk(root))
        client.close()
        return {name: value.tag if value.tag in MOVING or
                any(name[:len(age)] == age for age in AGES) else value
                for name, value in found.items()
                if name[:len(OURS) + 2] not in (OURS + (1, 1), OURS + (1, 7))  # since the start
                and name != IP + (33, 0)}  # another lock each time

    def test_it_serves_what_root_does(self):
        self.lab.run(["sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad"])
        self.lab.batch(LINKS + ROUTES)
        self.lab.ip("neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va")
        daemon = self.lab.start(self.mode)
        root = self.served()
        daemon.stop()
        self.start()
        user = self.served()
        self.assertGreater(len(root), 1000)
        self.assertEqual({snmp.show(name): (root.get(name), user.get(name))
                          for name in root.keys() | user.keys()
                          if root.get(name) != user.get(name)}, {})

    def test_it_sets_and_keeps(self):
        self.lab.batch(LINKS[:3])
        self.start()
        index = self.lab.index("va")
        client = self.lab.client(community="private")
        client.set((mib.cell("ifAlias", index), octets(b"kept")))
        client.set((FORWARDING, integer(1)), (TTL, integer(77)))
        client.set((FORWARDING6, integer(1)), (HOP_LIMIT6, integer(78)))
        client.set((IPV6_ENABLE + (index,), integer(2)))
        client.set((mib.cell("ifAdminStatus", index), integer(2)))
        self.assertEqual(self.lab.outputs(
            "cat /proc/sys/net/ipv4/ip_forward", "cat /proc/sys/net/ipv4/ip_default_ttl",
            "cat /proc/sys/net/ipv6/conf/all/forwarding",
            "cat /proc/sys/net/ipv6/conf/all/hop_limit",
            "cat /proc/sys/net/ipv6/conf/va/disable_ipv6"),
            ["1\n", "77\n", "1\n", "78\n", "1\n"])
        link = self.lab.links()[index]
        self.assertEqual(link["ifalias"], "kept")
        self.assertNotIn("UP", link["flags"])
        path = self.lab.path("state/netmibd-set.conf")
        self.assertEqual(os.stat(path).st_uid, USER.pw_uid)
        with open(path) as file:
            self.assertIn("kept", file.read())


class Standalone(Everything, Base):
    mode = "standalone"

    def test_a_port_that_only_root_may_open(self):
        self.lab.configure("standalone")
        daemon = lab.Netmibd(self.lab, [
            "--standalone=udp:127.0.0.1:161", "-f", "-C", "-c", self.lab.config, "-Le",
            "--user", USER.pw_name])
        client = self.lab.client(port=161)
        lab.wait_until(lambda: self.lab.answers(client, mib.IF_NUMBER), 10, "port 161")
        self.check_identity(daemon)

    def test_its_folder_is_made(self):
        folder = self.lab.path("var")
        os.mkdir(folder)
        self.lab.environment = lambda **more: lab.environment(
            SNMPCONFPATH=self.lab.path("etc"), SNMP_PERSISTENT_DIR=folder + "/netmibd")
        daemon = self.start()
        status = os.stat(folder + "/netmibd")
        self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o777),
                         (USER.pw_uid, USER.pw_gid, 0o700))
        self.assertNotIn("will not outlive", daemon.text())

    def refused(self, argv):
        done = self.lab.run(argv, check=False, timeout=10)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def command(self, *more):
        self.lab.configure("standalone")
        return [lab.NETMIBD, *self.lab.arguments("standalone"), *more]

    def test_no_such_user(self):
        self.assertIn("-u nobody-at-all: there is no such user",
                      self.refused(self.command("-u", "nobody-at-all")))

    def test_only_root_can(self):
        who = ["setpriv", f"--reuid={USER.pw_uid}", "--clear-groups"]
        self.assertIn("-u root: only root can become another user",
                      self.refused(who + self.command("-u", "root")))

    def test_a_configuration_that_user_may_not_read(self):
        # said at the start, and not at the first SIGHUP
        command = self.command("-u", USER.pw_name)
        os.chmod(self.lab.config, 0o600)
        self.assertIn(self.lab.config, self.refused(command))

    def test_a_file_of_the_folder_that_user_may_not_read(self):
        # the library passes over it, with all that it forbids
        path = self.lab.write("etc/netmibd.conf", "netmibdWrite off\n")
        command = [word for word in self.command("-u", USER.pw_name) if word != "-C"]
        os.chmod(path, 0o600)
        self.assertIn(f"{path}: Permission denied", self.refused(command))

    def test_pid_file(self):
        path = self.lab.path("pid")
        daemon = self.start("-p", path)
        with open(path) as file:
            self.assertEqual(file.read(), f"{daemon.pid}\n")
        self.assertEqual(os.stat(path).st_uid, 0)
        daemon.stop()
        self.assertEqual(os.stat(path).st_size, 0)  # the folder is root's

    def test_pid_file_that_is_not_ours(self):
        path = self.lab.write("pid", "1\n")
        self.refused(self.command("-p", path, "-u", "nobody-at-all"))
        with open(path) as file:
            self.assertEqual(file.read(), "1\n")
        os.symlink(path, self.lab.path("link"))
        self.assertIn("it is a symbolic link",
                      self.refused(self.command("-p", self.lab.path("link"))))
        with open(path) as file:
            self.assertEqual(file.read(), "1\n")


class AgentX(Everything, Base):
    mode = "agentx"

    def test_the_master_comes_back(self):
        daemon = self.start()
        self.lab.snmpd.stop()
        self.lab.start_snmpd()
        self.lab.wait_ready(daemon)
        self.check_identity(daemon)

    def test_a_socket_that_user_may_not_open(self):
        self.lab.write("snmpd.conf", "rocommunity public\nmaster agentx\n"
                       f"agentXSocket {self.lab.master_socket}\n")
        daemon = self.start(wait=False)
        lab.wait_until(lambda: "no AgentX master" in daemon.text(), 5, "its notice")
        daemon.send(signal.SIGTERM)
