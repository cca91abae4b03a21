/*
 * VLANs and entries of a port: see port_entries.h.
 */
#include "port_entries.h"

#include "attr.h"
#include "encode.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

/* Newer than the headers (6.2); their numbers do not change. */
enum {
	ENTRY_SRC_LIST = 2, /* of MDBA_SET_ENTRY_ATTRS */
	ENTRY_GROUP_MODE = 3,
	ENTRY_RTPROT = 4,
	SRC_LIST_ENTRY = 1,
	SRC_ADDRESS = 1,
};

/* What of a VLAN's flags is for a request. */
#define VLAN_FLAGS                                                                       \
	(BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED |                             \
		BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END)

void
port_keep(struct snapshot *snapshot, struct nl_msg *msg)
{
	if (!msg)
		return;
	snapshot_keep(snapshot, nlmsg_hdr(msg));
	nlmsg_free(msg);
}

/* With room for @len octets of attributes. */
static struct nl_msg *
request(int type, int flags, const void *head, size_t size, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_SPACE(size) + len);

	must_be(msg && nlmsg_put(msg, 0, 0, type, 0, NLM_F_REQUEST | flags));
	must(nlmsg_append(msg, (void *)(uintptr_t)head, size, NLMSG_ALIGNTO));
	return msg;
}

static void
copy(struct nl_msg *to, int type, struct nlattr *from)
{
	if (from)
		must(nla_put(to, type, nla_len(from), nla_data(from)));
}

/* VLANs. */

static struct nl_msg *
vlan_request(int type, uint32_t ifindex, size_t len, struct nlattr **nest)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE, .ifi_index = (int)ifindex };
	struct nl_msg *msg = request(type, 0, &head, sizeof(head), NLA_HDRLEN + len);

	must_be((*nest = nla_nest_start(msg, IFLA_AF_SPEC)) != NULL);
	return msg;
}

static struct nl_msg *
one_vlan(int type, uint32_t ifindex, uint16_t vlan)
{
	struct bridge_vlan_info info = { .vid = vlan };
	struct nlattr *nest;
	struct nl_msg *msg =
		vlan_request(type, ifindex, (size_t)nla_total_size(sizeof(info)), &nest);

	must(nla_put(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info));
	nla_nest_end(msg, nest);
	return msg;
}

struct nl_msg *
port_encode_no_vlan(uint32_t ifindex, uint16_t vlan)
{
	return one_vlan(RTM_DELLINK, ifindex, vlan);
}

static bool
has_vlan(const struct port *port, uint16_t vlan)
{
	return vlan < 4096 && port->vlans[vlan / 8] & 1u << vlan % 8;
}

/* An entry stays when its VLAN leaves the port, but is made in a VLAN of the port only.
 */
static void
keep_stray(struct port *port, uint16_t vlan, struct nl_msg *entry)
{
	port_keep(&port->now, one_vlan(RTM_SETLINK, port->ifindex, vlan));
	port_keep(&port->now, entry);
	port_keep(&port->now, one_vlan(RTM_DELLINK, port->ifindex, vlan));
}

/* What is read of a port's VLANs. */
struct vlans {
	struct port *port;
	struct nl_msg *request;
	uint16_t begin; /* of the range that is open; 0: none */
	bool any;
};

/* One VLAN or an end of a range of them, or the tunnels that they are mapped to. */
static bool
copy_vlan(struct vlans *vlans, struct nlattr *attr)
{
	struct bridge_vlan_info info;
	uint16_t first;

	if (nla_type(attr) == IFLA_BRIDGE_VLAN_TUNNEL_INFO) {
		copy(vlans->request, IFLA_BRIDGE_VLAN_TUNNEL_INFO | NLA_F_NESTED, attr);
		return true;
	}
	if (nla_type(attr) != IFLA_BRIDGE_VLAN_INFO)
		return true;
	if (nla_len(attr) != (int)sizeof(info))
		return false;
	memcpy(&info, nla_data(attr), sizeof(info));
	first = vlans->begin && info.flags & BRIDGE_VLAN_INFO_RANGE_END ? vlans->begin
									: info.vid;
	vlans->begin = info.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN ? info.vid : 0;
	for (unsigned int vlan = first; vlan <= info.vid && vlan < 4096; vlan++)
		vlans->port->vlans[vlan / 8] |= (uint8_t)(1u << vlan % 8);
	info.flags &= VLAN_FLAGS;
	must(nla_put(vlans->request, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info));
	vlans->any = true;
	return true;
}

void
port_take_vlans(const struct nlmsghdr *msg, void *arg)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_MASTER] = { .type = NLA_U32 },
		[IFLA_AF_SPEC] = { .type = NLA_NESTED },
	};
	struct port *port = arg;
	struct nlattr *tb[IFLA_MAX + 1], *none[1], *attr, *nest;
	const struct ifinfomsg *head =
		attr_parse(msg, sizeof(*head), tb, IFLA_MAX, policy);
	struct vlans vlans = { .port = port };
	int left;

	if (!head ||
		(tb[IFLA_AF_SPEC] && !attr_nested(tb[IFLA_AF_SPEC], none, 0, NULL))) {
		port->error = -EBADMSG;
		return;
	}
	/* A device can have a bridge of its own, which says no master. */
	if (msg->nlmsg_type != RTM_NEWLINK || head->ifi_family != AF_BRIDGE ||
		head->ifi_index != (int)port->ifindex || !tb[IFLA_AF_SPEC] ||
		!tb[IFLA_MASTER] || nla_get_u32(tb[IFLA_MASTER]) != port->master)
		return;
	vlans.request = vlan_request(
		RTM_SETLINK, port->ifindex, (size_t)nla_len(tb[IFLA_AF_SPEC]), &nest);
	nla_for_each_nested (attr, tb[IFLA_AF_SPEC], left) {
		if (!copy_vlan(&vlans, attr))
			port->error = -EBADMSG;
	}
	nla_nest_end(vlans.request, nest);
	if (vlans.any)
		port_keep(&port->later, vlans.request);
	else
		nlmsg_free(vlans.request);
}

/* Entries of the forwarding table. */

static bool
is_own(const struct port *port, struct nlattr *lladdr)
{
	return nla_len(lladdr) == port->address.len &&
	       memcmp(nla_data(lladdr), port->address.bytes, port->address.len) == 0;
}

void
port_take_entry(const struct nlmsghdr *msg, void *arg)
{
	static const struct nla_policy policy[NDA_MAX + 1] = {
		[NDA_MASTER] = { .type = NLA_U32 },
		[NDA_VLAN] = { .type = NLA_U16 },
	};
	struct port *port = arg;
	struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *said = attr_parse(msg, sizeof(*said), tb, NDA_MAX, policy);
	struct nl_msg *entry;
	struct ndmsg head;
	uint16_t vlan;

	if (!said) {
		port->error = -EBADMSG;
		return;
	}
	if (msg->nlmsg_type != RTM_NEWNEIGH || said->ndm_family != AF_BRIDGE ||
		said->ndm_ifindex != (int)port->ifindex || !tb[NDA_LLADDR] ||
		!tb[NDA_MASTER] || nla_get_u32(tb[NDA_MASTER]) != port->master ||
		is_own(port, tb[NDA_LLADDR]) ||
		(!(said->ndm_state & (NUD_PERMANENT | NUD_NOARP)) &&
			!(said->ndm_flags & NTF_EXT_LEARNED)))
		return;
	head = (struct ndmsg){ .ndm_family = AF_BRIDGE,
		.ndm_ifindex = said->ndm_ifindex,
		.ndm_state = said->ndm_state,
		.ndm_flags =
			NTF_MASTER | (said->ndm_flags & (NTF_EXT_LEARNED | NTF_STICKY)) };
	entry = request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head),
		msg->nlmsg_len);
	copy(entry, NDA_LLADDR, tb[NDA_LLADDR]);
	copy(entry, NDA_VLAN, tb[NDA_VLAN]);
	copy(entry, NDA_FDB_EXT_ATTRS | NLA_F_NESTED, tb[NDA_FDB_EXT_ATTRS]);
	vlan = tb[NDA_VLAN] ? nla_get_u16(tb[NDA_VLAN]) : 0;
	if (vlan && !has_vlan(port, vlan))
		keep_stray(port, vlan, entry);
	else
		port_keep(vlan ? &port->later : &port->now, entry);
}

/* Multicast entries. */

static void
copy_sources(struct nl_msg *to, struct nlattr *list)
{
	struct nlattr *nest = nla_nest_start(to, ENTRY_SRC_LIST | NLA_F_NESTED), *attr;
	int left;

	must_be(nest != NULL);
	nla_for_each_nested (attr, list, left) {
		struct nlattr *address =
			nla_find(nla_data(attr), nla_len(attr), MDBA_MDB_SRCATTR_ADDRESS);
		struct nlattr *source;

		if (!address)
			continue;
		source = nla_nest_start(to, SRC_LIST_ENTRY | NLA_F_NESTED);
		must_be(source != NULL);
		copy(to, SRC_ADDRESS, address);
		nla_nest_end(to, source);
	}
	nla_nest_end(to, nest);
}

/* What is not so by itself: kernels that tell a mode or a protocol do not all take it. */
static void
copy_group(struct nl_msg *to, struct nlattr **tb)
{
	struct nlattr *mode = tb[MDBA_MDB_EATTR_GROUP_MODE];
	struct nlattr *list = tb[MDBA_MDB_EATTR_SRC_LIST];
	struct nlattr *proto = tb[MDBA_MDB_EATTR_RTPROT];
	struct nlattr *nest = nla_nest_start(to, MDBA_SET_ENTRY_ATTRS | NLA_F_NESTED);

	must_be(nest != NULL);
	if (tb[MDBA_MDB_EATTR_SOURCE]) { /* which says all */
		copy(to, MDBE_ATTR_SOURCE, tb[MDBA_MDB_EATTR_SOURCE]);
		mode = list = NULL;
	}
	if (list && nla_len(list))
		copy_sources(to, list);
	if (mode && ((list && nla_len(list)) || nla_get_u8(mode) == MCAST_INCLUDE))
		copy(to, ENTRY_GROUP_MODE, mode);
	if (proto && nla_get_u8(proto) != RTPROT_STATIC)
		copy(to, ENTRY_RTPROT, proto);
	nla_nest_end(to, nest); /* an empty one is taken out again */
}

static bool
take_group(struct port *port, struct nlattr *attr)
{
	static const struct nla_policy policy[MDBA_MDB_EATTR_MAX + 1] = {
		[MDBA_MDB_EATTR_SRC_LIST] = { .type = NLA_NESTED },
		[MDBA_MDB_EATTR_GROUP_MODE] = { .type = NLA_U8 },
		[MDBA_MDB_EATTR_RTPROT] = { .type = NLA_U8 },
	};
	const size_t size = NLA_ALIGN(sizeof(struct br_mdb_entry));
	struct br_port_msg head = { .family = AF_BRIDGE, .ifindex = port->master };
	struct nlattr *tb[MDBA_MDB_EATTR_MAX + 1], *any[1];
	struct br_mdb_entry entry;
	struct nl_msg *msg;

	if (nla_len(attr) < (int)size ||
		!attr_list((const uint8_t *)nla_data(attr) + size,
			(size_t)nla_len(attr) - size, tb, MDBA_MDB_EATTR_MAX, policy) ||
		(tb[MDBA_MDB_EATTR_SRC_LIST] &&
			!attr_nested(tb[MDBA_MDB_EATTR_SRC_LIST], any, 0, NULL)))
		return false;
	memcpy(&entry, nla_data(attr), sizeof(entry));
	if (entry.ifindex != port->ifindex || entry.state != MDB_PERMANENT ||
		entry.flags & MDB_FLAGS_STAR_EXCL || /* made by the one of any source */
		(port->filters && !entry.vid))
		return true;
	entry.flags = 0;
	msg = request(RTM_NEWMDB, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head),
		(size_t)nla_len(attr) + 64);
	must(nla_put(msg, MDBA_SET_ENTRY, sizeof(entry), &entry));
	copy_group(msg, tb);
	if (port->filters && !has_vlan(port, entry.vid))
		keep_stray(port, entry.vid, msg);
	else
		port_keep(tb[MDBA_MDB_EATTR_SOURCE] ? &port->later : &port->now, msg);
	return true;
}

/* All entries of one group, of all ports. */
static bool
take_entries(struct port *port, struct nlattr *entries)
{
	struct nlattr *attr, *any[1];
	int left;

	if (!attr_nested(entries, any, 0, NULL))
		return false;
	nla_for_each_nested (attr, entries, left) {
		if (nla_type(attr) == MDBA_MDB_ENTRY_INFO && !take_group(port, attr))
			return false;
	}
	return true;
}

void
port_take_groups(const struct nlmsghdr *msg, void *arg)
{
	static const struct nla_policy policy[MDBA_MAX + 1] = {
		[MDBA_MDB] = { .type = NLA_NESTED },
	};
	struct port *port = arg;
	struct nlattr *tb[MDBA_MAX + 1], *any[1], *attr;
	const struct br_port_msg *head =
		attr_parse(msg, sizeof(*head), tb, MDBA_MAX, policy);
	int left;

	if (!head || (tb[MDBA_MDB] && !attr_nested(tb[MDBA_MDB], any, 0, NULL))) {
		port->error = -EBADMSG;
		return;
	}
	/* a dump has the type of its question, but for other kinds of devices */
	if ((msg->nlmsg_type != RTM_GETMDB && msg->nlmsg_type != RTM_NEWMDB) ||
		head->ifindex != port->master || !tb[MDBA_MDB])
		return;
	nla_for_each_nested (attr, tb[MDBA_MDB], left) {
		if (nla_type(attr) == MDBA_MDB_ENTRY && !take_entries(port, attr))
			port->error = -EBADMSG;
	}
}
