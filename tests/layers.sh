#!/bin/sh
# Who may include whom (agent/README.md, "Layers"): fails on any other edge, and on words
# that belong to one layer only. The rules are the table below: layer, then what it may
# include besides itself and the C library.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

allowed() {
	case $1 in
	agent/base) echo "" ;;
	agent/mirror) echo "agent/base" ;;
	agent/engine) echo "agent/base" ;;
	agent/kernel) echo "agent/base agent/mirror" ;;
	agent/agentx) echo "agent/base agent/engine" ;;
	tables) echo "agent/base agent/mirror agent/engine" ;;
	agent) echo "agent/base agent/mirror agent/engine agent/kernel agent/agentx tables" ;;
	esac
}

complain() {
	echo "layers: $*"
	bad=1
}

# The folder that an include with quotes leads to.
target() {
	dir=$(dirname "$1")
	case $2 in
	*/*) (cd "$dir" && cd "$(dirname "$2")" 2>/dev/null && pwd | sed "s,^$PWD_TOP/,,") ;;
	*) echo "$dir" ;;
	esac
}
PWD_TOP=$(pwd)
export PWD_TOP

for file in $(find agent tables -name '*.[ch]' | sort); do
	layer=$(dirname "$file")
	for include in $(sed -n 's/^#include "\(.*\)"$/\1/p' "$file"); do
		to=$(target "$file" "$include")
		[ -n "$to" ] || { complain "$file: \"$include\" leads nowhere"; continue; }
		[ "$to" = "$layer" ] && continue
		case " $(allowed "$layer") " in
		*" $to "*) ;;
		*) complain "$file ($layer) includes \"$include\" ($to)" ;;
		esac
	done
	case $file in
	agent/kernel/*) ;;
	*) grep -nHE '^#include <(linux|netlink)/' "$file" && complain "$file: a kernel header" ;;
	esac
	case $file in
	agent/agentx/*) ;;
	*) grep -nHE '^#include <net-snmp' "$file" && complain "$file: a Net-SNMP header" ;;
	esac
done

words() { # words PATTERN WHERE-IT-IS-ALLOWED WHAT
	found=$(grep -rnE "$1" agent tables --include='*.[ch]' | grep -vE "^($2)")
	[ -z "$found" ] || { echo "$found"; complain "$3"; }
}
words '\b(IFLA|RTA|NDA|IFA|RTM|NLM_F|ETHTOOL)_[A-Z]' \
	'agent/kernel/|[^:]*:[0-9]*:.*(/?\*|//).*(IFLA|RTA|NDA|IFA|RTM|NLM_F|ETHTOOL)_' \
	"a netlink constant outside agent/kernel"
words '\b(ASN|SNMP_ERR)_[A-Z]|\bnetsnmp_' \
	'agent/agentx/|[^:]*:[0-9]*:.*(/?\*|//).*(ASN_|netsnmp_|SNMP_ERR_)' \
	"a Net-SNMP name outside agent/agentx"
# SMI enumerations have their home beside the column that shows them.
words '\b(ADMIN_(UP|DOWN)|IF_OPER_STATUS_|IP_STATUS_|TRUTH_|TRAPS_|IANA_[A-Z]|RCV_ADDRESS_)' \
	'tables/' "an SMI enumeration outside tables"

[ $bad = 0 ] && echo "layers: clean"
exit $bad
