"""Names and aliases with odd octets: they do no harm, and are shown as documented: a
character that is not printable ASCII is a question mark."""

import lab
import mib

# No '%': the kernel takes it for a template.
NAMES = [b'a\'"\\{}', b"&<>;|*?!#~", b"\xc3\xa4\xe2\x82\xac", b"\xf0\x9f\x90\xa7x",
         b"\x01\x02\x1b[31m", b"\x7f", b"\xff\xfe\xfd", b"$(id)`id`", b"-x", b"15-octet-name-x"]
ALIASES = [b"plain", b"\xc3\xa4" * 40, b"\xff" * 255, b"\x01\x02\n\r\t\x1b[2J", b"%n%s%p" * 9,
           b"x" * 255, b"y" * 64, b"y" * 63 + b"\xc3\xa4" + b"z", b" lead and trail "]


class Names:
    """In both modes; mode says which."""

    def setUp(self):
        self.lab = self.make_lab(ipv6=False)
        self.lab.ip("link add plain type ifb")
        self.lab.ip("link set plain up alias untouched")
        self.plain = self.lab.index("plain")
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()

    def others_are_unaffected(self):
        self.assertEqual(
            [v.value for v in self.client.get(mib.cell("ifName", self.plain),
                                              mib.cell("ifAlias", self.plain),
                                              mib.cell("ifName", 1))],
            [b"plain", b"untouched", b"lo"])
        self.assertTrue(self.daemon.running())

    def test_names(self):
        for number, name in enumerate(NAMES):
            index = 1000 + number
            self.lab.ip("link add index", [str(index)], ["name", name], "type ifb")
            self.assertEqual(self.client.value(mib.cell("ifName", index)),
                             mib.display(name, 255), name)
            self.assertEqual(self.client.value(mib.cell("ifDescr", index)),
                             mib.display(name, 255), name)
            self.others_are_unaffected()
        self.assertEqual(len(mib.column(self.client, "ifName")), 2 + len(NAMES))
        self.daemon.report()

    def test_names_at_the_start(self):
        self.daemon.stop()
        for number, name in enumerate(NAMES):
            self.lab.ip("link add index", [str(1000 + number)], ["name", name], "type ifb")
        self.daemon = self.lab.start(self.mode)
        found = mib.column(self.client, "ifName")
        self.assertEqual({index: name for index, name in found.items() if index >= 1000},
                         {1000 + number: mib.display(name, 255)
                          for number, name in enumerate(NAMES)})

    def test_aliases(self):
        self.lab.ip("link add odd type ifb")
        self.lab.ip("link set odd up")
        odd = self.lab.index("odd")
        for alias in ALIASES:
            self.lab.ip("link set odd alias", [alias])
            self.assertEqual(self.client.value(mib.cell("ifAlias", odd)),
                             mib.display(alias, 64), alias)
            self.others_are_unaffected()

    def test_aliases_at_the_start(self):
        self.daemon.stop()
        for number, alias in enumerate(ALIASES):
            self.lab.ip(f"link add index {1000 + number} name odd{number} type ifb")
            self.lab.ip(f"link set odd{number} alias", [alias])
        self.daemon = self.lab.start(self.mode)
        found = mib.column(self.client, "ifAlias")
        for number, alias in enumerate(ALIASES):
            self.assertEqual(found[1000 + number], mib.display(alias, 64), alias)

    def test_octets_that_are_no_character_do_not_vanish(self):
        """Continuation octets without a lead: two names must not both become empty."""
        self.lab.ip("link add index 1000", ["name", b"\x80\x81"], "type ifb")
        self.assertEqual(self.client.value(mib.cell("ifName", 1000)), b"??")


class StandaloneNames(Names, lab.Test):
    mode = "standalone"


class AgentXNames(Names, lab.Test):
    mode = "agentx"
