#!/usr/bin/env python3
"""Write docs/snmptt.conf from tests/facts/: make_snmptt_conf.py [--check]

One EVENT of snmptt (1.5, Debian 12) for each notification that netmibd sends: its sentence below
with the numbers of its varbinds in place of their names. It fails when a notification has no
sentence, or a sentence names what the notification does not carry. With --check nothing is written:
it fails when the file differs.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True

import make_names  # noqa: E402  (without leaving a __pycache__ here)

OUT = os.path.join(os.path.dirname(HERE), 'docs', 'snmptt.conf')

HEAD = """\
# netmibd for snmptt, see traps.md. Made by make_snmptt_conf.py from the facts of the MIBs: change it
# there, or the copy in /etc/snmp.
"""

# notification -> (severity, sentence). {object} is its value, {.object} its name with the instance,
# which has the address where it is no value; {*} is all there is.
SENTENCES = {
    'linkDown': ('MINOR', 'link {ifIndex} is down: admin {ifAdminStatus}, oper {ifOperStatus}'),
    'linkUp': ('Normal', 'link {ifIndex} is up: admin {ifAdminStatus}, oper {ifOperStatus}'),
    'nmdInterfaceAdded': ('Normal', 'interface {ifName} ({ifIndex}, {ifType}) is new: {ifOperStatus}; '
                                    'cause {nmdCause}'),
    'nmdInterfaceRemoved': ('WARNING', 'interface {ifName} ({ifIndex}, {ifType}) is gone; '
                                       'cause {nmdCause}'),
    'nmdInterfaceChanged': ('Normal', 'interface {ifName} ({ifIndex}) has another name, MTU, MAC address '
                                      'or stacking; cause {nmdCause}'),
    'nmdAddressAdded': ('Normal', 'address {.ipAddressIfIndex} /{nmdIpAddrPrefixLength} is new on '
                                  '{ifName}: {ipAddressOrigin}, {ipAddressStatus}; cause {nmdCause}'),
    'nmdAddressRemoved': ('WARNING', 'address {.ipAddressIfIndex} /{nmdIpAddrPrefixLength} is gone from '
                                     '{ifName}; cause {nmdCause}'),
    'nmdAddressDuplicate': ('MAJOR', 'address {.ipAddressIfIndex} on {ifName} is used by another '
                                     'station; own MAC address {ifPhysAddress}'),
    'nmdAddressDeprecated': ('Normal', 'address {.ipAddressIfIndex} on {ifName} is deprecated, valid for '
                                       '{nmdIpAddrValidLifetime} s'),
    'nmdDefaultRouteChanged': ('WARNING', 'default route of {nmdAddressFamily} is now '
                                          '{.inetCidrRouteIfIndex} on {inetCidrRouteIfIndex}, '
                                          'was hex [{nmdOldNextHop}] on {nmdOldIfIndex}; cause {nmdCause}'),
    'nmdDefaultRouteLost': ('MAJOR', 'no default route of {nmdAddressFamily} is left, '
                                     'was hex [{nmdOldNextHop}] on {nmdOldIfIndex}; cause {nmdCause}'),
    'nmdRouteAdded': ('Normal', 'route {.inetCidrRouteIfIndex} on {inetCidrRouteIfIndex} is new: '
                                '{inetCidrRouteProto}, metric {inetCidrRouteMetric1}; '
                                'cause {nmdCause}'),
    'nmdRouteRemoved': ('WARNING', 'route {.inetCidrRouteIfIndex} on {inetCidrRouteIfIndex} is gone: '
                                   '{inetCidrRouteProto}, metric {inetCidrRouteMetric1}; '
                                   'cause {nmdCause}'),
    'nmdNeighborMoved': ('WARNING', 'neighbour {.ipNetToPhysicalPhysAddress} on {ifName} is now '
                                    '{ipNetToPhysicalPhysAddress}, was {nmdOldPhysAddress}'),
    'nmdNeighborConflict': ('MAJOR', 'two stations have {.ipNetToPhysicalPhysAddress} on {ifName}: '
                                     '{ipNetToPhysicalPhysAddress} and {nmdOldPhysAddress}, '
                                     '{nmdMoveCount} moves'),
    'nmdGatewayUnreachable': ('MAJOR', 'gateway {.ipNetToPhysicalState} on {ifName} does not answer'),
    'nmdGatewayReachable': ('Normal', 'gateway {.ipNetToPhysicalState} on {ifName} answers again'),
    'nmdResyncDone': ('WARNING', 'events were lost ({nmdEventLosses} times), all was read again '
                                 '({nmdResyncs} times)'),
    'nmdNotifySummary': ('WARNING', '{nmdHeldBack} notifications were held back: {*}'),
}

# What is taken off the name of an instance, to leave the address (of IPv4; of IPv6 the 16 numbers).
PREFIXES = {
    'ipAddressIfIndex': (r'ipAddressIfIndex\.1\.4\.', r'ipAddressIfIndex\.2\.16\.'),
    'ipNetToPhysicalPhysAddress': (r'ipNetToPhysicalPhysAddress\.\d+\.1\.4\.',
                                   r'ipNetToPhysicalPhysAddress\.\d+\.2\.16\.'),
    'ipNetToPhysicalState': (r'ipNetToPhysicalState\.\d+\.1\.4\.',
                             r'ipNetToPhysicalState\.\d+\.2\.16\.'),
    # a default route: all zero, length 0, policy 0.0
    'inetCidrRouteIfIndex': (r'inetCidrRouteIfIndex\.1\.4\.0\.0\.0\.0\.0\.2\.0\.0\.1\.4\.', ),
}


def sentence(fact, text):
    """With $1 for the first object of the notification and so on."""
    carried = fact['objects'].split(',')

    def number(match):
        if match[1] == '*':
            return '$+*'
        name = match[1].lstrip('.')
        if name not in carried:
            raise make_names.NamesError('%s does not carry %s' % (fact['object'], name))
        return ('$v%d' if match[1][0] == '.' else '$%d') % (carried.index(name) + 1)
    return re.sub(r'\{([\w.*]+)\}', number, text)


def file_text():
    facts = {o['object']: o for o in make_names.read_objects() if o['kind'] == 'notification' and
             o['module'] in ('IF-MIB', 'NETMIBD-MIB')}
    if set(facts) != set(SENTENCES):
        raise make_names.NamesError('sentences and notifications differ: ' +
                                    ', '.join(sorted(set(facts) ^ set(SENTENCES))))
    lines = []
    for name, (severity, text) in SENTENCES.items():
        lines += ['', 'EVENT %s .%s "netmibd" %s' % (name, facts[name]['oid'], severity),
                  'FORMAT ' + sentence(facts[name], text)]
        lines += ['REGEX (%s)()' % prefix for instance in re.findall(r'\{\.(\w+)\}', text)
                  for prefix in PREFIXES[instance]]
    return HEAD + '\n'.join(lines) + '\n'


if __name__ == '__main__':
    sys.exit(make_names.main(sys.argv[1:], OUT, file_text))
