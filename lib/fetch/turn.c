/* SPDX-License-Identifier: MIT */
/* The times of requests. */
#include "base/clock.h"
#include "fetch/parts.h"

int64_t
eg_fetch_beat(int64_t now_ns, int64_t every_ms, int64_t later_ms)
{
	int64_t every = every_ms * EG_NS_PER_MS, later = later_ms * EG_NS_PER_MS;

	return ((now_ns - later) / every + 1) * every + later;
}

int64_t
eg_fetch_next_turn(const struct eg_fetch_run *r, const struct eg_fetch_peer *p)
{
	int64_t now = eg_wall_ns(), beat = eg_fetch_beat(now, r->o->every_ms, p->later_ms);

	return eg_mono_ms() + (beat - now + EG_NS_PER_MS - 1) / EG_NS_PER_MS + 1;
}

int
eg_fetch_ask(struct eg_fetch_run *r, struct eg_fetch_peer *p, const char *url)
{
	p->due = INT64_MAX;
	if (eg_fetch_request(r->requests, url, p->known ? &p->version : NULL, p, &r->loop.error) != 0)
		return -1;
	r->busy++;
	r->asked++;
	return 0;
}

int
eg_fetch_ask_due(struct eg_fetch_run *r, int64_t now)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->peers[i].due <= now) {
			r->peers[i].redirects = 0;
			if (eg_fetch_ask(r, &r->peers[i], r->peers[i].device->url) != 0)
				return -1;
		}
	return 0;
}
