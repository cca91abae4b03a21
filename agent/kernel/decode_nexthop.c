/*
 * RTM_NEWNEXTHOP and RTM_DELNEXTHOP to plain structs: see decode.h.
 */
#include "attr.h"
#include "decode.h"

#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static const struct nla_policy policy[NHA_MAX + 1] = {
	[NHA_ID] = { .type = NLA_U32 },
	[NHA_OIF] = { .type = NLA_U32 },
};

/* An attribute's length has 16 bits: there is always room. */
_Static_assert(
	NEXTHOP_MAX_MEMBERS > UINT16_MAX / sizeof(struct nexthop_grp), "too few members");

static bool
take_members(struct nexthop_info *info, struct nlattr *group)
{
	const uint8_t *at;
	struct nexthop_grp said;

	info->n_members = 0;
	if (!group)
		return true;
	at = nla_data(group);
	if (nla_len(group) == 0 || (size_t)nla_len(group) % sizeof(said) != 0)
		return false;
	for (; info->n_members < (size_t)nla_len(group) / sizeof(said);
		info->n_members++) {
		struct nexthop_member *member = &info->members[info->n_members];

		memcpy(&said, at + info->n_members * sizeof(said), sizeof(said));
		/* resvd1: the upper octet of the weight, since Linux 6.12 */
		member->id = said.id;
		member->weight = (uint16_t)((said.resvd1 << 8 | said.weight) + 1);
		if (member->id == 0 || member->weight == 0)
			return false;
	}
	return true;
}

static bool
take_gateway(struct nexthop_info *info, uint8_t family, struct nlattr *attr)
{
	memset(&info->gateway, 0, sizeof(info->gateway));
	if (!attr)
		return true;
	if (family == AF_INET && nla_len(attr) == 4)
		info->gateway = inet_make(INET_IPV4, nla_data(attr));
	else if (family == AF_INET6 && nla_len(attr) == 16)
		info->gateway = inet_make(INET_IPV6, nla_data(attr));
	else
		return false;
	return true;
}

enum decoded
decode_nexthop(const struct nlmsghdr *msg, struct nexthop_info *info)
{
	struct nlattr *tb[NHA_MAX + 1];
	const struct nhmsg *head;

	if (msg->nlmsg_type != RTM_NEWNEXTHOP && msg->nlmsg_type != RTM_DELNEXTHOP)
		return DECODE_IGNORED;
	head = attr_parse(msg, sizeof(*head), tb, NHA_MAX, policy);
	if (!head)
		return DECODE_MALFORMED;
	if (tb[NHA_FDB])
		return DECODE_IGNORED;
	if (!tb[NHA_ID])
		return DECODE_MALFORMED;
	info->id = nla_get_u32(tb[NHA_ID]);
	info->ifindex = tb[NHA_OIF] ? nla_get_u32(tb[NHA_OIF]) : 0;
	info->blackhole = tb[NHA_BLACKHOLE] != NULL;
	info->dead = head->nh_flags & RTNH_F_DEAD;
	if (info->id == 0 || info->ifindex > INT32_MAX ||
		!take_gateway(info, head->nh_family, tb[NHA_GATEWAY]) ||
		!take_members(info, tb[NHA_GROUP]))
		return DECODE_MALFORMED;
	return DECODE_OK;
}
