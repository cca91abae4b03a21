/*
 * ipAddressTable (IP-MIB, RFC 4293): every address of every interface, IPv4 and IPv6,
 * unicast, anycast and broadcast. Which rows have a zone in their index is decided by the
 * mirror, see mirror/addr.h.
 */
#include "addressEdits.h"

#include <string.h>

/* IpAddressOriginTC */
enum ip_address_origin {
	ORIGIN_OTHER = 1,
	ORIGIN_MANUAL = 2,
	ORIGIN_DHCP = 4,
	ORIGIN_LINKLAYER = 5,
	ORIGIN_RANDOM = 6,
};

const struct set *
address_rows(const struct query *query)
{
	return &mirror_of(query)->addr_index;
}

static bool
get_ipAddressType(const struct query *query, const void *row, struct value *value)
{
	static const uint8_t types[] = {
		[ADDR_UNICAST] = ADDRESS_UNICAST,
		[ADDR_ANYCAST] = ADDRESS_ANYCAST,
		[ADDR_BROADCAST] = ADDRESS_BROADCAST,
	};

	(void)query;
	value->number = types[((const struct addr *)row)->class];
	return true;
}

static const struct prefix *
prefix_of(const struct mirror *mirror, const struct addr *addr)
{
	struct inet plain = inet_plain(&addr->address);

	switch (addr->class) {
	case ADDR_UNICAST:
		return addr->prefix_of;
	case ADDR_BROADCAST: /* that of the address that names it */
		return prefix_find(
			mirror, addr->ifindex, &addr->prefix, addr->prefix_length);
	default: /* the kernel gives an anycast address no length of its own */
		return prefix_match(mirror, addr->ifindex, &plain);
	}
}

/* "A pointer to the row in the prefix table ... May be { 0 0 } if there is no such row."
 * A RowPointer is the name of the row's first accessible column (RFC 2579). */
static bool
get_ipAddressPrefix(const struct query *query, const void *row, struct value *value)
{
	struct cursor at = { ipAddressPrefixTable_table.columns,
		prefix_of(mirror_of(query), row), NULL };
	struct oid_buf name;

	if (!at.row)
		return get_zero_dot_zero(query, row, value);
	table_name(&ipAddressPrefixTable_table, query, &at, &name);
	memcpy(value->scratch, name.sub, name.len * sizeof(name.sub[0]));
	value->oid = (struct oid){ (const void *)value->scratch, name.len };
	return true;
}

/* Did the kernel make it of the link-layer address (RFC 4291 appendix A)? */
static bool
is_eui64(const struct inet *address)
{
	return inet_is_v6(address) && address->bytes[11] == 0xff &&
	       address->bytes[12] == 0xfe;
}

static enum ip_address_origin
origin_of(const struct addr *addr)
{
	const uint8_t *bytes = addr->address.bytes;

	if (addr->class != ADDR_UNICAST ||
		(addr_is_kernels(addr) && addr->proto != ADDR_PROTO_LL))
		return ORIGIN_OTHER;
	if (addr->flags & (ADDR_TEMPORARY | ADDR_STABLE_PRIVACY) ||
		(inet_is_v4(&addr->address) && bytes[0] == 169 && bytes[1] == 254))
		return ORIGIN_RANDOM;
	if (addr->proto == ADDR_PROTO_LL || addr_is_advertised(addr))
		return ORIGIN_LINKLAYER;
	/* Before 5.18 the kernel did not say who had made it. */
	if (addr->proto == ADDR_PROTO_UNSPEC && addr->address.type == INET_IPV6Z &&
		is_eui64(&addr->address))
		return ORIGIN_LINKLAYER;
	return addr_is_leased(addr) ? ORIGIN_DHCP : ORIGIN_MANUAL;
}

static bool
get_ipAddressOrigin(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = origin_of(row);
	return true;
}

static bool
is_accessible(const struct mirror *mirror, uint32_t ifindex)
{
	const struct link *link = mirror_link(mirror, ifindex);

	return link && (link->oper == LINK_OPER_UP || link->oper == LINK_OPER_UNKNOWN);
}

static bool
get_ipAddressStatus(const struct query *query, const void *row, struct value *value)
{
	const struct addr *addr = row;

	if (addr->flags & ADDR_DADFAILED)
		value->number = STATUS_DUPLICATE;
	else if (!is_accessible(mirror_of(query), addr->ifindex))
		value->number = STATUS_INACCESSIBLE;
	else if (addr->flags & ADDR_TENTATIVE)
		value->number = addr->flags & ADDR_OPTIMISTIC ? STATUS_OPTIMISTIC
							      : STATUS_TENTATIVE;
	else
		value->number = addr->flags & ADDR_DEPRECATED ? STATUS_DEPRECATED
							      : STATUS_PREFERRED;
	return true;
}

static bool
get_ipAddressCreated(const struct query *query, const void *row, struct value *value)
{
	value->number = query_timestamp(query, ((const struct addr *)row)->created);
	return true;
}

static bool
get_ipAddressLastChanged(const struct query *query, const void *row, struct value *value)
{
	value->number = query_timestamp(query, ((const struct addr *)row)->changed);
	return true;
}

static bool
get_ipAddressStorageType(const struct query *query, const void *row, struct value *value)
{
	const struct addr *addr = row;

	if (addr->class == ADDR_BROADCAST)
		value->number = STORAGE_READ_ONLY;
	else if (addr_is_kernels(addr) &&
		 !(addr->class == ADDR_ANYCAST && address_is_joined(query, addr)))
		value->number = STORAGE_PERMANENT;
	else
		value->number = address_is_kept(query, addr) ? STORAGE_NON_VOLATILE
							     : STORAGE_VOLATILE;
	return true;
}

static const struct column columns[] = {
	{ 3, "ipAddressIfIndex", SYNTAX_INTEGER, READ_CREATE, FIELD(addr, ifindex),
		.set = set_ipAddressIfIndex, .get_draft = get_draft_ifIndex, .low = 1,
		.high = INT32_MAX },
	{ 4, "ipAddressType", SYNTAX_INTEGER, READ_CREATE, .get = get_ipAddressType,
		.set = set_ipAddressType, .get_draft = get_draft_type },
	{ 5, "ipAddressPrefix", SYNTAX_OBJECT_ID, READ_ONLY, .get = get_ipAddressPrefix },
	{ 6, "ipAddressOrigin", SYNTAX_INTEGER, READ_ONLY, .get = get_ipAddressOrigin },
	{ 7, "ipAddressStatus", SYNTAX_INTEGER, READ_CREATE, .get = get_ipAddressStatus,
		.set = set_ipAddressStatus, .get_draft = get_draft_status },
	{ 8, "ipAddressCreated", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipAddressCreated },
	{ 9, "ipAddressLastChanged", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipAddressLastChanged },
	{ 10, "ipAddressRowStatus", SYNTAX_INTEGER, READ_CREATE, .get = get_row_active,
		.set = set_ipAddressRowStatus, .is_row_status = true },
	{ 11, "ipAddressStorageType", SYNTAX_INTEGER, READ_CREATE,
		.get = get_ipAddressStorageType, .set = set_ipAddressStorageType,
		.get_draft = get_draft_storage },
};

static const struct index_part by_address[] = {
	{ INDEX_INET, offsetof(struct addr, address) },
};

const struct table ipAddressTable_table = {
	.name = "ipAddressTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 34),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 34, 1),
	.rows = address_rows,
	.prepare = ipif_prepare, /* the anycast addresses of a link go with its IPv6 */
	INDEX(by_address),
	COLUMNS(columns),
	.edits = &address_edits,
	.make = make_ipAddress,
};
