/*
 * The tables against the facts of the MIBs (tests/facts/, made by tests/facts.py): OID,
 * name, syntax, access, index of every column, no column left out, and every value of the
 * fixture within the range and the enumeration of its object.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MODULE,
	OBJECT,
	KIND,
	OID_TEXT,
	SYNTAX,
	TC,
	ACCESS,
	STATUS,
	RANGE,
	ENUM,
	INDEX_NAMES,
	N_FIELDS
};

struct fact {
	char *field[N_FIELDS];
};

static struct fact facts[2000];
static size_t n_facts;

static const struct fact *
by_oid(const char *oid)
{
	for (size_t i = 0; i < n_facts; i++) {
		if (strcmp(facts[i].field[OID_TEXT], oid) == 0)
			return &facts[i];
	}
	return NULL;
}

static void
read_module(const char *module)
{
	char line[32768], path[128];
	FILE *file;

	snprintf(path, sizeof(path), "tests/facts/%s.tsv", module);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) && n_facts < N_ELEMENTS(facts)) {
		char *rest = strdup(line), *field;
		struct fact *fact = &facts[n_facts];

		rest[strcspn(rest, "\n")] = '\0';
		for (int i = 0; i < N_FIELDS; i++) {
			field = strsep(&rest, "\t");
			fact->field[i] = field ? field : (char *)(size_t) "";
		}
		if (by_oid(fact->field[OID_TEXT]))
			free(fact->field[0]); /* where the line begins */
		else
			n_facts++;
	}
	if (file)
		fclose(file);
}

/* RFC1213-MIB comes last: its objects have younger definitions in most cases. */
static int
read_facts(void)
{
	static const char *const modules[] = { "IF-MIB", "IF-INVERTED-STACK-MIB",
		"IP-MIB", "IP-FORWARD-MIB", "NETMIBD-MIB", "RFC1213-MIB" };

	for (size_t i = 0; i < N_ELEMENTS(modules); i++)
		read_module(modules[i]);
	return n_facts < 400;
}

static const char *
oid_text(const struct oid *oid, uint32_t id, bool with_id)
{
	static char text[OID_MAX * 11];
	size_t at = 0;

	for (size_t i = 0; i < oid->len; i++)
		at += (size_t)sprintf(text + at, "%s%u", i ? "." : "", oid->sub[i]);
	if (with_id)
		sprintf(text + at, ".%u", id);
	return text;
}

static const struct fact *
by_name(const char *name)
{
	for (size_t i = 0; i < n_facts; i++) {
		if (strcmp(facts[i].field[OBJECT], name) == 0)
			return &facts[i];
	}
	return NULL;
}

static const char *const syntaxes[] = { "INTEGER", "Gauge32", "Counter32", "Counter64",
	"TimeTicks", "OCTET STRING", "OBJECT IDENTIFIER", "IpAddress" };

static void
columns_agree(void)
{
	for (const struct table *const *table = all_tables; *table; table++) {
		uint32_t before = 0;

		for (size_t i = 0; i < (*table)->n_columns; i++) {
			const struct column *column = &(*table)->columns[i];
			const struct fact *fact =
				by_oid(oid_text(&(*table)->entry, column->id, true));

			CU_ASSERT_TRUE(column->id > before);
			before = column->id;
			CU_ASSERT_PTR_NOT_NULL_FATAL(fact);
			CU_ASSERT_STRING_EQUAL(fact->field[OBJECT], column->name);
			CU_ASSERT_STRING_EQUAL(
				fact->field[KIND], (*table)->rows ? "column" : "scalar");
			CU_ASSERT_STRING_EQUAL(
				fact->field[SYNTAX], syntaxes[column->syntax]);
			CU_ASSERT_STRING_NOT_EQUAL(fact->field[ACCESS], "not-accessible");
			CU_ASSERT_TRUE(column->get || column->field.width);
			CU_ASSERT_TRUE(!column->needs || (*table)->refresh);
		}
	}
}

/* "No holes": every accessible column of a row that we serve is there. */
static void
no_column_is_left_out(void)
{
	for (const struct table *const *table = all_tables; *table; table++) {
		char prefix[256];
		size_t expected = 0, len;

		if (!(*table)->rows)
			continue;
		len = (size_t)snprintf(prefix, sizeof(prefix), "%s.",
			oid_text(&(*table)->entry, 0, false));
		for (size_t i = 0; i < n_facts; i++) {
			const struct fact *fact = &facts[i];

			expected += strncmp(fact->field[OID_TEXT], prefix, len) == 0 &&
				    strcmp(fact->field[ACCESS], "not-accessible") != 0;
		}
		CU_ASSERT_EQUAL((*table)->n_columns, expected);
	}
}

/* "lo..hi|lo..hi"; empty: anything. */
static bool
in_range(const char *range, long long number)
{
	if (!*range)
		return true;
	for (; range; range = strchr(range, '|') ? strchr(range, '|') + 1 : NULL) {
		long long low, high;

		if (sscanf(range, "%lld..%lld", &low, &high) == 2 && number >= low &&
			number <= high)
			return true;
	}
	return false;
}

static bool
in_enumeration(const char *labels, long long number)
{
	char want[32];
	size_t len = (size_t)snprintf(want, sizeof(want), "=%lld", number);

	if (!*labels)
		return true;
	for (const char *at = labels; (at = strstr(at, want)); at += len) {
		if (at[len] == ',' || !at[len])
			return true;
	}
	return false;
}

static bool
part_agrees(enum index_how how, const struct fact *part)
{
	const char *syntax = part->field[SYNTAX];

	switch (how) {
	case INDEX_OCTETS:
		return strcmp(syntax, "OCTET STRING") == 0;
	case INDEX_IPADDRESS:
		return strcmp(syntax, "IpAddress") == 0;
	case INDEX_NETWORKADDRESS: /* a CHOICE of the IpAddress only */
		return strcmp(part->field[OBJECT], "atNetAddress") == 0;
	default:
		return strcmp(syntax, "INTEGER") == 0 || strcmp(syntax, "Gauge32") == 0;
	}
}

/* How many sub-identifiers @object takes of the @len of an encoded index (RFC 2578
 * section 7.7); 0: they are none of it. */
static size_t
part_len(const struct fact *object, const uint32_t *sub, size_t len)
{
	const char *syntax = object->field[SYNTAX];
	size_t n = 1, first = 0;
	uint32_t max = UINT32_MAX;

	if (!len)
		return 0;
	if (strcmp(object->field[OBJECT], "atNetAddress") == 0) {
		n = 1 + 4; /* the CHOICE of a NetworkAddress */
		max = 255;
	} else if (strcmp(syntax, "IpAddress") == 0) {
		n = 4;
		max = 255;
	} else if (strcmp(syntax, "OCTET STRING") == 0 ||
		   strcmp(syntax, "OBJECT IDENTIFIER") == 0) {
		n = 1 + (size_t)sub[0];
		first = 1;
		max = syntax[1] == 'C' ? 255 : UINT32_MAX;
	} else if (!in_range(object->field[RANGE], sub[0]) ||
		   !in_enumeration(object->field[ENUM], sub[0])) {
		return 0;
	}
	for (size_t i = first; i < n && n <= len; i++) {
		if (sub[i] > max)
			return 0;
	}
	return n <= len ? n : 0;
}

/* Cuts the encoded index of every row of the fixture as the MIB says: nothing may be
 * left, and nothing may be missing. */
static void
encoded_indexes_agree(const struct table *table, const char *names)
{
	struct mirror *mirror = fixture_mirror(NS_PER_S);
	struct query query;
	struct cursor at;
	struct value value;
	bool more;

	query_init(&query, mirror, NS_PER_S, 1);
	for (more = table_next(table, &query, NULL, 0, false, &at, &value); more;
		more = table_step(table, &query, &at, &value)) {
		char *copy = strdup(names), *rest = copy, *name;
		struct oid_buf index = { .len = 0 };
		size_t cut = 0, n = 1;

		index_encode(table, &query, at.row, &index);
		while (n && (name = strsep(&rest, ","))) {
			n = part_len(by_name(name), index.sub + cut, index.len - cut);
			CU_ASSERT_TRUE(n > 0);
			cut += n;
		}
		CU_ASSERT_EQUAL(cut, index.len);
		free(copy);
	}
	mirror_free(mirror);
	clock_freeze(0);
}

static void
index_agrees(const struct table *table)
{
	const struct fact *row = by_oid(oid_text(&table->entry, 0, false));
	char *names, *rest, *name;
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	CU_ASSERT_STRING_EQUAL(row->field[KIND], "row");
	if (strncmp(row->field[INDEX_NAMES], "augments:", 9) == 0)
		row = by_name(row->field[INDEX_NAMES] + 9);
	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	encoded_indexes_agree(table, row->field[INDEX_NAMES]);
	if (table->encode)
		return;
	names = rest = strdup(row->field[INDEX_NAMES]);
	while ((name = strsep(&rest, ","))) {
		const struct fact *part = by_name(name);

		CU_ASSERT_PTR_NOT_NULL_FATAL(part);
		CU_ASSERT_TRUE_FATAL(n < table->n_index);
		CU_ASSERT_TRUE(part_agrees(table->index[n].how, part));
		if (table->index[n].how == INDEX_INET) {
			/* both the InetAddressType and the InetAddress */
			CU_ASSERT_STRING_EQUAL(part->field[TC], "InetAddressType");
			name = strsep(&rest, ",");
			CU_ASSERT_PTR_NOT_NULL_FATAL(name);
			part = by_name(name);
			CU_ASSERT_PTR_NOT_NULL_FATAL(part);
			CU_ASSERT_STRING_EQUAL(part->field[TC], "InetAddress");
		}
		n++;
	}
	CU_ASSERT_EQUAL(n, table->n_index);
	free(names);
}

static void
indexes_and_roots_agree(void)
{
	const struct table *before = NULL;

	for (const struct table *const *at = all_tables; *at; at++) {
		const struct table *table = *at;
		struct oid registered = table->root;
		const struct fact *root;

		if (!table->rows && registered.sub[registered.len - 1] == 0)
			registered.len--; /* a scalar's instance */
		root = by_oid(oid_text(&registered, 0, false));
		if (table->rows || !table->by_column) {
			CU_ASSERT_PTR_NOT_NULL_FATAL(root);
			CU_ASSERT_STRING_EQUAL(root->field[OBJECT], table->name);
			CU_ASSERT_STRING_EQUAL(
				root->field[KIND], table->rows ? "table" : "scalar");
		}
		if (table->rows)
			index_agrees(table);
		else
			CU_ASSERT_EQUAL(table->n_index, 0);
		if (before)
			CU_ASSERT_TRUE(oid_compare(before->root.sub, before->root.len,
					       table->root.sub, table->root.len) < 0);
		before = table;
	}
}

static void
value_agrees(
	const struct table *table, const struct cursor *at, const struct value *value)
{
	const struct fact *fact = by_oid(oid_text(&table->entry, at->column->id, true));
	long long number = value->syntax == SYNTAX_OCTETS ? (long long)value->octets.len
							  : (long long)value->number;
	bool good;

	if (value->syntax == SYNTAX_OBJECT_ID)
		return;
	good = in_range(fact->field[RANGE], number) &&
	       in_enumeration(fact->field[ENUM], number);
	CU_ASSERT_TRUE(good);
	if (!good)
		printf("\n\t%s: %lld", at->column->name, number);
}

static void
values_agree(void)
{
	struct mirror *mirror = fixture_mirror(NS_PER_S);

	for (const struct table *const *table = all_tables; *table; table++) {
		struct query query;
		struct cursor at;
		struct value value;
		bool more;

		query_init(&query, mirror, 2 * NS_PER_S, 1);
		for (more = table_next(*table, &query, NULL, 0, false, &at, &value); more;
			more = table_step(*table, &query, &at, &value))
			value_agrees(*table, &at, &value);
	}
	mirror_free(mirror);
	clock_freeze(0);
}

void
suite_facts(void)
{
	CU_pSuite suite = CU_add_suite("facts", read_facts, NULL);

	CU_ADD_TEST(suite, columns_agree);
	CU_ADD_TEST(suite, no_column_is_left_out);
	CU_ADD_TEST(suite, indexes_and_roots_agree);
	CU_ADD_TEST(suite, values_agree);
}
