#!/bin/bash
# A look at netmibd in 20 seconds: "make demo", as root. Nothing of this machine is touched: all of it
# happens in network, mount and process namespaces of its own, which end with this script, and with
# them every process, link and file of it.
#
#	DEMO_PACE	seconds to wait after what is shown (1.3)
#	NO_COLOR	no colours; there are none if the output is no terminal, either

set -eu
cd "$(dirname "$0")/.."
netmibd=$PWD/${B:-build}/netmibd

if [ "${1:-}" != --inside ]; then
	# The first process of the namespace is this script: when it ends, the kernel kills the rest.
	exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside
fi
trap 'exit 130' INT
trap 'exit 143' TERM

bold= dim= green= red= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi
home=/mnt	# of this mount namespace only
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin SNMP_PERSISTENT_DIR=$home/state
unset MIBS MIBDIRS

pause() {
	sleep "${DEMO_PACE:-1.3}"
}

say() {
	printf '\n%s# %s%s\n' "$green" "$*" "$plain"
	pause
}

# Shows a command, then what it prints.
run() {
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
	eval "$@"
	pause
}

# Waits for a true answer, 10 seconds at most.
await() {
	local end=$((SECONDS + 10))
	until eval "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			echo "demo: not within 10 seconds: $*" >&2
			tail -n 5 $home/*.log >&2
			exit 1
		fi
		sleep 0.05
	done
}

# Two ports and a cable between them: what is at its far end can be pulled.
make_network() {
	mount -t tmpfs -o mode=755 demo $home
	mount -t tmpfs -o mode=755 demo /run	# where netmibd puts the socket of its status
	mount -t sysfs sysfs /sys
	mkdir $home/state $home/daemons $home/client
	echo 1 >/proc/sys/net/ipv6/conf/default/addr_gen_mode	# no link-local ones: fewer lines
	ip link set lo up
	ip link add uplink index 2 type veth peer name far index 3
	ip link add lan index 4 type bridge
	ip link set uplink up
	ip link set far up
	ip link set lan up
	ip addr add 192.0.2.1/24 dev uplink
	ip addr add 2001:db8::1/64 dev lan nodad
	ip route add default via 192.0.2.2
}

# The daemons read no configuration of this machine, and the commands say no more than they need.
configure() {
	cat >$home/snmpd.conf <<-END
		master agentx
		agentXSocket $home/master
		rwcommunity demo
		trap2sink localhost demo
	END
	cat >$home/snmptrapd.conf <<-END
		disableAuthorization yes
		format2 TRAP %V\n     %v\n
	END
	cat >$home/client/snmp.conf <<-END
		defVersion 2c
		defCommunity demo
		mibdirs $PWD/mibs/names
		mibs NETMIBD-NAMES
		suffixPrinting 1
	END
	: >$home/netmibd.conf
}

start() {
	SNMPCONFPATH=$home/daemons snmpd -f -C -c $home/snmpd.conf -Le udp:161 2>$home/snmpd.log &
	await "[ -S $home/master ]"
	SNMPCONFPATH=$home/daemons "$netmibd" -f -C -c $home/netmibd.conf -x $home/master -Le \
		2>$home/netmibd.log &
	export SNMPCONFPATH=$home/client
	snmptrapd -f -C -c $home/snmptrapd.conf -M mibs/names -m NETMIBD-NAMES -Os -Lo udp:162 \
		>$home/traps.log 2>&1 &
	await "grep -q 'is ready' $home/netmibd.log"
	await "snmpwalk localhost sysORDescr | grep -q netmibd"	# which comes last
	await "grep -q 'NET-SNMP version' $home/traps.log"
}

# Shows the first trap that says so, a line for each varbind.
show_trap() {
	await "grep -q '$1' $home/traps.log"
	awk -v RS='TRAP' -v head="${red}TRAP$plain" "/$1/ { printf \"%s%s\", head, \$0; exit }" \
		$home/traps.log
	pause
}

make_network
configure
start

say "netmibd is a subagent of snmpd here. What interfaces are there?"
run snmpwalk localhost ifName
run snmpwalk localhost ifOperStatus
say "Routes, by destination, length, policy and next hop:"
run snmpwalk localhost inetCidrRouteProto
say "A SET changes the kernel, and outlives a reboot:"
run snmpset localhost ifAlias.2 = '"to the core"'
run "ip link show uplink | grep alias"
say "A route, in one SET:"
run snmpset localhost inetCidrRouteIfIndex.1.4.10.0.0.0.8.2.0.0.1.4.192.0.2.2 = 2 \
	inetCidrRouteStatus.1.4.10.0.0.0.8.2.0.0.1.4.192.0.2.2 = createAndGo
run "ip route show 10.0.0.0/8"
say "Somebody pulls the cable at its far end:"
run ip link set far down
show_trap "ifName.2 = STRING: uplink"
run snmpget localhost ifOperStatus.2
say "All of this was in namespaces that end now: nothing is left behind."
