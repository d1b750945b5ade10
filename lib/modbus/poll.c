/* SPDX-License-Identifier: MIT */
#include "modbus/poll.h"

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

enum { RETRY_MS = 500, RETRY_MAX_MS = 30 * 1000, FDS = 2 };

struct poll {
	const struct eg_modbus_options *o;
	struct eg_modbus_device *device; /* those at one bus are adjacent */
	size_t devices;
	struct eg_modbus_bus *bus;
	size_t buses;
	struct pollfd *fds; /* FDS for the loop, and one for each bus */
	struct eg_modbus_records records;
	struct eg_output out;
	struct eg_loop loop;
	uint64_t away; /* number of unreachable devices */
};

/* first: the time of its first round. */
static int
make_device(struct poll *p, const struct eg_modbus_listed *from, int64_t first, struct eg_error *e)
{
	struct eg_modbus_device *d = &p->device[p->devices++];

	d->unit = from->unit;
	d->map = from->map;
	d->due = first;
	d->trouble.retry = (struct eg_backoff){ .base_ms = RETRY_MS, .max_ms = RETRY_MAX_MS };
	memcpy(d->name, from->name, sizeof(d->name));
	d->refused = calloc(d->map->n, sizeof(*d->refused));
	d->told = calloc(d->map->n, sizeof(*d->told));
	if (d->refused == NULL || d->told == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	return d->map->sunspec ? 0 : eg_modbus_device_place(d, &(struct eg_modbus_models){ .n = 0 }, e);
}

/* Whether a device before the list's device k has the same address. */
static bool
has_bus(const struct eg_modbus_list *list, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (strcmp(list->device[i].target, list->device[k].target) == 0)
			return true;
	return false;
}

/* Makes a bus for all devices at the address of the list's device k. */
static int
make_bus(struct poll *p, const struct eg_modbus_list *list, size_t k, struct eg_error *e)
{
	struct eg_modbus_bus *b = &p->bus[p->buses++];
	const char *target = list->device[k].target;
	/* The same for all, so that they are asked in their order. */
	int64_t first = eg_modbus_bus_first(&p->o->times);

	b->device = &p->device[p->devices];
	if (eg_modbus_link_init(&b->link, target, &p->o->line, p->o->answer_ms, e) != 0)
		return -1;
	for (; k < list->n; k++) {
		if (strcmp(list->device[k].target, target) != 0)
			continue;
		if (make_device(p, &list->device[k], first, e) != 0)
			return -1;
		b->n++;
	}
	return 0;
}

static int
make_buses(struct poll *p, const struct eg_modbus_list *list, struct eg_error *e)
{
	p->device = calloc(list->n, sizeof(*p->device));
	p->bus = calloc(list->n, sizeof(*p->bus));
	p->fds = calloc(list->n + FDS, sizeof(*p->fds));
	if (p->device == NULL || p->bus == NULL || p->fds == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t k = 0; k < list->n; k++)
		if (!has_bus(list, k) && make_bus(p, list, k, e) != 0)
			return -1;
	return 0;
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
	p->records.len = 0;
	p->records.made = p->records.out_of_range = 0;
	return 0;
}

/* Reads the answers that have arrived, and sends the requests that are due. */
static int
work_buses(struct poll *p, struct eg_error *e)
{
	for (size_t i = 0; i < p->buses; i++)
		if (eg_modbus_bus_work(&p->bus[i], &p->o->times, &p->records, e) != 0)
			return -1;
	return write_records(p, e);
}

/* The time for --timeout since which devices are unreachable: with once, that of the first;
 * otherwise that of the last, if all are unreachable; else 0. Counts the unreachable devices. */
static int64_t
look_at_devices(struct poll *p)
{
	int64_t first = 0, last = 0;

	p->away = 0;
	for (size_t i = 0; i < p->devices; i++) {
		int64_t since = p->device[i].trouble.retry.since;

		if (since == 0)
			continue;
		p->away++;
		first = first == 0 || since < first ? since : first;
		last = since > last ? since : last;
	}
	if (p->o->times.once)
		return first;
	return p->away == p->devices ? last : 0;
}

/* When the next bus has work to do; INT64_MAX: never. */
static int64_t
first_due(const struct poll *p)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < p->buses; i++) {
		int64_t next = eg_modbus_bus_due(&p->bus[i]);

		due = next < due ? next : due;
	}
	return due;
}

/* Waits until due, or until an answer, a signal, or the end of standard output. */
static void
wait_until(struct poll *p, int64_t due)
{
	p->fds[0] = eg_stop_pollfd();
	p->fds[1] = (struct pollfd){ .fd = p->out.fd };
	for (size_t i = 0; i < p->buses; i++)
		p->fds[FDS + i] = eg_modbus_link_pollfd(&p->bus[i].link);
	if (!eg_wait_fds(p->fds, FDS + p->buses, due))
		return;
	eg_stop_polled(&p->fds[0]);
	(void)eg_output_hung_up(&p->out, p->fds[1].revents);
}

static int
run_loop(struct poll *p, struct eg_error *e)
{
	struct eg_loop *l = &p->loop;

	while (!eg_loop_tick(l, eg_mono_ms(), p->out.gone)) {
		struct eg_loop_state state = { .settled = true };
		int64_t due, tick;

		if (work_buses(p, e) != 0)
			return -1;
		due = first_due(p);
		if (due == INT64_MAX)
			return 0;
		state.peer_since = look_at_devices(p);
		if (eg_loop_check(l, eg_mono_ms(), &state) != 0)
			return -1;
		tick = eg_loop_due(l, &state);
		wait_until(p, due < tick ? due : tick);
	}
	return 0;
}

/* With once, a register that a device does not have is an error. */
static int
check_refused(const struct poll *p, struct eg_error *e)
{
	for (size_t i = 0; i < p->devices && p->o->times.once; i++) {
		const struct eg_modbus_device *d = &p->device[i];
		bool lacks = d->lacking;

		for (size_t k = 0; k < d->map->n; k++)
			lacks = lacks || d->refused[k];
		if (lacks)
			return eg_fail(e, EG_CONFIG, "'%s' does not have all registers of '%s'", d->name,
			    d->map->file.path);
	}
	return p->loop.metrics.refused == 0 ? 0 :
	    eg_fail(e, EG_REFUSED, "%llu values were out of range",
	        (unsigned long long)p->loop.metrics.refused);
}

static void
free_poll(struct poll *p)
{
	for (size_t i = 0; i < p->devices; i++)
		eg_modbus_device_free(&p->device[i]);
	for (size_t i = 0; i < p->buses; i++)
		eg_modbus_link_free(&p->bus[i].link);
	free(p->device);
	free(p->bus);
	free(p->fds);
	free(p->records.text);
}

static int
run_poll(struct poll *p, const struct eg_modbus_list *list, const struct eg_common *common,
    struct eg_error *e)
{
	/* Standard output first: if it is closed, the next descriptor opened would take its number. */
	if (eg_output_open(&p->out, STDOUT_FILENO, e) != 0 || eg_loop_open(&p->loop, common) != 0 ||
	    make_buses(p, list, e) != 0 || eg_metrics_open(&p->loop.metrics, common, e) != 0)
		return -1;
	if (run_loop(p, e) == 0)
		(void)eg_output_close(&p->out, e);
	if (p->out.gone) /* the reader has gone away: no message */
		*e = (struct eg_error){ .status = EG_OK };
	else
		(void)check_refused(p, e);
	eg_loop_close(&p->loop);
	return e->status == EG_OK ? 0 : -1;
}

int
eg_modbus_poll(const struct eg_modbus_options *o, const struct eg_modbus_list *list,
    const struct eg_common *common, struct eg_error *e)
{
	struct poll p = { .o = o, .loop = { .peer = "the device", .pending = "unwritten" } };
	const struct eg_metric extra[] = {
		{ "devices_away", "Devices that do not answer.", &p.away, true },
		{ .name = NULL },
	};
	int rc;

	p.loop.metrics.extra = extra;
	rc = run_poll(&p, list, common, &p.loop.error);
	free_poll(&p);
	*e = p.loop.error;
	return rc;
}
