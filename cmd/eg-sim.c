/* SPDX-License-Identifier: MIT */
/* Make energy readings, paced or at once.
 *
 * Writes records, whole lines only. A record counts as made when it is written to standard
 * output. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/number.h"
#include "base/options.h"
#include "base/output.h"
#include "base/stop.h"
#include "base/wait.h"
#include "record/record.h"
#include "sim/readings.h"

#define YEAR_MS (INT64_C(365) * 86400 * 1000)
#define RANGE_MOST 1e9 /* fits 64 bits with nine decimals */

struct settings {
	struct eg_readings r;
	const char *range;
};

static void
take_precise(void *to, char *arg)
{
	struct settings *s = to;

	(void)arg;
	s->r.unit = 1;
}

static void
take_resolution(void *to, char *arg)
{
	static const char *const names[] = { "ns", "us", "ms", "s" };
	struct settings *s = to;
	int64_t unit = 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++, unit *= 1000)
		if (strcmp(arg, names[i]) == 0) {
			s->r.unit = unit;
			return;
		}
	eg_usage("--resolution: want one of: s ms us ns");
}

static void
take_start(void *to, char *arg)
{
	struct settings *s = to;
	char q[EG_QUOTE_MAX];
	enum eg_fault fault = eg_time_parse(arg, strlen(arg), &s->r.start);

	if (fault != EG_FAULT_NONE)
		eg_usage("--start: %s: %s", eg_quote(arg, strlen(arg), q), eg_fault_text(fault));
	s->r.history = true;
}

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'D', "decimals", "N", "digits behind the decimal point", INTO(EG_INT, r.decimals, 0, 9),
		.preset = "2" },
	{ 'd', "delay", "DURATION", "from one round to the next; 0: at once",
		INTO(EG_DURATION, r.delay, 0, YEAR_MS), .unit = EG_NS_PER_MS, .preset = "2s" },
	{ 'L', "latitude", "DEGREES", "of the solar plants, north positive",
		INTO(EG_DOUBLE, r.latitude, -90, 90), .preset = "45" },
	{ 'x', "precise", NULL, "the same as --resolution ns", EG_CALL(take_precise) },
	{ 'P', "prefix", "TEXT", "name of the sensors, before their number",
		EG_TEXT(struct settings, r.prefix), .preset = "sensor" },
	{ 'p', "profile", "NAME", "uniform, household or solar",
		INTO(EG_CHOICE, r.profile, "uniform household solar"), .preset = "uniform" },
	{ 'm', "range", "MIN,MAX", "bounds of uniform values", EG_TEXT(struct settings, range),
		.preset = "40,70" },
	{ 'R', "rate", "N", "N readings a second, evenly, instead of --delay",
		INTO(EG_INT, r.rate, 1, 100 * 1000 * 1000) },
	{ 'f', "resolution", "UNIT", "cut timestamps to whole s, ms, us or ns",
		EG_CALL(take_resolution) },
	{ 'r', "rounds", "N", "readings of each sensor; 0: for ever",
		INTO(EG_INT, r.rounds, 0, INT64_MAX), .preset = "3" },
	{ 'S', "seed", "N", "make the values of this seed (random)",
		INTO(EG_INT, r.seed, 0, INT64_MAX) },
	{ 'n', "sensors", "N", "how many sensors", INTO(EG_INT, r.sensors, 1, 10 * 1000 * 1000),
		.preset = "15" },
	{ 's', "start", "TIME", "make history from TIME on, at once", EG_CALL(take_start) },
	{ 't', "step", "DURATION", "from one round to the next with --start",
		INTO(EG_DURATION, r.step, 1, YEAR_MS), .unit = EG_NS_PER_MS, .preset = "2s" },
	{ 0 },
};

/* Rounds x to a multiple of 10^-decimals in the given direction, and returns it times
 * 10^decimals. If x differs from a multiple only by the inexact binary form, returns that
 * multiple. */
static int64_t
scaled(double x, const struct eg_readings *r, double (*towards)(double))
{
	double y = x * pow(10, r->decimals), near = round(y);

	return (int64_t)(fabs(y - near) <= 1e-12 * fabs(y) ? near : towards(y));
}

static void
set_range(struct eg_readings *r, const char *text)
{
	const char *comma = strchr(text, ',');
	size_t len = comma != NULL ? (size_t)(comma - text) : strlen(text);
	char first[EG_VALUE_MAX + 1] = "", q[EG_QUOTE_MAX];
	double low = 0, high = 0;

	if (len <= EG_VALUE_MAX)
		memcpy(first, text, len);
	if (comma == NULL || eg_double_parse(first, -RANGE_MOST, RANGE_MOST, &low) != EG_NUMBER_OK ||
	    eg_double_parse(comma + 1, -RANGE_MOST, RANGE_MOST, &high) != EG_NUMBER_OK ||
	    low > high)
		eg_usage("--range: %s: want MIN,MAX: two numbers within 1e9, the smaller one first",
		    eg_quote(text, strlen(text), q));
	r->low = scaled(low, r, ceil);
	r->high = scaled(high, r, floor);
	if (r->low > r->high)
		eg_usage("--range: %s: holds no number with %d decimals",
		    eg_quote(text, strlen(text), q), r->decimals);
}

/* The prefix is valid if the longest sensor with it is valid. */
static void
check_prefix(const struct eg_readings *r)
{
	char sensor[EG_SENSOR_MAX + 2], q[EG_QUOTE_MAX];
	int n = snprintf(sensor, sizeof(sensor), "%s%lld", r->prefix, (long long)r->sensors);
	enum eg_fault fault = EG_FAULT_SENSOR_LONG;

	if (n > 0 && (size_t)n < sizeof(sensor))
		fault = eg_sensor_check(sensor, (size_t)n);
	if (fault != EG_FAULT_NONE)
		eg_usage("--prefix: %s: %s", eg_quote(r->prefix, strlen(r->prefix), q),
		    eg_fault_text(fault));
}

/* The coarsest unit for timestamps at which the readings of a sensor, one per period, differ even
 * if one is a little late. */
static int64_t
unit_for_period(const struct eg_readings *r, int64_t period)
{
	if (r->history || r->rate > 0)
		return 1;
	if (period >= EG_NS_PER_S)
		return EG_NS_PER_S;
	if (period >= 10 * EG_NS_PER_MS)
		return EG_NS_PER_MS;
	return period >= EG_NS_PER_MS / 100 ? EG_NS_PER_MS / 1000 : 1;
}

static void
settle_time(struct eg_readings *r, const struct eg_options *o)
{
	bool delay = eg_options_given(o, "delay");
	int64_t period, last;

	if (r->history && delay)
		eg_usage("--start makes no pauses: use --step instead of --delay");
	if (eg_options_given(o, "step") && !r->history)
		eg_usage("--step needs --start");
	if (r->rate > 0 && delay)
		eg_usage("--rate and --delay exclude each other");
	if (r->history && r->rounds > 0 &&
	    (__builtin_mul_overflow(r->rounds - 1, r->step, &last) ||
	        __builtin_add_overflow(r->start, last, &last)))
		eg_usage("--rounds: the last round would be later than 2262-04-11, the latest time");
	period = r->history ? r->step
	    : r->rate > 0   ? r->sensors * EG_NS_PER_S / r->rate
	                    : r->delay;
	if (r->unit == 0)
		r->unit = unit_for_period(r, period);
	if (r->rounds != 1 && period < r->unit && r->unit > 1)
		eg_usage("--resolution: too coarse: readings of a sensor would share a timestamp");
}

static void
settle_values(struct eg_readings *r, const char *range, const struct eg_options *o)
{
	if (eg_options_given(o, "range") && r->profile != EG_PROFILE_UNIFORM)
		eg_usage("--range is for --profile uniform only");
	if (eg_options_given(o, "latitude") && r->profile != EG_PROFILE_SOLAR)
		eg_usage("--latitude is for --profile solar only");
	set_range(r, range);
	check_prefix(r);
	if (eg_options_given(o, "seed"))
		return;
	if (getrandom(&r->seed, sizeof(r->seed), 0) != sizeof(r->seed))
		r->seed = (uint64_t)eg_mono_ns();
	r->seed >>= 1; /* --seed accepts 63 bits */
	eg_info("--seed %llu", (unsigned long long)r->seed);
}

static void
parse_options(struct settings *s, struct eg_options *o, int argc, char *argv[])
{
	if (eg_options_parse(o, argc, argv) < argc)
		eg_usage("takes no operands");
	settle_time(&s->r, o);
	settle_values(&s->r, s->range, o);
}

static uint64_t
count_lines(const char *p, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += p[i] == '\n';
	return n;
}

/* Waits for a signal, for room on standard output when writing, and until a time on
 * eg_mono_ns's clock at most (INT64_MAX: none). Returns whether a write does not block. */
static bool
wait_for_io(struct eg_output *out, bool writing, int64_t until)
{
	struct pollfd p[2] = { eg_stop_pollfd(),
		{ .fd = out->fd, .events = writing ? POLLOUT : 0 } };

	if (!eg_wait_fds_ns(p, 2, until))
		return false;
	eg_stop_polled(&p[0]);
	/* The reader may have closed standard output during the pause. */
	if (!writing)
		(void)eg_output_hung_up(out, p[1].revents);
	return writing && p[1].revents != 0;
}

static int
run_sim(struct eg_readings *r, struct eg_output *out, struct eg_metrics *m, struct eg_error *e)
{
	size_t at = 0; /* bytes of r->buf written so far */
	int64_t until, tick;
	bool room;
	ssize_t n;

	while (eg_stop_asked() == 0 && !out->gone) {
		if (at == r->len) {
			m->in += eg_readings_fill(r, eg_mono_ns());
			at = 0;
		}
		if (r->len == 0 && r->over)
			break;
		until = r->len > 0 ? INT64_MAX : r->wake;
		tick = m->next < INT64_MAX / EG_NS_PER_MS ? m->next * EG_NS_PER_MS : INT64_MAX;
		room = wait_for_io(out, r->len > 0, until < tick ? until : tick);
		eg_metrics_tick(m, eg_mono_ms());
		if (!room || eg_stop_asked() > 0)
			continue;
		n = eg_output_write(out, r->buf + at, r->len - at, e);
		if (n < 0)
			return -1;
		m->out += count_lines(r->buf + at, (size_t)n);
		at += (size_t)n;
	}
	if (at > 0 && at < r->len && r->buf[at - 1] != '\n')
		eg_output_end_line(out, r->buf + at, r->len - at);
	m->in = m->out;
	return 0;
}

int
main(int argc, char *argv[])
{
	static struct settings s;
	struct eg_options o = { .synopsis = "[options]",
		.purpose = "Make energy readings, paced or at once.", .table = table, .settings = &s };
	struct eg_metrics metrics = { 0 };
	struct eg_error e = { 0 };
	struct eg_output out;

	eg_diag_init("eg-sim");
	parse_options(&s, &o, argc, argv);
	/* Standard output first: if it is closed, the next descriptor opened would take its
	 * number. */
	if (eg_output_open(&out, STDOUT_FILENO, &e) != 0 || eg_stop_install(&e) != 0 ||
	    eg_metrics_open(&metrics, &o.common, &e) != 0)
		return eg_report(&e);
	if (run_sim(&s.r, &out, &metrics, &e) == 0)
		(void)eg_output_close(&out, &e);
	eg_metrics_close(&metrics, o.common.verbose);
	return eg_report(&e);
}
