/*
 * RTM_NEWLINK to struct link_info: see decode.h. The one place that knows which of the
 * kernel's links between links mean "runs on top of".
 */
#include "attr.h"
#include "decode.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static const struct nla_policy policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[IFLA_MTU] = { .type = NLA_U32 },
	[IFLA_MIN_MTU] = { .type = NLA_U32 },
	[IFLA_MAX_MTU] = { .type = NLA_U32 },
	[IFLA_LINK] = { .type = NLA_U32 },
	[IFLA_MASTER] = { .type = NLA_U32 },
	[IFLA_OPERSTATE] = { .type = NLA_U8 },
	[IFLA_PROMISCUITY] = { .type = NLA_U32 },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
	[IFLA_IFALIAS] = { .type = NLA_STRING },
	[IFLA_PARENT_DEV_NAME] = { .type = NLA_STRING },
	[IFLA_PARENT_DEV_BUS_NAME] = { .type = NLA_STRING },
};

static uint32_t
get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

/* Kinds whose IFLA_LINK is the link they run on. It is not for a veth, netkit or vxcan
 * (the peer) nor for a dsa port (the conduit, whose state is not the port's). */
static bool
runs_on_iflink(const char *kind)
{
	static const char *const kinds[] = { "vlan", "macvlan", "macvtap", "ipvlan",
		"ipvtap", "macsec", "hsr", "lowpan", "ipoib", "rmnet", "virt_wifi" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i], kind) == 0)
			return true;
	}
	return false;
}

/* The attribute of IFLA_INFO_DATA that names the lower link of a tunnel of @kind; 0: it
 * has none. */
static int
lower_attribute(const char *kind)
{
	static const struct {
		const char *kind;
		int attribute;
	} kinds[] = {
		{ "vxlan", IFLA_VXLAN_LINK },
		{ "gre", IFLA_GRE_LINK },
		{ "gretap", IFLA_GRE_LINK },
		{ "erspan", IFLA_GRE_LINK },
		{ "ip6gre", IFLA_GRE_LINK },
		{ "ip6gretap", IFLA_GRE_LINK },
		{ "ip6erspan", IFLA_GRE_LINK },
		{ "ipip", IFLA_IPTUN_LINK },
		{ "sit", IFLA_IPTUN_LINK },
		{ "ip6tnl", IFLA_IPTUN_LINK },
		{ "vti", IFLA_VTI_LINK },
		{ "vti6", IFLA_VTI_LINK },
		{ "xfrm", IFLA_XFRM_LINK },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].attribute;
	}
	return 0;
}

static bool
take_linkinfo(struct link_info *info, struct nlattr *linkinfo, uint32_t iflink)
{
	static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
		[IFLA_INFO_KIND] = { .type = NLA_STRING },
		[IFLA_INFO_DATA] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[IFLA_INFO_MAX + 1], *lower;
	int attribute;

	if (!attr_nested(linkinfo, tb, IFLA_INFO_MAX, info_policy))
		return false;
	attr_string(info->kind, sizeof(info->kind), tb[IFLA_INFO_KIND]);
	if (runs_on_iflink(info->kind)) {
		info->lower = iflink;
		return true;
	}
	attribute = lower_attribute(info->kind);
	info->movable = attribute != 0;
	if (!attribute || !tb[IFLA_INFO_DATA])
		return true;
	lower = nla_find(
		nla_data(tb[IFLA_INFO_DATA]), nla_len(tb[IFLA_INFO_DATA]), attribute);
	if (lower && nla_len(lower) == (int)sizeof(uint32_t))
		info->lower = nla_get_u32(lower);
	return true;
}

enum decoded
decode_link(const struct nlmsghdr *msg, struct link_info *info)
{
	struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *head =
		attr_parse(msg, sizeof(*head), tb, IFLA_MAX, policy);

	if (!head)
		return DECODE_MALFORMED;
	if ((msg->nlmsg_type != RTM_NEWLINK && msg->nlmsg_type != RTM_DELLINK) ||
		head->ifi_family != AF_UNSPEC || tb[IFLA_WIRELESS])
		return DECODE_IGNORED;
	/* ifIndex is 1..2147483647 */
	if (head->ifi_index <= 0 || !tb[IFLA_IFNAME] || !tb[IFLA_MTU])
		return DECODE_MALFORMED;
	memset(info, 0, sizeof(*info));
	info->ifindex = (uint32_t)head->ifi_index;
	info->arphrd = head->ifi_type;
	info->up = head->ifi_flags & IFF_UP;
	info->lower_up = head->ifi_flags & IFF_LOWER_UP;
	info->promisc = head->ifi_flags & IFF_PROMISC;
	info->mtu = get_u32(tb[IFLA_MTU]);
	info->min_mtu = get_u32(tb[IFLA_MIN_MTU]);
	info->max_mtu = get_u32(tb[IFLA_MAX_MTU]);
	info->master = get_u32(tb[IFLA_MASTER]);
	info->promiscuity = get_u32(tb[IFLA_PROMISCUITY]);
	info->operstate = tb[IFLA_OPERSTATE] ? nla_get_u8(tb[IFLA_OPERSTATE]) : 0;
	attr_string(info->name, sizeof(info->name), tb[IFLA_IFNAME]);
	attr_string(info->alias, sizeof(info->alias), tb[IFLA_IFALIAS]);
	attr_string(info->parent, sizeof(info->parent), tb[IFLA_PARENT_DEV_NAME]);
	attr_string(
		info->parent_bus, sizeof(info->parent_bus), tb[IFLA_PARENT_DEV_BUS_NAME]);
	attr_lladdr(&info->address, tb[IFLA_ADDRESS]);
	attr_lladdr(&info->broadcast, tb[IFLA_BROADCAST]);
	attr_lladdr(&info->permanent, tb[IFLA_PERM_ADDRESS]);
	if (tb[IFLA_LINKINFO] &&
		!take_linkinfo(info, tb[IFLA_LINKINFO], get_u32(tb[IFLA_LINK])))
		return DECODE_MALFORMED;
	if (tb[IFLA_LINK_NETNSID]) /* the lower link's index is one of another namespace
				    */
		info->lower = 0;
	return DECODE_OK;
}
