/* SPDX-License-Identifier: MIT */
#include "modbus/bus.h"

#include "base/clock.h"

int64_t
eg_modbus_beat(int64_t now_ns, int64_t every_ms)
{
	int64_t every = every_ms * EG_NS_PER_MS;

	return (now_ns / every + 1) * every;
}

/* The start of the next round (eg_mono_ms), rounded up so that no round begins early. */
static int64_t
next_round(const struct eg_modbus_times *t)
{
	int64_t now = eg_wall_ns(), beat = eg_modbus_beat(now, t->every_ms);

	return eg_mono_ms() + (beat - now + EG_NS_PER_MS - 1) / EG_NS_PER_MS + 1;
}

int64_t
eg_modbus_bus_first(const struct eg_modbus_times *t)
{
	return t->once ? 0 : next_round(t);
}

/* How long a device gets no request after trouble. On a serial line an answer has no number, so a
 * late one could be taken for the next. */
static int64_t
pause_of(const struct eg_modbus_bus *b)
{
	return b->link.serial != NULL ? b->link.limit_ms : 0;
}

/* Sets the time of the next request after a round of d. */
static void
set_due(const struct eg_modbus_bus *b, struct eg_modbus_device *d, const struct eg_modbus_times *t,
    enum eg_modbus_round got)
{
	int64_t beat = t->once ? INT64_MAX : next_round(t), retry = d->trouble.retry.due;

	if (got == EG_MODBUS_AGAIN && beat < eg_mono_ms() + pause_of(b))
		beat = retry;
	d->due = got == EG_MODBUS_AGAIN && retry < beat ? retry : beat;
	if (d->due == beat)
		d->next = 0;
}

/* Without a connection, one device retries and reports the failure; the other devices of the bus
 * wait for it. */
static void
put_off(struct eg_modbus_bus *b, const struct eg_modbus_device *tried)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->device[i].due < tried->due)
			b->device[i].due = tried->due;
}

/* The device that has been due for longest; NULL: none is due. */
static struct eg_modbus_device *
next_device(const struct eg_modbus_bus *b)
{
	struct eg_modbus_device *next = &b->device[0];

	for (size_t i = 1; i < b->n; i++)
		if (b->device[i].due < next->due)
			next = &b->device[i];
	return next->due <= eg_mono_ms() ? next : NULL;
}

/* Ends the round of the device that is being read. */
static void
end_round(struct eg_modbus_bus *b, const struct eg_modbus_times *t, enum eg_modbus_round round,
    bool unreachable)
{
	struct eg_modbus_device *d = b->reading;

	b->reading = NULL;
	set_due(b, d, t, round);
	if (unreachable)
		put_off(b, d);
}

/* Begins the next request. False: no device is due. */
static bool
ask(struct eg_modbus_bus *b, const struct eg_modbus_times *t)
{
	struct eg_modbus_request q;

	while (b->reading != NULL || (b->reading = next_device(b)) != NULL) {
		if (eg_modbus_device_request(b->reading, &q)) {
			eg_modbus_link_ask(&b->link, &q);
			return true;
		}
		end_round(b, t, EG_MODBUS_DONE, false); /* no value of the map is in the device */
	}
	return false;
}

int
eg_modbus_bus_work(struct eg_modbus_bus *b, const struct eg_modbus_times *t,
    struct eg_modbus_records *out, struct eg_error *e)
{
	enum eg_modbus_outcome got;
	enum eg_modbus_round round;

	while (eg_modbus_link_busy(&b->link) || ask(b, t)) {
		got = eg_modbus_link_work(&b->link);
		if (got == EG_MODBUS_WAITING)
			return 0;
		round = eg_modbus_device_take(b->reading, &b->link, got, pause_of(b), out, e);
		if (round == EG_MODBUS_ERROR)
			return -1;
		if (round != EG_MODBUS_MORE)
			end_round(b, t, round, got == EG_MODBUS_UNREACHABLE);
	}
	return 0;
}

int64_t
eg_modbus_bus_due(const struct eg_modbus_bus *b)
{
	int64_t due = INT64_MAX;

	if (eg_modbus_link_busy(&b->link))
		return eg_modbus_link_due(&b->link);
	for (size_t i = 0; i < b->n; i++)
		if (b->device[i].due < due)
			due = b->device[i].due;
	return due;
}
