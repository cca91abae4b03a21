/*
 * RTM_NEWROUTE and RTM_DELROUTE to plain structs: see decode.h.
 *
 * A dump may bring millions of them, so the attributes are walked once, and their sizes
 * are checked where they are used. What makes a route of IPv4 the one it is (see struct
 * route_info) is put into a hash, which must be the same in the event, in a dump and in
 * the event that takes the route away: nothing that the kernel changes on its own may be
 * in it.
 */
#include "attr.h"
#include "decode.h"

#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_local.h>
#include <string.h>
#include <sys/socket.h>

#ifndef USER_HZ /* the unit of rta_expires */
#define USER_HZ 100
#endif

#define N_ATTRS (RTA_MAX + 1)

/* An attribute's length has 16 bits: there is always room. */
_Static_assert(ROUTE_MAX_HOPS > UINT16_MAX / sizeof(struct rtnexthop), "too few hops");

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static uint64_t
mix_octets(uint64_t hash, const void *octets, size_t len)
{
	const uint8_t *at = octets;
	uint64_t word;

	hash = mix(hash, len);
	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = mix(hash, word);
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, at, len);
		hash = mix(hash, word);
	}
	return hash;
}

/* 32 bits of it, never 0. */
static uint32_t
mixed(uint64_t hash)
{
	uint32_t folded = (uint32_t)(mix(hash, 0) >> 32);

	return folded ? folded : 1;
}

static const void *
data_of(const struct nlattr *attr)
{
	return (const uint8_t *)attr + NLA_HDRLEN;
}

static size_t
size_of(const struct nlattr *attr)
{
	return (size_t)attr->nla_len - NLA_HDRLEN;
}

/* The attribute at *@at, of which @len octets are left, or NULL if it is not whole; moves
 * both behind it. */
static const struct nlattr *
next_attr(const uint8_t **at, size_t *len)
{
	const struct nlattr *attr = (const void *)*at;
	size_t step;

	if (*len < sizeof(*attr) || attr->nla_len < sizeof(*attr) || attr->nla_len > *len)
		return NULL;
	step = NLA_ALIGN(attr->nla_len);
	if (step > *len) /* the last one need not be padded */
		step = *len;
	*at += step;
	*len -= step;
	return attr;
}

/* Finds the attributes in @len octets at @at; false if they are not whole. */
static bool
find_attrs(const struct nlattr *tb[N_ATTRS], const uint8_t *at, size_t len)
{
	memset(tb, 0, N_ATTRS * sizeof(*tb));
	while (len > 0) {
		const struct nlattr *attr = next_attr(&at, &len);
		int type;

		if (!attr)
			return false;
		type = attr->nla_type & NLA_TYPE_MASK;
		if (type < N_ATTRS)
			tb[type] = attr;
	}
	return true;
}

/* Copies a number, if @attr is there; false if it has the wrong size. */
static bool
take_u32(uint32_t *to, const struct nlattr *attr)
{
	if (!attr)
		return true;
	if (size_of(attr) != sizeof(*to))
		return false;
	memcpy(to, data_of(attr), sizeof(*to));
	return true;
}

static bool
take_octets(struct inet *inet, int family, const void *octets, size_t len)
{
	if (family == AF_INET && len == 4)
		*inet = inet_make(INET_IPV4, octets);
	else if (family == AF_INET6 && len == 16)
		*inet = inet_make(INET_IPV6, octets);
	else
		return false;
	return true;
}

/* Copies an address of @family, if @attr is there. */
static bool
take_inet(struct inet *inet, int family, const struct nlattr *attr)
{
	return !attr || take_octets(inet, family, data_of(attr), size_of(attr));
}

/* The prefix of @plen bits in @attr, which is not there if all its bits are zero. */
static bool
take_prefix(struct inet *prefix, int family, uint8_t plen, const struct nlattr *attr)
{
	static const uint8_t zero[16];

	*prefix = inet_make(family == AF_INET ? INET_IPV4 : INET_IPV6, zero);
	if (plen > prefix->len * 8 || !take_inet(prefix, family, attr))
		return false;
	if (plen < prefix->len * 8)
		*prefix = inet_prefix(prefix, plen);
	return true;
}

/* RTA_VIA is a gateway of the other family (RFC 5549). */
static bool
take_gateway(struct inet *gateway, int family, const struct nlattr **tb)
{
	const struct nlattr *via = tb[RTA_VIA];
	const struct rtvia *head;

	memset(gateway, 0, sizeof(*gateway));
	if (tb[RTA_GATEWAY] || !via)
		return take_inet(gateway, family, tb[RTA_GATEWAY]);
	head = data_of(via);
	/* The other way round there is none. */
	return size_of(via) >= sizeof(*head) &&
	       (family == AF_INET || head->rtvia_family == family) &&
	       take_octets(gateway, head->rtvia_family, head->rtvia_addr,
		       size_of(via) - sizeof(*head));
}

static bool
is_seg6_local(const struct nlattr *type)
{
	uint16_t number;

	if (!type || size_of(type) < sizeof(number))
		return false;
	memcpy(&number, data_of(type), sizeof(number));
	return number == LWTUNNEL_ENCAP_SEG6_LOCAL;
}

/* An encapsulation of type seg6local may have counters of packets in it. */
static uint64_t
mix_seg6_local(uint64_t hash, const struct nlattr *encap)
{
	const uint8_t *at = data_of(encap);
	size_t len = size_of(encap);
	const struct nlattr *attr;

	while ((attr = next_attr(&at, &len))) {
		if ((attr->nla_type & NLA_TYPE_MASK) != SEG6_LOCAL_COUNTERS)
			hash = mix_octets(hash, attr, attr->nla_len);
	}
	return mix_octets(hash, at, len);
}

/* The realm counts, too, as the kernel says it with the next hop. */
static uint32_t
hash_encap(const struct nlattr **tb)
{
	const struct nlattr *encap = tb[RTA_ENCAP], *type = tb[RTA_ENCAP_TYPE],
			    *flow = tb[RTA_FLOW];
	uint64_t hash = 0;

	if (!encap && !flow)
		return 0;
	if (flow)
		hash = mix_octets(1, data_of(flow), size_of(flow));
	if (encap && type)
		hash = mix_octets(hash, data_of(type), size_of(type));
	if (encap && is_seg6_local(type))
		hash = mix_seg6_local(hash, encap);
	else if (encap)
		hash = mix_octets(hash, data_of(encap), size_of(encap));
	return mixed(hash);
}

/* A next hop, but for its weight: what @tb says of it, the flags and device it has. */
static bool
take_hop(struct hop_info *hop, int family, const struct nlattr **tb, uint32_t ifindex,
	uint32_t flags)
{
	hop->ifindex = ifindex;
	hop->dead = flags & RTNH_F_DEAD;
	hop->encap = hash_encap(tb);
	return ifindex <= INT32_MAX && take_gateway(&hop->gateway, family, tb);
}

/* The flag "onlink" is told, the others are a state. */
static uint64_t
mix_hop(uint64_t hash, const struct hop_info *hop, uint32_t flags)
{
	hash = mix_octets(hash, &hop->gateway, sizeof(hop->gateway));
	hash = mix(hash, (uint64_t)hop->encap << 32 | hop->ifindex);
	return mix(hash, (uint64_t)(flags & RTNH_F_ONLINK) << 8 | hop->weight);
}

static bool
take_hops(struct route_info *info, int family, const struct nlattr *multipath,
	uint64_t *hash)
{
	const uint8_t *at = data_of(multipath);
	size_t len = size_of(multipath);

	while (len > 0) {
		const struct rtnexthop *head = (const void *)at;
		struct hop_info *hop = &info->hops[info->n_hops];
		const struct nlattr *tb[N_ATTRS];
		size_t step;

		if (len < sizeof(*head) || head->rtnh_len < sizeof(*head) ||
			head->rtnh_len > len ||
			!find_attrs(
				tb, at + sizeof(*head), head->rtnh_len - sizeof(*head)) ||
			!take_hop(hop, family, tb, (uint32_t)head->rtnh_ifindex,
				head->rtnh_flags))
			return false;
		hop->weight = (uint16_t)(head->rtnh_hops + 1);
		*hash = mix_hop(*hash, hop, head->rtnh_flags);
		info->n_hops++;
		step = NLMSG_ALIGN(head->rtnh_len);
		if (step > len)
			step = len;
		at += step;
		len -= step;
	}
	return info->n_hops > 0;
}

static bool
is_reject(uint8_t type)
{
	return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE || type == RTN_PROHIBIT ||
	       type == RTN_THROW;
}

static bool
take_ways(struct route_info *info, const struct rtmsg *head, const struct nlattr **tb,
	uint64_t *hash)
{
	uint32_t ifindex = 0;

	info->n_hops = 0;
	if (is_reject(head->rtm_type)) {
		/* IPv6 says device lo: nothing goes there */
		memset(&info->hops[info->n_hops++], 0, sizeof(info->hops[0]));
		return true;
	}
	if (tb[RTA_MULTIPATH])
		return take_hops(info, head->rtm_family, tb[RTA_MULTIPATH], hash);
	if (info->nhid && !tb[RTA_OIF] && !tb[RTA_GATEWAY] && !tb[RTA_VIA])
		return true;
	if (!take_u32(&ifindex, tb[RTA_OIF]) ||
		!take_hop(&info->hops[0], head->rtm_family, tb, ifindex, head->rtm_flags))
		return false;
	info->hops[0].weight = 0;
	*hash = mix_hop(*hash, &info->hops[0], head->rtm_flags);
	info->n_hops = 1;
	return true;
}

/* @hash: of the next hops. */
static uint32_t
hash_identity(const struct route_info *info, const struct nlattr **tb, uint64_t hash)
{
	/* An object may become another one, and a blackhole, which the type of its routes
	 * then says. */
	if (info->nhid) /* not what a type would give */
		hash = mix(UINT64_C(1) << 32, info->nhid);
	else
		hash = mix(hash, info->type);
	hash = mix(hash, (uint64_t)info->proto << 8 | info->scope);
	hash = mix_octets(hash, info->prefsrc.bytes, info->prefsrc.len);
	if (tb[RTA_METRICS])
		hash = mix_octets(
			hash, data_of(tb[RTA_METRICS]), size_of(tb[RTA_METRICS]));
	return mixed(hash);
}

static bool
take_lifetime(struct route_info *info, const struct nlattr *attr)
{
	struct rta_cacheinfo cache = { .rta_expires = 0 };

	if (attr) {
		if (size_of(attr) < sizeof(cache))
			return false;
		memcpy(&cache, data_of(attr), sizeof(cache));
	}
	if (cache.rta_expires == 0)
		info->lifetime = ROUTER_FOREVER;
	else if (cache.rta_expires > 0)
		info->lifetime = (uint32_t)cache.rta_expires / USER_HZ;
	else
		info->lifetime = 0;
	return true;
}

static bool
take_preference(struct route_info *info, const struct nlattr *attr)
{
	info->preference = ROUTER_MEDIUM;
	if (!attr)
		return true;
	if (size_of(attr) != sizeof(info->preference))
		return false;
	memcpy(&info->preference, data_of(attr), sizeof(info->preference));
	return info->preference <= ROUTER_LOW;
}

static bool
take_route(struct route_info *info, const struct rtmsg *head, const struct nlattr **tb)
{
	int family = head->rtm_family;
	uint64_t hash = 0;

	info->table = head->rtm_table;
	info->metric = info->nhid = info->id = 0;
	info->plen = head->rtm_dst_len;
	info->src_plen = family == AF_INET6 ? head->rtm_src_len : 0;
	info->tos = head->rtm_tos;
	info->type = head->rtm_type;
	info->proto = head->rtm_protocol;
	info->scope = head->rtm_scope;
	memset(&info->src, 0, sizeof(info->src));
	memset(&info->prefsrc, 0, sizeof(info->prefsrc));
	if (!take_prefix(&info->dst, family, info->plen, tb[RTA_DST]) ||
		(info->src_plen &&
			!take_prefix(&info->src, family, info->src_plen, tb[RTA_SRC])) ||
		!take_inet(&info->prefsrc, family, tb[RTA_PREFSRC]) ||
		!take_u32(&info->table, tb[RTA_TABLE]) ||
		!take_u32(&info->metric, tb[RTA_PRIORITY]) ||
		!take_u32(&info->nhid, tb[RTA_NH_ID]) ||
		!take_lifetime(info, tb[RTA_CACHEINFO]) ||
		!take_preference(info, tb[RTA_PREF]) || !take_ways(info, head, tb, &hash))
		return false;
	if (family == AF_INET)
		info->id = hash_identity(info, tb, hash);
	return true;
}

enum decoded
decode_route(const struct nlmsghdr *msg, struct route_info *info)
{
	const uint8_t *payload = (const uint8_t *)msg + NLMSG_HDRLEN;
	const struct rtmsg *head = (const void *)payload;
	const struct nlattr *tb[N_ATTRS];

	if (msg->nlmsg_type != RTM_NEWROUTE && msg->nlmsg_type != RTM_DELROUTE)
		return DECODE_IGNORED;
	if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) ||
		!find_attrs(tb, payload + sizeof(*head),
			msg->nlmsg_len - NLMSG_LENGTH(sizeof(*head))))
		return DECODE_MALFORMED;
	/* A cloned one is what the kernel has learnt of one peer, such as its path MTU.
	 */
	if ((head->rtm_family != AF_INET && head->rtm_family != AF_INET6) ||
		head->rtm_flags & RTM_F_CLONED)
		return DECODE_IGNORED;
	info->replace =
		msg->nlmsg_type == RTM_NEWROUTE && msg->nlmsg_flags & NLM_F_REPLACE;
	info->append = msg->nlmsg_type == RTM_NEWROUTE && msg->nlmsg_flags & NLM_F_APPEND;
	return take_route(info, head, tb) ? DECODE_OK : DECODE_MALFORMED;
}
