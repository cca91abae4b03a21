#!/bin/sh
# Lint the project's MIB modules with libsmi's smilint.
#
# They import from the IETF's modules, which are not part of the project: MIBDIR names a
# folder of them, seen from the top of the project. NET-SNMP-MIB comes with Net-SNMP's
# library: NETSNMP_MIBDIR, or where it is installed.
#
# Exit status: 0 good; 1 errors (severity 0 to 3); 77 skipped, with the reason. Milder findings
# are printed only. Left out: the advice that every module's name end in -MIB.

cd "$(dirname "$0")/.." || exit 1

skip()
{
	echo "skip: $*"
	exit 77
}

command -v smilint >/dev/null || skip "smilint not found (Debian: smitools)"

if [ -z "${MIBDIR:-}" ]; then
	MIBDIR=../shared/mibcheck/mibs
	[ -d "$MIBDIR" ] || skip "set MIBDIR to a folder with the IETF's MIB modules"
fi
[ -d "$MIBDIR" ] || { echo "MIBDIR=$MIBDIR is not a folder"; exit 1; }
for module in SNMPv2-SMI SNMPv2-CONF IF-MIB IF-INVERTED-STACK-MIB IP-MIB \
	IP-FORWARD-MIB; do
	found=$(find "$MIBDIR/" -maxdepth 1 -name "$module*" | head -n 1)
	[ -n "$found" ] || skip "no $module in $MIBDIR"
done

if [ -z "${NETSNMP_MIBDIR:-}" ]; then
	for dir in "$MIBDIR" /usr/share/snmp/mibs /usr/local/share/snmp/mibs; do
		[ -f "$dir/NET-SNMP-MIB.txt" ] && NETSNMP_MIBDIR=$dir && break
	done
	[ -n "${NETSNMP_MIBDIR:-}" ] ||
		skip "NET-SNMP-MIB not found (Debian: libsnmp-base); set NETSNMP_MIBDIR"
fi

conf=$(mktemp) || exit 1
trap 'rm -f "$conf"' EXIT
printf 'level 0\nload SNMPv2-SMI\nload SNMPv2-TC\nload SNMPv2-CONF\n' >"$conf"

SMIPATH=$MIBDIR:$NETSNMP_MIBDIR:mibs
export SMIPATH
status=0
for file in mibs/*.txt; do
	# smilint's own exit status says nothing
	out=$(smilint -c "$conf" -s -m -l 6 -i module-name-suffix "./$file" 2>&1)
	[ -z "$out" ] || printf '%s\n' "$out"
	if printf '%s\n' "$out" | grep -Eq '^[^[]*\[[0-3]\]|^smilint:'; then
		echo "bad: $file"
		status=1
	else
		echo "good: $file"
	fi
done
exit $status
