/* SPDX-License-Identifier: MIT */
#include "modbus/poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/loop.h"
#include "base/options.h"
#include "base/output.h"
#include "base/stop.h"
#include "base/wait.h"
#include "modbus/device.h"

enum { RETRY_MS = 500, RETRY_MAX_MS = 30 * 1000 };

struct poll {
	const struct eg_modbus_options *o;
	struct eg_modbus_map map;
	struct eg_modbus_link link;
	struct eg_modbus_device *device;
	size_t devices;
	struct eg_modbus_records records;
	struct eg_output out;
	struct eg_loop loop;
};

int64_t
eg_modbus_beat(int64_t now_ns, int64_t every_ms)
{
	int64_t every = every_ms * EG_NS_PER_MS;

	return (now_ns / every + 1) * every;
}

/* The next beat on eg_mono_ms's clock, rounded up, so that no round begins before it. */
static int64_t
next_round(const struct poll *p)
{
	int64_t now = eg_wall_ns(), beat = eg_modbus_beat(now, p->o->every_ms);

	return eg_mono_ms() + (beat - now + EG_NS_PER_MS - 1) / EG_NS_PER_MS + 1;
}

static int
make_device(struct poll *p, size_t i, struct eg_error *e)
{
	struct eg_modbus_device *d = &p->device[i];
	const char *name = p->o->sensor != NULL ? p->o->sensor : p->map.name;

	d->unit = p->o->units > 0 ? p->o->unit[i] : p->map.unit;
	if (eg_modbus_is_line(p->o->target) && (d->unit < 1 || d->unit > 247))
		return eg_fail(e, EG_USAGE, "a unit of a serial line is 1 to 247, not %d", d->unit);
	d->map = &p->map;
	d->due = p->o->once ? 0 : next_round(p);
	d->trouble.retry = (struct eg_backoff){ .base_ms = RETRY_MS, .max_ms = RETRY_MAX_MS };
	(void)snprintf(d->name, sizeof(d->name), p->devices > 1 ? "%s_%d" : "%s", name, d->unit);
	d->refused = calloc(p->map.n, sizeof(*d->refused));
	d->told = calloc(p->map.n, sizeof(*d->told));
	if (d->refused == NULL || d->told == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	return p->map.sunspec ? 0 : eg_modbus_device_place(d, &(struct eg_modbus_models){ .n = 0 }, e);
}

static int
make_devices(struct poll *p, struct eg_error *e)
{
	size_t n = p->o->units > 0 ? p->o->units : 1;

	p->device = calloc(n, sizeof(*p->device));
	if (p->device == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (p->devices = n, n = 0; n < p->devices; n++)
		if (make_device(p, n, e) != 0)
			return -1;
	return 0;
}

/* After a round of d: when it is asked again. */
static void
set_due(struct poll *p, struct eg_modbus_device *d, enum eg_modbus_round got)
{
	int64_t beat = p->o->once ? INT64_MAX : next_round(p), retry = d->trouble.retry.due;

	d->due = got == EG_MODBUS_AGAIN && retry < beat ? retry : beat;
	if (d->due == beat)
		d->next = 0;
}

static int
write_records(struct poll *p, struct eg_error *e)
{
	struct eg_metrics *m = &p->loop.metrics;

	if (p->records.len > 0 && eg_output_write_all(&p->out, p->records.text, p->records.len, e) != 0)
		return -1;
	m->out += p->records.made;
	m->refused += p->records.out_of_range;
	m->in = m->out + m->refused;
	p->records.len = p->records.made = p->records.out_of_range = 0;
	return 0;
}

/* Without a connection, one device of many tries and is told of; the others wait for it. */
static void
put_off(struct poll *p, const struct eg_modbus_device *tried)
{
	for (size_t i = 0; i < p->devices; i++)
		if (p->device[i].due < tried->due)
			p->device[i].due = tried->due;
}

/* Reads each device that is due. */
static int
read_devices(struct poll *p, struct eg_error *e)
{
	for (size_t i = 0; i < p->devices && eg_stop_asked() == 0; i++) {
		struct eg_modbus_device *d = &p->device[i];
		enum eg_modbus_round got;

		if (d->due > eg_mono_ms())
			continue;
		got = eg_modbus_device_read(d, &p->link, &p->records, e);
		if (got == EG_MODBUS_ERROR || write_records(p, e) != 0)
			return -1;
		if (got == EG_MODBUS_DONE || got == EG_MODBUS_AGAIN)
			set_due(p, d, got);
		if (got == EG_MODBUS_AGAIN && p->link.unreachable) {
			put_off(p, d);
			break;
		}
	}
	return 0;
}

/* When the first device is due; INT64_MAX: none any more. *since: how long one is away. */
static int64_t
look_at_devices(const struct poll *p, int64_t *since)
{
	int64_t due = INT64_MAX;

	*since = 0;
	for (size_t i = 0; i < p->devices; i++) {
		const struct eg_modbus_device *d = &p->device[i];

		if (d->due < due)
			due = d->due;
		if (d->trouble.retry.since != 0 && (*since == 0 || d->trouble.retry.since < *since))
			*since = d->trouble.retry.since;
	}
	return due;
}

/* Waits until due, for a signal, and for the end of standard output. */
static void
wait_until(struct poll *p, int64_t due)
{
	struct pollfd fds[2] = { eg_stop_pollfd(), { .fd = p->out.fd } };

	if (!eg_wait_fds(fds, 2, due))
		return;
	eg_stop_polled(&fds[0]);
	(void)eg_output_hung_up(&p->out, fds[1].revents);
}

static int
run_loop(struct poll *p, struct eg_error *e)
{
	struct eg_loop *l = &p->loop;

	while (!eg_loop_tick(l, eg_mono_ms(), p->out.gone)) {
		struct eg_loop_state state = { .settled = true };
		int64_t due = look_at_devices(p, &state.peer_since), tick;

		if (due == INT64_MAX)
			return 0;
		if (eg_loop_check(l, eg_mono_ms(), &state) != 0)
			return -1;
		tick = eg_loop_due(l, &state);
		wait_until(p, due < tick ? due : tick);
		if (!p->out.gone && read_devices(p, e) != 0)
			return -1;
	}
	return 0;
}

/* With --once, what the device does not have is an error. */
static int
check_refused(const struct poll *p, struct eg_error *e)
{
	for (size_t i = 0; i < p->devices && p->o->once; i++)
		for (size_t k = 0; k < p->map.n; k++)
			if (p->device[i].refused[k] || p->device[i].lacking)
				return eg_fail(e, EG_CONFIG, "'%s' does not have all registers of '%s'",
				    p->o->target, p->o->map);
	return p->loop.metrics.refused == 0 ? 0 :
	    eg_fail(e, EG_REFUSED, "%llu values were out of range",
	        (unsigned long long)p->loop.metrics.refused);
}

/* What no device can change: that a value and its scale factor fit one request. */
static int
check_map(const struct eg_modbus_map *m, struct eg_error *e)
{
	struct eg_modbus_plan plan;
	int rc = eg_modbus_plan_make(&plan, m, e);

	eg_modbus_plan_free(&plan);
	return rc;
}

static void
free_all(struct poll *p)
{
	for (size_t i = 0; i < p->devices; i++)
		eg_modbus_device_free(&p->device[i]);
	free(p->device);
	free(p->records.text);
	if (p->link.ctx != NULL)
		eg_modbus_link_free(&p->link);
	eg_modbus_map_free(&p->map);
}

static int
run_poll(struct poll *p, const struct eg_common *common, struct eg_error *e)
{
	/* Standard output first: if it is closed, the next descriptor opened would take its number. */
	if (eg_output_open(&p->out, STDOUT_FILENO, e) != 0 || eg_loop_open(&p->loop, common) != 0 ||
	    eg_modbus_map_read(&p->map, p->o->map, e) != 0 ||
	    check_map(&p->map, e) != 0 ||
	    eg_modbus_link_init(&p->link, p->o->target, &p->o->line, p->o->answer_ms, e) != 0 ||
	    make_devices(p, e) != 0 || eg_metrics_open(&p->loop.metrics, common, e) != 0)
		return -1;
	if (run_loop(p, e) == 0 && close(STDOUT_FILENO) != 0)
		eg_fail(e, EG_LOCAL_IO, "cannot write to standard output: %s", strerror(errno));
	if (p->out.gone) /* a reader that has gone away needs no message */
		*e = (struct eg_error){ .status = EG_OK };
	else
		(void)check_refused(p, e);
	eg_loop_close(&p->loop);
	return e->status == EG_OK ? 0 : -1;
}

int
eg_modbus_poll(const struct eg_modbus_options *o, const struct eg_common *common,
    struct eg_error *e)
{
	struct poll p = { .o = o, .loop = { .peer = "the device", .pending = "unwritten" } };
	int rc = run_poll(&p, common, &p.loop.error);

	free_all(&p);
	*e = p.loop.error;
	return rc;
}
