/*
 * What the kernel says of ports of a bridge: see fixture_port.h.
 */
#include "fixture_port.h"
#include "unit.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/socket.h>

static void
put_setting(struct nl_msg *msg, const struct setting *setting)
{
	if (setting->size == 1)
		nla_put_u8(msg, setting->attribute, (uint8_t)setting->value);
	else if (setting->size == 2)
		nla_put_u16(msg, setting->attribute, (uint16_t)setting->value);
	else
		nla_put_u32(msg, setting->attribute, setting->value);
}

struct nl_msg *
said_port(uint32_t ifindex, uint32_t master, const char *kind, const struct setting *set)
{
	struct ifinfomsg head = { .ifi_index = (int)ifindex };
	const uint8_t address[6] = { 2, 0, 0, 0, 0, (uint8_t)ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct nlattr *info, *data;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put(msg, IFLA_ADDRESS, sizeof(address), address);
	if (master)
		nla_put_u32(msg, IFLA_MASTER, master);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, *kind ? IFLA_INFO_SLAVE_KIND : IFLA_INFO_KIND,
		*kind ? kind : "bridge");
	data = nla_nest_start(msg, *kind ? IFLA_INFO_SLAVE_DATA : IFLA_INFO_DATA);
	for (; set->size; set++)
		put_setting(msg, set);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return msg;
}

struct nl_msg *
said_vlans(uint32_t ifindex, uint32_t master, const struct bridge_vlan_info *vlans,
	size_t n, bool tunnel)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE, .ifi_index = (int)ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct nlattr *spec, *nest;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	if (master)
		nla_put_u32(msg, IFLA_MASTER, master);
	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	for (size_t i = 0; i < n; i++)
		nla_put(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(vlans[i]), &vlans[i]);
	if (tunnel) {
		nest = nla_nest_start(msg, IFLA_BRIDGE_VLAN_TUNNEL_INFO);
		nla_put_u32(msg, IFLA_BRIDGE_VLAN_TUNNEL_ID, 200);
		nla_put_u16(msg, IFLA_BRIDGE_VLAN_TUNNEL_VID, 20);
		nla_nest_end(msg, nest);
	}
	nla_nest_end(msg, spec);
	return msg;
}

struct nl_msg *
said_entry(uint32_t ifindex, uint32_t master, uint8_t last, uint16_t vlan, uint16_t state,
	uint8_t flags)
{
	struct ndmsg head = { .ndm_family = AF_BRIDGE,
		.ndm_ifindex = (int)ifindex,
		.ndm_state = state,
		.ndm_flags = flags };
	const uint8_t address[6] = { 2, 0, 0, 0, 0, last };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWNEIGH, 0);

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put(msg, NDA_LLADDR, sizeof(address), address);
	if (master)
		nla_put_u32(msg, NDA_MASTER, master);
	if (vlan)
		nla_put_u16(msg, NDA_VLAN, vlan);
	return msg;
}

/* 239.1.1.@last, of a source of a list, or of one (@source), or any. */
static void
put_group(struct nl_msg *msg, uint32_t ifindex, uint8_t last, uint16_t vlan,
	uint8_t state, uint8_t flags, bool source, bool list)
{
	const uint32_t from = htonl(0xc0000201);
	struct br_mdb_entry entry = { .ifindex = ifindex,
		.state = state,
		.flags = flags,
		.vid = vlan,
		.addr = { .u.ip4 = htonl(0xef010100u | last), .proto = htons(0x0800) } };
	struct nlattr *nest = nla_nest_start(msg, MDBA_MDB_ENTRY_INFO), *sources, *one;

	nlmsg_append(msg, &entry, sizeof(entry), NLMSG_ALIGNTO);
	nla_put_u32(msg, MDBA_MDB_EATTR_TIMER, 0);
	nla_put_u8(msg, MDBA_MDB_EATTR_GROUP_MODE, source || list);
	nla_put_u8(msg, MDBA_MDB_EATTR_RTPROT, list ? RTPROT_ZEBRA : RTPROT_STATIC);
	if (source)
		nla_put_u32(msg, MDBA_MDB_EATTR_SOURCE, from);
	if (list) {
		sources = nla_nest_start(msg, MDBA_MDB_EATTR_SRC_LIST);
		one = nla_nest_start(msg, MDBA_MDB_SRCLIST_ENTRY);
		nla_put_u32(msg, MDBA_MDB_SRCATTR_ADDRESS, from);
		nla_put_u32(msg, MDBA_MDB_SRCATTR_TIMER, 0);
		nla_nest_end(msg, one);
		nla_nest_end(msg, sources);
	}
	nla_nest_end(msg, nest);
}

struct nl_msg *
said_groups(uint32_t bridge)
{
	struct br_port_msg head = { .family = AF_BRIDGE, .ifindex = bridge };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETMDB, 0);
	struct nlattr *all, *one;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	all = nla_nest_start(msg, MDBA_MDB);
	one = nla_nest_start(msg, MDBA_MDB_ENTRY);
	put_group(msg, PORT, 1, 20, MDB_PERMANENT, 0, true, false);
	put_group(msg, PORT, 1, 20, MDB_PERMANENT, 0, false, true);
	put_group(msg, OTHER, 1, 20, MDB_PERMANENT, 0, false, false);
	nla_nest_end(msg, one);
	one = nla_nest_start(msg, MDBA_MDB_ENTRY);
	put_group(msg, PORT, 2, 0, MDB_PERMANENT, 0, false, false); /* without effect */
	put_group(msg, PORT, 3, 10, MDB_TEMPORARY, 0, false, false);
	put_group(msg, PORT, 4, 10, MDB_PERMANENT, MDB_FLAGS_STAR_EXCL, true, false);
	put_group(msg, PORT, 5, 10, MDB_PERMANENT, 0, false, false);
	put_group(msg, PORT, 6, 99, MDB_PERMANENT, 0, false, false); /* no such VLAN */
	nla_nest_end(msg, one);
	nla_nest_end(msg, all);
	return msg;
}

static const struct setting of_port[] = { { IFLA_BRPORT_STATE, 1, 3 },
	{ IFLA_BRPORT_PRIORITY, 2, 5 }, { IFLA_BRPORT_COST, 4, 42 },
	{ IFLA_BRPORT_LEARNING, 1, 0 }, { IFLA_BRPORT_ID, 2, 0x8001 },
	{ IFLA_BRPORT_ISOLATED, 1, 1 }, { IFLA_BRPORT_MULTICAST_ROUTER, 1, 1 },
	{ 45 /* MCAST_N_GROUPS, refused */, 4, 3 }, { 48 /* BACKUP_NHID */, 4, 11 },
	{ 0 } };
static const struct setting of_other[] = { { IFLA_BRPORT_PRIORITY, 2, 6 },
	{ IFLA_BRPORT_BACKUP_PORT, 4, PORT }, { 0 } };
static const struct setting of_bridge[] = { { IFLA_BR_VLAN_FILTERING, 1, 1 },
	{ IFLA_BR_VLAN_DEFAULT_PVID, 2, 1 }, { 0 } };
const struct setting nothing[] = { { IFLA_BRPORT_STATE, 1, 0 }, { 0 } };

/* VLAN 10, and 20 to 22. */
static const struct bridge_vlan_info vlans[] = {
	{ BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, 10 },
	{ BRIDGE_VLAN_INFO_RANGE_BEGIN, 20 },
	{ BRIDGE_VLAN_INFO_RANGE_END, 22 },
};

struct nl_msg *
said(size_t n)
{
	switch (n) {
	case 0:
		return said_port(PORT, BRIDGE, "bridge", of_port);
	case 1:
		return said_port(BRIDGE, 0, "", of_bridge);
	case 2:
		return said_vlans(PORT, BRIDGE, vlans, N_ELEMENTS(vlans), true);
	case 3:
		return said_entry(PORT, BRIDGE, 0x79, 21, NUD_NOARP, NTF_OFFLOADED);
	default:
		return said_groups(BRIDGE);
	}
}

void
say_all(struct fake_kernel *fake)
{
	fake_dump(fake,
		(struct nl_msg *[]){ said_port(OTHER, BRIDGE, "bridge", of_other),
			said_port(9, BRIDGE + 1, "bridge", of_port), said(0), NULL });
	fake_dump(fake, (struct nl_msg *[]){ said(1), NULL });
	fake_dump(fake, (struct nl_msg *[]){ said_vlans(OTHER, BRIDGE, vlans, 1, false),
				said_vlans(PORT, 0, vlans, 1, false), said(2), NULL });
	fake_dump(fake,
		(struct nl_msg *[]){ said_entry(PORT, BRIDGE, PORT, 10, NUD_PERMANENT, 0),
			said_entry(PORT, BRIDGE, 0x75, 0, NUD_REACHABLE, 0),
			said_entry(PORT, 0, 0x76, 0, NUD_PERMANENT, NTF_SELF),
			said_entry(OTHER, BRIDGE, 0x77, 0, NUD_NOARP, 0),
			said_entry(PORT, BRIDGE, 0x78, 0, NUD_NOARP, NTF_STICKY), said(3),
			said_entry(PORT, BRIDGE, 0x7a, 99, NUD_NOARP, 0),
			said_entry(
				PORT, BRIDGE, 0x7b, 10, NUD_REACHABLE, NTF_EXT_LEARNED),
			NULL });
	fake_dump(fake, (struct nl_msg *[]){ said_groups(BRIDGE + 1), said(4), NULL });
}
