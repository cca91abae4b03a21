/*
 * ifType: from the kernel's words to IANAifType. The order of decision: a rule of the
 * administrator's, the kind (IFLA_INFO_KIND), DEVTYPE (a managed wifi card is
 * ARPHRD_ETHER and has no kind), ARPHRD, other(1). Obsolete types (fastEther,
 * gigabitEthernet ...) are never given.
 */
#include "tables.h"

#include <net/if_arp.h>
#include <string.h>

enum iana_if_type {
	IANA_OTHER = 1,
	IANA_RFC877X25 = 5,
	IANA_ETHERNET_CSMACD = 6,
	IANA_ISO88025_TOKEN_RING = 9,
	IANA_PROTEON10_MBIT = 12,
	IANA_FDDI = 15,
	IANA_LAPB = 16,
	IANA_PPP = 23,
	IANA_SOFTWARE_LOOPBACK = 24,
	IANA_SLIP = 28,
	IANA_FRAME_RELAY = 32,
	IANA_ARCNET = 35,
	IANA_ATM = 37,
	IANA_LOCAL_TALK = 42,
	IANA_HIPPI = 47,
	IANA_PROP_VIRTUAL = 53,
	IANA_PROP_MULTIPLEXOR = 54,
	IANA_FIBRE_CHANNEL = 56,
	IANA_IEEE80211 = 71,
	IANA_HDLC = 118,
	IANA_TUNNEL = 131,
	IANA_L2VLAN = 135,
	IANA_IEEE1394 = 144,
	IANA_PROP_WIRELESS_P2P = 157,
	IANA_IEEE8023AD_LAG = 161,
	IANA_INFINIBAND = 199,
	IANA_ECONET = 206,
	IANA_BRIDGE = 209,
	IANA_GTP = 216,
	IANA_MACSEC_CONTROLLED = 231,
	IANA_WWAN_PP = 243,
	IANA_IEEE802154 = 259,
	IANA_AX25 = 298,
};

struct by_name {
	const char *name;
	int32_t if_type;
};

static const struct by_name kinds[] = {
	{ "amt", IANA_TUNNEL },
	{ "bareudp", IANA_TUNNEL },
	{ "batadv", IANA_PROP_VIRTUAL },
	{ "bond", IANA_IEEE8023AD_LAG },
	{ "bridge", IANA_BRIDGE },
	{ "can", IANA_OTHER }, /* no CAN value is registered */
	{ "dsa", IANA_ETHERNET_CSMACD },
	{ "dummy", IANA_PROP_VIRTUAL },
	{ "erspan", IANA_TUNNEL },
	{ "geneve", IANA_TUNNEL },
	{ "gre", IANA_TUNNEL },
	{ "gretap", IANA_TUNNEL },
	{ "gtp", IANA_GTP },
	{ "hsr", IANA_PROP_MULTIPLEXOR },
	{ "ifb", IANA_PROP_VIRTUAL },
	{ "ip6erspan", IANA_TUNNEL },
	{ "ip6gre", IANA_TUNNEL },
	{ "ip6gretap", IANA_TUNNEL },
	{ "ip6tnl", IANA_TUNNEL },
	{ "ipip", IANA_TUNNEL },
	{ "ipoib", IANA_INFINIBAND },
	{ "ipvlan", IANA_PROP_VIRTUAL }, /* l3ipvlan(136) is an IP-subnet VLAN */
	{ "ipvtap", IANA_PROP_VIRTUAL },
	{ "lowpan", IANA_PROP_VIRTUAL },
	{ "macsec", IANA_MACSEC_CONTROLLED },
	{ "macvlan", IANA_PROP_VIRTUAL },
	{ "macvtap", IANA_PROP_VIRTUAL },
	{ "netdevsim", IANA_ETHERNET_CSMACD },
	{ "netkit", IANA_PROP_VIRTUAL },
	{ "nlmon", IANA_OTHER },
	{ "openvswitch", IANA_PROP_VIRTUAL },
	{ "ovpn", IANA_TUNNEL },
	{ "ppp", IANA_PPP },
	{ "qmimux", IANA_WWAN_PP },
	{ "rmnet", IANA_WWAN_PP },
	{ "sit", IANA_TUNNEL },
	{ "team", IANA_IEEE8023AD_LAG },
	{ "tun", IANA_PROP_VIRTUAL },
	{ "vcan", IANA_OTHER },
	{ "veth", IANA_PROP_VIRTUAL }, /* 6 would promise EtherLike-MIB */
	{ "virt_wifi", IANA_IEEE80211 },
	{ "vlan", IANA_L2VLAN },
	{ "vrf", IANA_PROP_VIRTUAL },
	{ "vsockmon", IANA_OTHER },
	{ "vti", IANA_TUNNEL },
	{ "vti6", IANA_TUNNEL },
	{ "vxcan", IANA_OTHER },
	{ "vxlan", IANA_TUNNEL },
	{ "wireguard", IANA_TUNNEL },
	{ "wwan", IANA_WWAN_PP },
	{ "xfrm", IANA_TUNNEL },
};

static const struct by_name devtypes[] = {
	{ "bluetooth", IANA_ETHERNET_CSMACD },
	{ "bond", IANA_IEEE8023AD_LAG },
	{ "bridge", IANA_BRIDGE },
	{ "dsa", IANA_ETHERNET_CSMACD },
	{ "gadget", IANA_ETHERNET_CSMACD },
	{ "l2tpeth", IANA_TUNNEL },
	{ "ppp", IANA_PPP },
	{ "vlan", IANA_L2VLAN },
	{ "vxlan", IANA_TUNNEL },
	{ "wlan", IANA_IEEE80211 },
	{ "wpan", IANA_IEEE802154 },
	{ "wwan", IANA_WWAN_PP },
};

/* By number, since glibc's list of names is older than the kernel's. */
static const struct {
	uint16_t arphrd;
	int32_t if_type;
} arphrds[] = {
	{ ARPHRD_ETHER, IANA_ETHERNET_CSMACD },
	{ ARPHRD_EETHER, IANA_ETHERNET_CSMACD },
	{ ARPHRD_AX25, IANA_AX25 },
	{ ARPHRD_PRONET, IANA_PROTEON10_MBIT },
	{ ARPHRD_IEEE802, IANA_ETHERNET_CSMACD },
	{ ARPHRD_ARCNET, IANA_ARCNET },
	{ ARPHRD_APPLETLK, IANA_LOCAL_TALK },
	{ ARPHRD_DLCI, IANA_FRAME_RELAY },
	{ ARPHRD_ATM, IANA_ATM },
	{ ARPHRD_METRICOM, IANA_PROP_WIRELESS_P2P },
	{ ARPHRD_IEEE1394, IANA_IEEE1394 },
	{ ARPHRD_EUI64, IANA_IEEE1394 },
	{ ARPHRD_INFINIBAND, IANA_INFINIBAND },
	{ ARPHRD_SLIP, IANA_SLIP },
	{ ARPHRD_CSLIP, IANA_SLIP },
	{ ARPHRD_SLIP6, IANA_SLIP },
	{ ARPHRD_CSLIP6, IANA_SLIP },
	{ ARPHRD_ADAPT, IANA_SLIP },
	{ ARPHRD_X25, IANA_RFC877X25 },
	{ ARPHRD_HWX25, IANA_RFC877X25 },
	{ ARPHRD_PPP, IANA_PPP },
	{ ARPHRD_HDLC, IANA_HDLC },
	{ ARPHRD_LAPB, IANA_LAPB },
	{ ARPHRD_RAWHDLC, IANA_HDLC },
	{ ARPHRD_TUNNEL, IANA_TUNNEL },
	{ ARPHRD_TUNNEL6, IANA_TUNNEL },
	{ ARPHRD_FRAD, IANA_FRAME_RELAY },
	{ ARPHRD_SKIP, IANA_TUNNEL },
	{ ARPHRD_LOOPBACK, IANA_SOFTWARE_LOOPBACK },
	{ ARPHRD_LOCALTLK, IANA_LOCAL_TALK },
	{ ARPHRD_FDDI, IANA_FDDI },
	{ ARPHRD_SIT, IANA_TUNNEL },
	{ ARPHRD_IPDDP, IANA_TUNNEL },
	{ ARPHRD_IPGRE, IANA_TUNNEL },
	{ ARPHRD_PIMREG, IANA_TUNNEL },
	{ ARPHRD_HIPPI, IANA_HIPPI },
	{ ARPHRD_ECONET, IANA_ECONET },
	{ ARPHRD_FCPP, IANA_FIBRE_CHANNEL },
	{ ARPHRD_FCAL, IANA_FIBRE_CHANNEL },
	{ ARPHRD_FCPL, IANA_FIBRE_CHANNEL },
	{ ARPHRD_FCFABRIC, IANA_FIBRE_CHANNEL },
	{ ARPHRD_IEEE802_TR, IANA_ISO88025_TOKEN_RING },
	{ ARPHRD_IEEE80211, IANA_IEEE80211 },
	{ ARPHRD_IEEE80211_PRISM, IANA_IEEE80211 },
	{ ARPHRD_IEEE80211_RADIOTAP, IANA_IEEE80211 },
	{ ARPHRD_IEEE802154, IANA_IEEE802154 },
	{ 805 /* IEEE802154_MONITOR */, IANA_IEEE802154 },
	{ 823 /* IP6GRE */, IANA_TUNNEL },
	{ 825 /* 6LOWPAN */, IANA_PROP_VIRTUAL },
};

static int32_t
find_name(const struct by_name *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) == 0)
			return list[i].if_type;
	}
	return 0;
}

int32_t
ifType_of(const struct link_info *info, const struct options *options)
{
	int32_t found;

	for (size_t i = 0; options && i < options->n_overrides; i++) {
		const struct type_override *rule = &options->overrides[i];

		if (strcmp(rule->name, rule->by_kind ? info->kind : info->name) == 0)
			return rule->if_type;
	}
	found = find_name(kinds, N_ELEMENTS(kinds), info->kind);
	if (!found && !info->kind[0])
		found = find_name(devtypes, N_ELEMENTS(devtypes), info->devtype);
	for (size_t i = 0; !found && i < N_ELEMENTS(arphrds); i++) {
		if (arphrds[i].arphrd == info->arphrd)
			found = arphrds[i].if_type;
	}
	return found ? found : IANA_OTHER;
}
