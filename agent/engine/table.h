/*
 * READ THIS FIRST. A MIB table is const data: where its rows are, how their index is
 * made, and one line per column. One engine answers for all of them.
 *
 *	GET, GETNEXT, GETBULK  -->  table_get(), table_next(), table_step()
 *	                               |  rows in an ordered set
 *	                               |  column of a row  -->  struct value
 *
 * The one idea: to find a row, the index of each visited row is encoded and compared with
 * the asked OID. An asked OID is never decoded, so that truncated, over-long and
 * out-of-range ones need no thought: they are just places between rows. For this the
 * order of the set must be that of the encoded indexes, or at least that of how they
 * begin (grouped tables), which a property test proves for every table.
 *
 * Scalars are a table of one row whose index is 0: no rows() and no index parts.
 */
#ifndef NETMIBD_ENGINE_TABLE_H
#define NETMIBD_ENGINE_TABLE_H

#include "../base/inet.h"
#include "../base/oid.h"
#include "../base/optional.h"
#include "../base/set.h"
#include "value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMO_INDEX_MAX 40

struct table;

/* Which row is sought of a place. */
enum where {
	AT,	/* the one there */
	FROM,	/* the first one there or behind it */
	BEHIND, /* the first one behind it */
};

/* One request on its way through the engine: what the getters may need, and a memo of the
 * last seek. It lives no longer than one call from the agent, within which no row goes.
 */
struct query {
	void *source;	       /* the mirror; only tables/ know what it is */
	uint64_t now;	       /* clock_now() at its start */
	uint64_t epoch;	       /* clock_now() when sysUpTime was 0 */
	struct drafts *drafts; /* rows out of service (draft.h); NULL: none */
	const void *for_table; /* the table that was asked last, and is prepared */
	struct {
		const struct set *set;
		enum where where;
		size_t len;
		uint32_t index[MEMO_INDEX_MAX];
		const void *row;
	} memo;
	/* Of a grouped table: the row that was found last, and the first of its group. */
	struct {
		const struct table *table;
		const void *row, *first;
	} group;
};

/* Where a column's value stands in the row when it needs no code; width 0: nowhere. */
struct field {
	uint16_t offset;
	/* 1, 2, 4 or 8 octets, unsigned; sizeof(struct optional): one of those, and the
	 * row has no such value if it is absent */
	uint8_t width;
};

#define FIELD(type, member)                                                              \
	.field = { offsetof(struct type, member), sizeof(((struct type *)0)->member) }

enum access {
	READ_ONLY,
	READ_WRITE,
	READ_CREATE,
};

struct edit;
struct edit_kind;
struct draft;
struct drafts;

/* error-status of RFC 3416 section 4.2.5 (3) to (12), by its numbers. */
enum set_status {
	SET_OK = 0,
	SET_WRONG_TYPE = 7,
	SET_WRONG_LENGTH = 8,
	SET_WRONG_VALUE = 10,
	SET_NO_CREATION = 11,
	SET_INCONSISTENT_VALUE = 12,
	SET_RESOURCE_UNAVAILABLE = 13,
	SET_COMMIT_FAILED = 14,
	SET_UNDO_FAILED = 15,
	SET_NOT_WRITABLE = 17,
	SET_INCONSISTENT_NAME = 18,
};

struct column {
	uint32_t id;
	const char *name; /* verbatim from the MIB */
	enum syntax syntax;
	enum access access; /* what is served, which may be less than MAX-ACCESS */
	struct field field;
	/* Fills in @value (not its syntax). False: the row has no such value; GET answers
	 * noSuchInstance and GETNEXT goes on to the next row. */
	bool (*get)(const struct query *query, const void *row, struct value *value);
	uint32_t needs; /* handed to refresh() before the value is read; 0: nothing */

	/* Puts @value, which is of the column's syntax and range, into edit->after and
	 * says so by edit_say(), or says why not. NULL: it cannot be written. */
	enum set_status (*set)(
		const struct query *query, struct edit *edit, const struct value *value);
	/* The range of what may be written: of a number, or of the octets' length, as the
	 * MIB has it; an enumeration is seen to by set(). Both 0: that of the syntax. */
	int64_t low, high;

	/* Of a table that has rows out of service (draft.h): fills in @value from @copy,
	 * which is of the kind of the table's edits. False, or NULL: a row has no such
	 * value then. The RowStatus needs none. */
	bool (*get_draft)(
		const struct query *query, const void *copy, struct value *value);
	bool is_row_status;
};

enum index_how {
	INDEX_INTEGER, /* uint32_t: one sub-identifier */
	INDEX_SMALL,   /* uint8_t: one sub-identifier */
	INDEX_OCTETS, /* { uint8_t len; uint8_t bytes[]; }: the length, then each octet */
	INDEX_INET,   /* struct inet: InetAddressType and InetAddress, two objects at once
		       */
	/* struct inet: an IpAddress, four octets. What is no IPv4 address has
	 * OUT_OF_TABLE instead; member() must leave it out. */
	INDEX_IPADDRESS,
	INDEX_NETWORKADDRESS, /* the same behind the 1 of a NetworkAddress (RFC 1155) */
};

#define OUT_OF_TABLE UINT32_MAX

struct index_part {
	enum index_how how;
	uint16_t offset;
};

struct table {
	const char *name;
	struct oid root;  /* what is registered: the OID of the table or the scalar */
	struct oid also;  /* and this, if it has a length: for noSuchInstance around an
			   * instance that is registered by itself */
	bool by_column;	  /* not the root is registered, but each of the columns */
	struct oid entry; /* the columns' ids follow it */

	/* The set of the rows; NULL for scalars, whose row is the source itself. */
	const struct set *(*rows)(const struct query *query);
	/* Called once per query before the rows are looked at; NULL: they are always
	 * there. */
	void (*prepare)(const struct query *query);
	/* Is this row of the set a row of the table? NULL: each one is. Those that are
	 * none are passed over one by one, many of equal index in one step. */
	bool (*member)(const void *row);
	/* Is none of the rows from this one on a row of the table? NULL: that cannot be
	 * seen. Saves the walk to the end of a set of which the table is the beginning.
	 */
	bool (*beyond)(const void *row);
	/* Makes what @needs says of @row fresh, in place; no row comes or goes by it. */
	void (*refresh)(const struct query *query, const void *row, uint32_t needs);

	const struct index_part *index;
	size_t n_index;
	/* Encodes an index that is not made of such parts. NULL: it is. */
	void (*encode)(const struct query *query, const void *row, struct oid_buf *name);
	/* A grouped table: the order of the set is that of the first @group
	 * sub-identifiers of the index only. Rows that are equal in those stand together,
	 * in any order, and several may have the same index, of which one is shown: that
	 * which is better than each other one, or the first of them. Each step looks at a
	 * whole group, so they should be small. 0: the set has the order of the index. */
	size_t group;
	bool (*better)(const void *a, const void *b);
	const struct column *columns; /* by ascending id */
	size_t n_columns;
	/* What is changed by writing its columns (edit.h); NULL: none can be written. */
	const struct edit_kind *edits;
	/* Fills in a copy of the edits' kind, of zeros, for the row of that index, which
	 * is not there. False: there can never be one. NULL: rows cannot be created. */
	bool (*make)(
		const struct query *query, const uint32_t *index, size_t len, void *copy);
	/* The table whose rows these are, and whose RowStatus they have; NULL: itself. */
	const struct table *augments;
};

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Both members of a list of columns, or of index parts, at once. */
#define COLUMNS(array) .columns = (array), .n_columns = N_ELEMENTS(array)
#define INDEX(array)   .index = (array), .n_index = N_ELEMENTS(array)

/* A place in a table: a column of a row. Valid within one query. */
struct cursor {
	const struct column *column;
	const void *row;
	const struct draft *draft; /* if there is no row, but one out of service */
};

enum found {
	FOUND,
	NO_OBJECT,   /* noSuchObject: no such column */
	NO_INSTANCE, /* noSuchInstance: no such row, or no value in it */
};

/* Starts a query of @source. @epoch: see struct query. */
void query_init(struct query *query, void *source, uint64_t now, uint64_t epoch);

/* GET of @oid. With FOUND, @value is filled in. */
enum found table_get(const struct table *table, struct query *query, const uint32_t *oid,
	size_t len, struct value *value);

/* Where @oid is, whether it has a value or not. FOUND: *@at is its place; NO_INSTANCE:
 * at->column is that of the row that is not there. */
enum found table_find(const struct table *table, struct query *query, const uint32_t *oid,
	size_t len, struct cursor *at);

/* GETNEXT: the first instance after @oid (or at it, if @inclusive) that has a value.
 * False if the table has none; else *@at is its place and @value its value. */
bool table_next(const struct table *table, struct query *query, const uint32_t *oid,
	size_t len, bool inclusive, struct cursor *at, struct value *value);

/* GETBULK: from the place *@at, which table_next() or table_step() has found in the same
 * query, to the next instance. Costs no seek. */
bool table_step(const struct table *table, struct query *query, struct cursor *at,
	struct value *value);

/* The full OID of a place. */
void table_name(const struct table *table, const struct query *query,
	const struct cursor *at, struct oid_buf *name);

/* Encodes the index of @row (RFC 2578 section 7.7) at the end of @name. */
void index_encode(const struct table *table, const struct query *query, const void *row,
	struct oid_buf *name);

/* For struct table.encode: one more sub-identifier; an InetAddressType with its
 * InetAddress; the four octets of an IpAddress. What has no place is left out. */
void index_add(struct oid_buf *name, uint32_t sub);
void index_add_inet(struct oid_buf *name, const struct inet *inet);
void index_add_ipaddress(struct oid_buf *name, const uint8_t octets[4]);

/* For struct table.make: takes from the front of an index, and moves *@at and *@len on. A
 * number; an InetAddressType with its InetAddress, IPv4 or IPv6, with a zone or without;
 * the four octets of an IpAddress. False: that is not what is there. */
bool index_take(const uint32_t **at, size_t *len, uint32_t *sub);
bool index_take_inet(const uint32_t **at, size_t *len, struct inet *inet);
bool index_take_ipaddress(const uint32_t **at, size_t *len, struct inet *inet);

/* Converts a time of clock_now() to a TimeStamp: sysUpTime at that moment, 0 if it was
 * before sysUpTime began or never (RFC 2579, TimeStamp). */
uint32_t query_timestamp(const struct query *query, uint64_t when);

#endif
