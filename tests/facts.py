#!/usr/bin/env python3
"""Write the facts of MIB modules as tables: facts.py [--check] FOLDER-OF-MIBS [MODULE ...]

The MIB texts of the IETF are not part of this project; what is true by them is. This script reads
the modules from a folder (the project's own ones from mibs/) with libsmi's smidump and writes
tests/facts/MODULE.tsv next to itself, one line per object, sorted by OID. Without a MODULE two more files say
what the objects stand on: conventions.tsv and nodes.tsv. With --check nothing is written: it fails when a file
differs.

Columns (tab separated, named by the first line; empty when there is nothing to say):
  module, object
  kind         scalar, table, row, column, notification
  oid          dotted numbers, no leading dot, no instance
  syntax       what goes over the wire: INTEGER, Gauge32, Counter32, Counter64, TimeTicks, OCTET STRING,
               OBJECT IDENTIFIER, IpAddress, Opaque
  tc           the textual convention named by the SYNTAX clause (the outermost one)
  access       not-accessible, accessible-for-notify, read-only, read-write, read-create
  status       current, deprecated, obsolete (SMIv1's mandatory and optional are current)
  range        low..high of the value, or of the size of an OCTET STRING, always in two parts (8..8);
               several are joined by |. Resolved through textual conventions; the full range of the
               base type is not repeated; enumerations have none
  enumeration  name=number,... by number, resolved through textual conventions (of BITS: the positions)
  index        of a row: object names joined by commas, the last with * when IMPLIED; or augments:ROW
  objects      of a notification: the objects it carries, in order
  base         the base type of the SMI in its present spelling (Unsigned32 where syntax is Gauge32, BITS);
               INTEGER for enumerations, else Integer32: the SMI does not tell the two apart
  units        as the clause has them

conventions.tsv has the textual conventions of these objects: module, convention, base, hint, status, range,
enumeration. nodes.tsv has the object identifiers that have no value: module, node, oid.

smidump -f xml says readwrite for read-create, and obsolete for SMIv1's deprecated (libsmi 0.4.8), so access and
status are read from the text. All else the text shows easily is compared on the way: two readers have to agree.
"""
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

DEFAULT = ('IF-MIB', 'IF-INVERTED-STACK-MIB', 'IP-MIB', 'IP-FORWARD-MIB', 'RFC1213-MIB', 'SNMPv2-MIB',
           'NETMIBD-MIB')
NODES = ('SNMPv2-SMI', 'NET-SNMP-MIB', 'NETMIBD-CAPABILITIES')    # modules of which only the nodes are told
COLUMNS = ('module', 'object', 'kind', 'oid', 'syntax', 'tc', 'access', 'status', 'range', 'enumeration',
           'index', 'objects', 'base', 'units')
CONVENTION_COLUMNS = ('module', 'convention', 'base', 'hint', 'status', 'range', 'enumeration')
NODE_COLUMNS = ('module', 'node', 'oid')
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'facts')
OWN = os.path.join(os.path.dirname(os.path.dirname(OUT)), 'mibs')       # the project's own modules
NETSNMP = os.environ.get('NETSNMP_MIBDIR', '/usr/share/snmp/mibs')      # which import NET-SNMP-MIB

WIRE = {
    'Integer32': 'INTEGER', 'Enumeration': 'INTEGER', 'Unsigned32': 'Gauge32', 'Gauge32': 'Gauge32',
    'Gauge': 'Gauge32', 'Counter32': 'Counter32', 'Counter': 'Counter32', 'Counter64': 'Counter64',
    'TimeTicks': 'TimeTicks', 'OctetString': 'OCTET STRING', 'Bits': 'OCTET STRING',
    'ObjectIdentifier': 'OBJECT IDENTIFIER', 'IpAddress': 'IpAddress', 'NetworkAddress': 'IpAddress',
    'Opaque': 'Opaque',
}
# Base types that the SMI spells in another way than smidump does, or than it did in its first version.
SPELLING = {'Enumeration': 'INTEGER', 'Gauge': 'Gauge32', 'Counter': 'Counter32', 'Bits': 'BITS',
            'OctetString': 'OCTET STRING', 'ObjectIdentifier': 'OBJECT IDENTIFIER'}
SMI = ('', 'SNMPv2-SMI', 'RFC1155-SMI')     # where the base types come from
ACCESS = {'noaccess': 'not-accessible', 'notifyonly': 'accessible-for-notify', 'readonly': 'read-only',
          'readwrite': 'read-write'}
STATUS = {'mandatory': 'current', 'optional': 'current'}

# Read by hand from the MIB texts, compared at every run: object -> columns from kind to objects.
KNOWN = {
    'IF-MIB': {
        'ifNumber': 'scalar|1.3.6.1.2.1.2.1|INTEGER||read-only|current||',
        'ifEntry': 'row|1.3.6.1.2.1.2.2.1|||not-accessible|current|||ifIndex',
        'ifIndex': 'column|1.3.6.1.2.1.2.2.1.1|INTEGER|InterfaceIndex|read-only|current|1..2147483647|',
        'ifPhysAddress': 'column|1.3.6.1.2.1.2.2.1.6|OCTET STRING|PhysAddress|read-only|current||',
        'ifAdminStatus': 'column|1.3.6.1.2.1.2.2.1.7|INTEGER||read-write|current||up=1,down=2,testing=3',
        'ifSpecific': 'column|1.3.6.1.2.1.2.2.1.22|OBJECT IDENTIFIER||read-only|deprecated||',
        'ifXEntry': 'row|1.3.6.1.2.1.31.1.1.1|||not-accessible|current|||augments:ifEntry',
        'ifHCInOctets': 'column|1.3.6.1.2.1.31.1.1.1.6|Counter64||read-only|current||',
        'ifAlias': 'column|1.3.6.1.2.1.31.1.1.1.18|OCTET STRING|DisplayString|read-write|current|0..64|',
        'ifCounterDiscontinuityTime':
            'column|1.3.6.1.2.1.31.1.1.1.19|TimeTicks|TimeStamp|read-only|current||',
        'ifStackStatus': 'column|1.3.6.1.2.1.31.1.2.1.3|INTEGER|RowStatus|read-create|current||active=1,'
            'notInService=2,notReady=3,createAndGo=4,createAndWait=5,destroy=6',
        'ifRcvAddressType': 'column|1.3.6.1.2.1.31.1.4.1.3|INTEGER||read-create|current||'
            'other=1,volatile=2,nonVolatile=3',
        'linkDown': 'notification|1.3.6.1.6.3.1.1.5.3||||current||||ifIndex,ifAdminStatus,ifOperStatus',
    },
    'IF-INVERTED-STACK-MIB': {
        'ifInvStackEntry': 'row|1.3.6.1.2.1.77.1.1.1|||not-accessible|current|||'
            'ifStackLowerLayer,ifStackHigherLayer',
    },
    'IP-MIB': {
        'ipAddressAddr': 'column|1.3.6.1.2.1.4.34.1.2|OCTET STRING|InetAddress|not-accessible|current|0..255|',
        'ipAddressSpinLock': 'scalar|1.3.6.1.2.1.4.33|INTEGER|TestAndIncr|read-write|current|0..2147483647|',
        'ipNetToPhysicalPhysAddress':
            'column|1.3.6.1.2.1.4.35.1.4|OCTET STRING|PhysAddress|read-create|current|0..65535|',
    },
    'IP-FORWARD-MIB': {
        'inetCidrRoutePolicy':
            'column|1.3.6.1.2.1.4.24.7.1.4|OBJECT IDENTIFIER||not-accessible|current||',
        'inetCidrRouteMetric1': 'column|1.3.6.1.2.1.4.24.7.1.12|INTEGER||read-create|current||',
    },
    'RFC1213-MIB': {
        'ipRouteDest': 'column|1.3.6.1.2.1.4.21.1.1|IpAddress||read-write|current||',
        'atTable': 'table|1.3.6.1.2.1.3.1|||not-accessible|deprecated||',
        'ifDescr': 'column|1.3.6.1.2.1.2.2.1.2|OCTET STRING|DisplayString|read-only|current|0..255|',
    },
}


class FactsError(Exception):
    pass


class Type:
    """A resolved SYNTAX, made of the name that smidump has for a base type."""

    def __init__(self, basetype):
        if basetype not in WIRE:
            raise FactsError('unknown base type %s' % basetype)
        self.syntax, self.base = WIRE[basetype], SPELLING.get(basetype, basetype)
        self.tc, self.ranges, self.enums = '', [], []

    def limits(self):
        """The columns range and enumeration."""
        if self.enums:
            return {'range': '', 'enumeration': ','.join('%s=%d' % (n, v) for v, n in sorted(self.enums))}
        return {'range': '|'.join('%d..%d' % r for r in self.ranges), 'enumeration': ''}


class Folder:
    """The MIB files of one folder, as smidump and as the text itself tell them."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        if not os.path.isdir(self.path):
            raise FactsError('%s is not a folder' % path)
        self.roots = {}
        self.conventions = {}       # (module, name) -> line of conventions.tsv, of those that were met

    def file(self, module):
        for folder in (self.path, OWN, NETSNMP):
            for ext in ('', '.txt', '.mib', '.my'):
                name = os.path.join(folder, module + ext)
                if os.path.isfile(name):
                    return name
        raise FactsError('no file for module %s in the folder' % module)

    def xml(self, module):
        if module not in self.roots:
            self.roots[module] = self.smidump(module)
        return self.roots[module]

    def smidump(self, module):
        name = self.file(module)
        env = dict(os.environ, SMIPATH=':'.join((self.path, NETSNMP, OWN)), LC_ALL='C')
        with tempfile.NamedTemporaryFile('w', prefix='facts-') as conf:
            conf.write('level 0\nload SNMPv2-SMI\nload SNMPv2-TC\nload SNMPv2-CONF\n')
            conf.flush()
            # -k: RFC1213-MIB imports the macro of RFC-1212, of which nobody has a file
            run = subprocess.run(['smidump', '-c', conf.name, '-q', '-k', '-f', 'xml', name], env=env,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        try:
            root = ET.fromstring(run.stdout)
        except ET.ParseError:
            raise FactsError('smidump cannot read %s: %s' % (
                module, run.stderr.decode(errors='replace').strip()[:300])) from None
        if root.find('module').get('name') != module:
            raise FactsError('the file for %s defines %s' % (module, root.find('module').get('name')))
        return root

    def text(self, module):
        """The text without comments and with empty strings."""
        with open(self.file(module), encoding='latin-1') as f:
            return re.sub(r'"[^"]*"|--.*?(?:--|$)', lambda m: '""' if m[0][0] == '"' else '', f.read(),
                          flags=re.M)

    def text_objects(self, module):
        """{object: (access, status, parent, last sub-identifier)} as the text has it."""
        return {m[1]: m.groups()[1:] for m in re.finditer(
            r'\b([a-z][\w-]*)\s+OBJECT-TYPE\b(?:(?!::=).)*?\b(?:MAX-)?ACCESS\s+([\w-]+)\s+STATUS\s+(\w+)'
            r'(?:(?!::=).)*::=\s*\{\s*([\w-]+)\s+(\d+)\s*\}', self.text(module), re.S)}

    # ---- types
    def named_type(self, module, name):
        if module in SMI:
            return Type(name)
        for el in self.xml(module).iterfind('typedefs/typedef'):
            if el.get('name') == name:
                t = self.typedef(el)
                t.tc = name
                self.conventions[module, name] = dict(
                    t.limits(), module=module, convention=name, base=t.base, hint=el.findtext('format', ''),
                    status=el.get('status', ''))
                return t
        raise FactsError('type %s not found in %s' % (name, module))

    def typedef(self, el):
        parent = el.find('parent')
        if parent is not None:
            t = self.named_type(parent.get('module'), parent.get('name'))
        else:
            t = Type(el.get('basetype'))
        t.ranges = [(int(r.get('min')), int(r.get('max'))) for r in el.iterfind('range')] or t.ranges
        t.enums = [(int(n.get('number')), n.get('name')) for n in el.iterfind('namednumber')] or t.enums
        return t

    def not_here(self, module):
        """For an error message: the imported modules that the folder lacks."""
        lost = []
        for m in re.findall(r'\bFROM\s+([\w-]+)', self.text(module)):
            try:
                self.file(m)
            except FactsError:
                lost.append(m)
        return '; not in the folder: ' + ', '.join(lost) if lost else ''

    def syntax(self, module, el):
        c = el.find('syntax')
        if c is None:
            raise FactsError('%s has no syntax%s' % (el.get('name'), self.not_here(module)))
        return self.named_type(c[0].get('module'), c[0].get('name')) if c[0].tag == 'type' else \
            self.typedef(c[0])


def index_of(row):
    link = row.find('linkage')
    if link is None or not len(link):
        raise FactsError('row %s has no index' % row.get('name'))
    if link[0].tag == 'augments':
        return 'augments:' + link[0].get('name')
    if {c.tag for c in link} != {'index'}:
        raise FactsError('row %s: linkage not understood' % row.get('name'))
    return ','.join(c.get('name') for c in link) + ('*' if link.get('implied') == 'true' else '')


def check_text(folder, module, el, text):
    """Name, parent, access and status of an object by smidump against the text -> access, status."""
    name = el.get('name')
    if name not in text:
        raise FactsError('%s: not found in the text' % name)
    access, status, parent, sub = text[name]
    xml_access = el.findtext('access')
    if el.tag in ('table', 'row'):
        ok = access == 'not-accessible'
    else:
        ok = ACCESS.get(xml_access) == (access if access != 'read-create' else 'read-write')
    if not ok:
        raise FactsError('%s: access %s in the text, %s by smidump' % (name, access, xml_access))
    v1 = folder.xml(module).find('module').get('language') == 'SMIv1'
    if el.get('status') not in ((status, 'obsolete') if v1 and status == 'deprecated' else (status, )):
        raise FactsError('%s: status %s in the text, %s by smidump' % (name, status, el.get('status')))
    up, last = el.get('oid').rsplit('.', 1)
    oids = {e.get('name'): e.get('oid') for e in folder.xml(module).iterfind('nodes//*[@oid]')}
    if last != sub or oids.get(parent, up) != up:
        raise FactsError('%s: { %s %s } in the text, %s by smidump' % (name, parent, sub, el.get('oid')))
    return access, STATUS.get(status, status)


def line_of(folder, module, el, text):
    d = dict.fromkeys(COLUMNS, '')
    d.update(module=module, object=el.get('name'), kind=el.tag, oid=el.get('oid'),
             status=el.get('status'))
    if el.tag == 'notification':
        d['objects'] = ','.join(o.get('name') for o in el.iterfind('objects/object'))
        return d
    d['access'], d['status'] = check_text(folder, module, el, text)
    if el.tag == 'row':
        d['index'] = index_of(el)
    if el.tag in ('scalar', 'column'):
        t = folder.syntax(module, el)
        d.update(t.limits(), syntax=t.syntax, tc=t.tc, base=t.base, units=el.findtext('units', ''))
    return d


def facts_of(folder, module):
    text = folder.text_objects(module)
    root = folder.xml(module)
    els = [e for e in root.iterfind('nodes//*[@oid]') if e.tag in ('scalar', 'table', 'row', 'column')]
    if len(els) != len(text):
        raise FactsError('%s: %d objects by smidump, %d in the text' % (module, len(els), len(text)))
    els += root.iterfind('notifications/notification')
    lines = [line_of(folder, module, e, text) for e in els]
    lines.sort(key=lambda d: [int(s) for s in d['oid'].split('.')])
    by_name = {d['object']: d for d in lines}
    if len(by_name) != len(lines) or len({d['oid'] for d in lines}) != len(lines):
        raise FactsError('%s: a name or an OID stands twice' % module)
    known = COLUMNS[COLUMNS.index('kind'):COLUMNS.index('base')]
    for name, want in KNOWN.get(module, {}).items():
        got = '|'.join(by_name[name][c] for c in known) if name in by_name else 'missing'
        if got.rstrip('|') != want.rstrip('|'):
            raise FactsError('%s is %s, known is %s' % (name, got, want))
    return lines


def nodes_of(folder, module):
    return [dict(module=module, node=e.get('name'), oid=e.get('oid'))
            for e in folder.xml(module).iterfind('nodes/node')]


def table(columns, lines):
    """The text of a file."""
    return ''.join('\t'.join(d[c] for c in columns) + '\n' for d in [dict(zip(columns, columns))] + lines)


def main(argv):
    check = '--check' in argv
    args = [a for a in argv if a != '--check']
    if not args or args[0].startswith('-'):
        print('usage: facts.py [--check] FOLDER-OF-MIBS [MODULE ...]', file=sys.stderr)
        return 2
    folder = Folder(args[0])
    modules = args[1:] or DEFAULT
    texts = {}
    for m in modules:                       # all or nothing: write when every module could be read
        lines = facts_of(folder, m)
        texts[m] = table(COLUMNS, lines)
        kinds = ['%d %s' % (sum(d['kind'] == k for d in lines), k)
                 for k in ('scalar', 'table', 'row', 'column', 'notification')]
        print('%-22s %4d  %s' % (m, len(lines), ', '.join(kinds)))
    if not args[1:]:
        texts['conventions'] = table(CONVENTION_COLUMNS, [c for _, c in sorted(folder.conventions.items())])
        texts['nodes'] = table(NODE_COLUMNS, [n for m in DEFAULT + NODES for n in nodes_of(folder, m)])
    bad = 0
    os.makedirs(OUT, exist_ok=True)
    for m, text in texts.items():
        name = os.path.join(OUT, m + '.tsv')
        if not check:
            with open(name, 'w', encoding='ascii', newline='\n') as f:
                f.write(text)
            continue
        try:
            with open(name, encoding='ascii', newline='') as f:
                same = f.read() == text
        except FileNotFoundError:
            same = False
        if not same:
            print('facts.py: %s.tsv is not what the modules say' % m, file=sys.stderr)
            bad = 1
    return bad


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except FileNotFoundError as e:
        if e.filename != 'smidump':
            raise
        sys.exit('facts.py: smidump not found (Debian: smitools)')
    except FactsError as e:
        sys.exit('facts.py: %s' % e)
