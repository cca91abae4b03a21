/*
 * Ports of bridges and bonds: see port.h.
 */
#include "port.h"

#include "attr.h"
#include "encode.h"
#include "port_entries.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Newer than the headers (6.2 to 6.17); their numbers do not change. */
enum {
	BOND_SLAVE_ACTOR_PORT_PRIO = 10,
	BRPORT_MAB = 44,
	BRPORT_MCAST_MAX_GROUPS = 46,
	BRPORT_NEIGH_VLAN_SUPPRESS = 47,
	BRPORT_BACKUP_NHID = 48,
};

/* What can be set of a port of each kind, of what the kernel says of it; ends with 0. */
static const int of_bridge[] = { IFLA_BRPORT_PRIORITY, IFLA_BRPORT_COST, IFLA_BRPORT_MODE,
	IFLA_BRPORT_GUARD, IFLA_BRPORT_PROTECT, IFLA_BRPORT_FAST_LEAVE,
	IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD, IFLA_BRPORT_PROXYARP,
	IFLA_BRPORT_PROXYARP_WIFI, IFLA_BRPORT_MULTICAST_ROUTER, IFLA_BRPORT_MCAST_FLOOD,
	IFLA_BRPORT_MCAST_TO_UCAST, IFLA_BRPORT_VLAN_TUNNEL, IFLA_BRPORT_BCAST_FLOOD,
	IFLA_BRPORT_GROUP_FWD_MASK, IFLA_BRPORT_NEIGH_SUPPRESS, IFLA_BRPORT_ISOLATED,
	IFLA_BRPORT_BACKUP_PORT, IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT, IFLA_BRPORT_LOCKED,
	BRPORT_MAB, BRPORT_MCAST_MAX_GROUPS, BRPORT_NEIGH_VLAN_SUPPRESS,
	BRPORT_BACKUP_NHID, 0 };
static const int of_bond[] = { IFLA_BOND_SLAVE_QUEUE_ID, IFLA_BOND_SLAVE_PRIO,
	BOND_SLAVE_ACTOR_PORT_PRIO, 0 };
/* Of another port, whose backup it was. */
static const int of_backup[] = { IFLA_BRPORT_BACKUP_PORT, 0 };

/* What a message about a link says of it as a port; points into the message. */
struct settings {
	uint32_t ifindex, master;
	struct nlattr *address; /* NULL: none, */
	struct nlattr *kind;	/* likewise; of its master, */
	struct nlattr *data;	/* never without a kind */
	struct nlattr *of_link; /* of the link itself: IFLA_INFO_DATA */
};

static bool
settings_read(const struct nlmsghdr *msg, struct settings *settings)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_MASTER] = { .type = NLA_U32 },
		[IFLA_LINKINFO] = { .type = NLA_NESTED },
	};
	static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
		[IFLA_INFO_SLAVE_KIND] = { .type = NLA_STRING },
		[IFLA_INFO_SLAVE_DATA] = { .type = NLA_NESTED },
		[IFLA_INFO_DATA] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1] = { NULL }, *any[1];
	const struct ifinfomsg *head =
		attr_parse(msg, sizeof(*head), tb, IFLA_MAX, policy);

	if (!head || (tb[IFLA_LINKINFO] && !attr_nested(tb[IFLA_LINKINFO], info,
						   IFLA_INFO_MAX, info_policy)))
		return false;
	*settings = (struct settings){ .ifindex = (uint32_t)head->ifi_index,
		.master = tb[IFLA_MASTER] ? nla_get_u32(tb[IFLA_MASTER]) : 0,
		.address = tb[IFLA_ADDRESS],
		.kind = info[IFLA_INFO_SLAVE_KIND],
		.data = info[IFLA_INFO_SLAVE_DATA],
		.of_link = info[IFLA_INFO_DATA] };
	if (!settings->kind || !settings->data)
		settings->kind = settings->data = NULL;
	return (!settings->data || attr_nested(settings->data, any, 0, NULL)) &&
	       (!settings->of_link || attr_nested(settings->of_link, any, 0, NULL));
}

static struct nlattr *
find(const struct settings *settings, int attribute)
{
	return settings->data ? nla_find(nla_data(settings->data),
					nla_len(settings->data), attribute)
			      : NULL;
}

static bool
is_equal(struct nlattr *a, struct nlattr *b)
{
	return a && b && nla_len(a) == nla_len(b) &&
	       memcmp(nla_data(a), nla_data(b), (size_t)nla_len(a)) == 0;
}

/* RTM_NEWLINK: those of the settings in @list that are not @now (NULL: all) as they are
 * wanted. NULL: there are none. */
static struct nl_msg *
encode_settings(
	const struct settings *wanted, const int *list, const struct settings *now)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)wanted->ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST);
	struct nlattr *info, *data;
	bool any = false;

	must(msg ? nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) : -1);
	must_be((info = nla_nest_start(msg, IFLA_LINKINFO)) != NULL);
	must(nla_put(msg, IFLA_INFO_SLAVE_KIND, nla_len(wanted->kind),
		nla_data(wanted->kind)));
	must_be((data = nla_nest_start(msg, IFLA_INFO_SLAVE_DATA)) != NULL);
	for (; *list; list++) {
		struct nlattr *attr = find(wanted, *list);

		if (!attr || (now && is_equal(attr, find(now, *list))))
			continue;
		must(nla_put(msg, *list, nla_len(attr), nla_data(attr)));
		any = true;
	}
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	if (!any) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static const int *
list_of(const struct settings *settings)
{
	if (settings->kind && nla_strcmp(settings->kind, "bridge") == 0)
		return of_bridge;
	if (settings->kind && nla_strcmp(settings->kind, "bond") == 0)
		return of_bond;
	return NULL;
}

/* Of all ports of a master: what is set of the one, and whose backup it is. */
static void
take_settings(const struct nlmsghdr *msg, void *arg)
{
	struct port *port = arg;
	struct settings settings;
	struct nlattr *backup;
	const int *list = NULL;

	if (msg->nlmsg_type != RTM_NEWLINK)
		return;
	if (!settings_read(msg, &settings)) {
		port->error = -EBADMSG;
		return;
	}
	if (settings.master != port->master)
		return; /* of a kernel that does not ask for what is wanted */
	if (settings.ifindex == port->ifindex) {
		list = list_of(&settings);
		port->found = true;
		port->is_of_bridge = list == of_bridge;
		attr_lladdr(&port->address, settings.address);
	} else if (list_of(&settings) == of_bridge) {
		backup = find(&settings, IFLA_BRPORT_BACKUP_PORT);
		if (backup && nla_len(backup) == 4 &&
			nla_get_u32(backup) == port->ifindex)
			list = of_backup;
	}
	if (list)
		port_keep(settings.ifindex == port->ifindex ? &port->now : &port->later,
			encode_settings(&settings, list, NULL));
}

/* Of the bridge: the VLAN that a port has when it has just come, which is none in a
 * kernel that does not filter VLANs. */
static void
take_master(const struct nlmsghdr *msg, void *arg)
{
	struct port *port = arg;
	struct settings settings;
	struct nlattr *vlan, *filters;

	if (msg->nlmsg_type != RTM_NEWLINK)
		return;
	if (!settings_read(msg, &settings)) {
		port->error = -EBADMSG;
		return;
	}
	if (!settings.of_link || settings.ifindex != port->master)
		return;
	filters = nla_find(nla_data(settings.of_link), nla_len(settings.of_link),
		IFLA_BR_VLAN_FILTERING);
	port->filters = filters && nla_len(filters) == 1 && nla_get_u8(filters);
	vlan = nla_find(nla_data(settings.of_link), nla_len(settings.of_link),
		IFLA_BR_VLAN_DEFAULT_PVID);
	if (vlan && nla_len(vlan) == 2 && nla_get_u16(vlan))
		port_keep(&port->now,
			port_encode_no_vlan(port->ifindex, nla_get_u16(vlan)));
}

/* What was kept for later comes now. */
static void
append_later(struct port *port)
{
	for (size_t at = 0; at < port->later.len;) {
		const struct nlmsghdr *msg = (const void *)(port->later.messages + at);

		at += NLMSG_ALIGN(msg->nlmsg_len);
		snapshot_keep(&port->now, msg);
	}
	snapshot_forget(&port->later);
}

static int
ask(struct port *port, struct channel *channel, struct nl_msg *question, reply_fn *fn)
{
	int error = snapshot_ask(channel, question, fn, port);

	return error ? error : port->error;
}

/* An entry without a VLAN that is made again is made in all VLANs that the port has: it
 * comes while there are none. */
static int
take_bridge(struct port *port, struct channel *channel)
{
	int error = ask(port, channel, encode_get_links(port->master), take_master);

	if (!error)
		error = ask(port, channel, encode_get_port_vlans(), port_take_vlans);
	if (!error)
		error = ask(port, channel,
			encode_get_port_fdb(port->ifindex, port->master),
			port_take_entry);
	append_later(port);
	if (!error)
		error = ask(port, channel, encode_get_mdb(), port_take_groups);
	append_later(port);
	return error;
}

int
port_remember(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex,
	uint32_t master)
{
	struct port port = { .ifindex = ifindex, .master = master, .now = *snapshot };
	int error = ask(&port, channel, encode_get_ports(master), take_settings);

	if (!error && !port.found)
		error = -ENODEV;
	append_later(&port);
	if (!error && port.is_of_bridge)
		error = take_bridge(&port, channel);
	*snapshot = port.now;
	return error;
}

bool
port_is_settings(const struct nlmsghdr *msg)
{
	return msg->nlmsg_type == RTM_NEWLINK && msg->nlmsg_flags & NLM_F_REQUEST &&
	       nlmsg_find_attr(
		       (void *)(uintptr_t)msg, sizeof(struct ifinfomsg), IFLA_LINKINFO);
}

struct comparison {
	const struct settings *wanted;
	const int *list; /* of what can be set */
	struct nl_msg *left;
	int error;
};

static void
compare(const struct nlmsghdr *msg, void *arg)
{
	struct comparison *comparison = arg;
	struct settings now;

	if (msg->nlmsg_type != RTM_NEWLINK || comparison->left)
		return;
	if (!settings_read(msg, &now))
		comparison->error = -EBADMSG;
	else if (now.ifindex == comparison->wanted->ifindex)
		comparison->left =
			encode_settings(comparison->wanted, comparison->list, &now);
}

int
port_set_again(
	struct channel *channel, const struct nlmsghdr *msg, char *why, size_t size)
{
	struct settings wanted;
	struct comparison comparison = { .wanted = &wanted };
	int error;

	if (!settings_read(msg, &wanted))
		return -EBADMSG;
	comparison.list = list_of(&wanted);
	if (!comparison.list)
		return -EBADMSG;
	error = channel_request(
		channel, encode_get_links(wanted.ifindex), compare, &comparison);
	error = error ? error : comparison.error;
	if (comparison.left && !error)
		return channel_change(channel, comparison.left, why, size);
	nlmsg_free(comparison.left);
	return error;
}
