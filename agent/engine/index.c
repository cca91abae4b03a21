/*
 * Indexes: from a row to sub-identifiers, never back. See table.h.
 */
#include "table.h"

#include "../base/inet.h"

static void
append(struct oid_buf *name, uint32_t sub)
{
	if (name->len < OID_MAX)
		name->sub[name->len++] = sub;
}

static void
append_octets(struct oid_buf *name, const uint8_t *part)
{
	uint8_t len = part[0];

	append(name, len);
	for (uint8_t i = 1; i <= len; i++)
		append(name, part[i]);
}

static void
append_ipv4(struct oid_buf *name, const struct inet *inet)
{
	if (inet->type != INET_IPV4) {
		append(name, OUT_OF_TABLE);
		return;
	}
	for (int i = 0; i < 4; i++)
		append(name, inet->bytes[i]);
}

void
index_encode(const struct table *table, const void *row, struct oid_buf *name)
{
	if (!table->n_index)
		append(name, 0); /* a scalar's instance */
	for (size_t i = 0; i < table->n_index; i++) {
		const uint8_t *part = (const uint8_t *)row + table->index[i].offset;

		switch (table->index[i].how) {
		case INDEX_INTEGER:
			append(name, *(const uint32_t *)(const void *)part);
			break;
		case INDEX_SMALL:
			append(name, *part);
			break;
		case INDEX_OCTETS:
			append_octets(name, part);
			break;
		case INDEX_INET:
			append(name, part[0]);
			append_octets(name, part + offsetof(struct inet, len));
			break;
		case INDEX_NETWORKADDRESS:
			append(name, 1);
			append_ipv4(name, (const void *)part);
			break;
		case INDEX_IPADDRESS:
			append_ipv4(name, (const void *)part);
			break;
		}
	}
}
