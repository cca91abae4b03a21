/*
 * Indexes: from a row to sub-identifiers; back only to create one. See table.h.
 */
#include "table.h"

void
index_add(struct oid_buf *name, uint32_t sub)
{
	if (name->len < OID_MAX)
		name->sub[name->len++] = sub;
}

/* @part: the length, then each octet. */
static void
add_octets(struct oid_buf *name, const uint8_t *part)
{
	uint8_t len = part[0];

	index_add(name, len);
	for (uint8_t i = 1; i <= len; i++)
		index_add(name, part[i]);
}

void
index_add_inet(struct oid_buf *name, const struct inet *inet)
{
	index_add(name, inet->type);
	add_octets(name, &inet->len);
}

void
index_add_ipaddress(struct oid_buf *name, const uint8_t octets[4])
{
	for (int i = 0; i < 4; i++)
		index_add(name, octets[i]);
}

static void
add_ipv4(struct oid_buf *name, const struct inet *inet)
{
	if (inet->type == INET_IPV4)
		index_add_ipaddress(name, inet->bytes);
	else
		index_add(name, OUT_OF_TABLE);
}

static void
add_part(struct oid_buf *name, enum index_how how, const void *part)
{
	switch (how) {
	case INDEX_INTEGER:
		index_add(name, *(const uint32_t *)part);
		break;
	case INDEX_SMALL:
		index_add(name, *(const uint8_t *)part);
		break;
	case INDEX_OCTETS:
		add_octets(name, part);
		break;
	case INDEX_INET:
		index_add_inet(name, part);
		break;
	case INDEX_NETWORKADDRESS:
		index_add(name, 1);
		add_ipv4(name, part);
		break;
	case INDEX_IPADDRESS:
		add_ipv4(name, part);
		break;
	}
}

void
index_encode(const struct table *table, const struct query *query, const void *row,
	struct oid_buf *name)
{
	if (table->encode) {
		table->encode(query, row, name);
		return;
	}
	if (!table->n_index)
		index_add(name, 0); /* a scalar's instance */
	for (size_t i = 0; i < table->n_index; i++)
		add_part(name, table->index[i].how,
			(const uint8_t *)row + table->index[i].offset);
}

/* Back: only for rows that are to be created. */

bool
index_take(const uint32_t **at, size_t *len, uint32_t *sub)
{
	if (!*len)
		return false;
	*sub = *(*at)++;
	--*len;
	return true;
}

static bool
take_octets(const uint32_t **at, size_t *len, enum inet_type type, size_t n,
	struct inet *inet)
{
	uint8_t octets[16];

	if (*len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((*at)[i] > UINT8_MAX)
			return false;
		octets[i] = (uint8_t)(*at)[i];
	}
	*at += n;
	*len -= n;
	*inet = inet_make(type, octets);
	return true;
}

static bool
take_zone(const uint32_t **at, size_t *len, struct inet *inet)
{
	struct inet zone;
	uint32_t number = 0;

	if (!take_octets(at, len, INET_IPV4, 4, &zone))
		return false;
	for (int i = 0; i < 4; i++)
		number = number << 8 | zone.bytes[i];
	*inet = inet_in_zone(inet, number);
	return true;
}

bool
index_take_inet(const uint32_t **at, size_t *len, struct inet *inet)
{
	uint32_t type, n;

	if (!index_take(at, len, &type) || !index_take(at, len, &n))
		return false;
	if (type == INET_IPV4 && n == 4)
		return take_octets(at, len, INET_IPV4, n, inet);
	if (type == INET_IPV6 && n == 16)
		return take_octets(at, len, INET_IPV6, n, inet);
	if (type == INET_IPV4Z && n == 8)
		return take_octets(at, len, INET_IPV4, 4, inet) &&
		       take_zone(at, len, inet);
	if (type == INET_IPV6Z && n == 20)
		return take_octets(at, len, INET_IPV6, 16, inet) &&
		       take_zone(at, len, inet);
	return false;
}

bool
index_take_ipaddress(const uint32_t **at, size_t *len, struct inet *inet)
{
	return take_octets(at, len, INET_IPV4, 4, inet);
}
