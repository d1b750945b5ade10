/* SPDX-License-Identifier: MIT */
#include "plot/seen.h"

#include <stdlib.h>

enum { ROOM_MIN = 1024 };

struct eg_seen_reading {
	int64_t ns;
	double value;
	uint32_t sensor;
	bool used;
};

static size_t
find_reading(const struct eg_seen_reading *at, size_t room, uint32_t sensor, int64_t ns)
{
	/* As in cells.c. The bits of the sensor's number are spread before they are combined
	 * with the time. */
	uint64_t key = (uint64_t)ns ^ (uint64_t)sensor * UINT64_C(0xd6e8feb86659fd93);
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);

	while (at[i].used && (at[i].ns != ns || at[i].sensor != sensor))
		i = (i + 1) & (room - 1);
	return i;
}

static bool
grow(struct eg_seen *s)
{
	size_t room = s->room > 0 ? 2 * s->room : ROOM_MIN;
	struct eg_seen_reading *at = calloc(room, sizeof(*at));

	if (at == NULL)
		return false;
	for (size_t i = 0; i < s->room; i++)
		if (s->at[i].used)
			at[find_reading(at, room, s->at[i].sensor, s->at[i].ns)] = s->at[i];
	free(s->at);
	s->at = at;
	s->room = room;
	return true;
}

bool
eg_seen_swap(struct eg_seen *s, uint32_t sensor, int64_t ns, double *value)
{
	struct eg_seen_reading *r;
	double before;

	if (s->used == EG_SEEN_MAX || (s->used * 4 >= s->room * 3 && !grow(s)))
		return false;
	r = &s->at[find_reading(s->at, s->room, sensor, ns)];
	if (r->used) {
		before = r->value;
		r->value = *value;
		*value = before;
		return true;
	}
	*r = (struct eg_seen_reading){ .ns = ns, .value = *value, .sensor = sensor, .used = true };
	s->used++;
	return false;
}

bool
eg_seen_next(const struct eg_seen *s, size_t *at, uint32_t *sensor, int64_t *ns, double *value)
{
	while (*at < s->room && !s->at[*at].used)
		++*at;
	if (*at == s->room)
		return false;
	*sensor = s->at[*at].sensor;
	*ns = s->at[*at].ns;
	*value = s->at[*at].value;
	++*at;
	return true;
}

void
eg_seen_free(struct eg_seen *s)
{
	free(s->at);
	*s = (struct eg_seen){ 0 };
}
