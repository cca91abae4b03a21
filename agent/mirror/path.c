/*
 * Paths: see path.h.
 */
#include "path.h"

#include "../base/alloc.h"
#include "mirror.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const struct path *x = a, *y = b;

	/* of one link together: ifindex is what the key begins with */
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

void
path_init(struct mirror *mirror)
{
	set_init(&mirror->paths, offsetof(struct path, node), compare);
	LIST_INIT(&mirror->special_paths);
}

static bool
is_special(const struct path_key *key)
{
	return key->nhid || key->prefsrc.len;
}

/* A number for the content, out of what differs most. */
static uint8_t
recent_of(const struct path_key *key)
{
	uint32_t mix = key->ifindex * 31 + key->id + key->nhid;

	for (size_t i = 2; i < 16; i++)
		mix = mix * 31 + key->nexthop.bytes[i];
	return (uint8_t)(mix ^ mix >> 8 ^ mix >> 16);
}

struct path *
path_get(struct mirror *mirror, const struct path_key *key)
{
	struct path **recent = &mirror->recent_paths[recent_of(key)], *path = *recent;
	struct path sought;

	/* Many routes lead over few paths. */
	if (path && memcmp(&path->key, key, sizeof(*key)) == 0)
		return path;
	sought.key = *key;
	path = set_find(&mirror->paths, &sought);
	if (!path) {
		path = xcalloc(1, sizeof(*path));
		path->key = *key;
		path->until = ROUTER_FOREVER;
		LIST_INIT(&path->rows);
		set_insert(&mirror->paths, path);
		if (is_special(key))
			LIST_INSERT_HEAD(&mirror->special_paths, path, special);
	}
	*recent = path;
	return path;
}

void
path_join(struct path *path, struct route *route)
{
	route->path = path;
	path->n_rows++;
	LIST_INSERT_HEAD(&path->rows, route, of_path);
}

void
path_leave(struct mirror *mirror, struct path *path, struct route *route)
{
	LIST_REMOVE(route, of_path);
	if (--path->n_rows > 0)
		return;
	if (is_special(&path->key))
		LIST_REMOVE(path, special);
	if (mirror->recent_paths[recent_of(&path->key)] == path)
		mirror->recent_paths[recent_of(&path->key)] = NULL;
	set_remove(&mirror->paths, path);
	free(path);
}

static int
probe_link(const void *row, const void *ifindex)
{
	const struct path *path = row;
	int order = memcmp(&path->key.ifindex, ifindex, sizeof(path->key.ifindex));

	return order < 0 ? -1 : 0;
}

static int
probe_after(const void *row, const void *key)
{
	return memcmp(&((const struct path *)row)->key, key, sizeof(struct path_key)) <= 0
		       ? -1
		       : 0;
}

struct path *
path_of_link(const struct mirror *mirror, uint32_t ifindex, const struct path_key *after)
{
	struct path *path = after ? set_seek(&mirror->paths, probe_after, after)
				  : set_seek(&mirror->paths, probe_link, &ifindex);

	return path && path->key.ifindex == ifindex ? path : NULL;
}
