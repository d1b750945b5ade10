/* SPDX-License-Identifier: MIT */
/* Turn what energy meters send into records.
 *
 * Reads JSON documents or telegrams, and writes records. A message is decoded completely, or
 * refused completely. A record counts as safe when it is written to standard output. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/loop.h"
#include "base/options.h"
#include "base/output_queue.h"
#include "base/stop.h"
#include "base/wait.h"
#include "decode/decode.h"
#include "decode/decode_options.h"
#include "decode/framing.h"
#include "decode/known_meters.h"
#include "meters/meters.h"
#include "record/time_arg.h"

struct settings {
	struct eg_decode_config decode;
	bool topics, meters;
};

static const struct eg_option table[] = {
	{ 'M', "meters", NULL, "print what is known of the format's sensors: a file of meters",
		EG_FLAG(struct settings, meters) },
	{ 'T', "topic", NULL, "each line begins with the MQTT topic of its message",
		EG_FLAG(struct settings, topics) },
	EG_DECODE_OPTIONS(struct settings, decode),
	{ 0 },
};

struct run {
	struct eg_decode *decode;
	struct eg_framing in;
	struct eg_output_queue queue;
	struct eg_loop loop;
	uint64_t empty;       /* messages without a reading */
	uint64_t passed_over; /* values that the decoder did not recognise */
};

static int
keep_lines(struct run *r, const struct eg_decoded *d, struct eg_error *e)
{
	if (eg_output_queue_add(&r->queue, d->lines, d->len, e) != 0)
		return -1;
	r->loop.metrics.in += d->records;
	r->empty += d->len == 0;
	r->passed_over += d->passed_over;
	if (d->unknown != NULL)
		eg_warn("not understood and passed over, named once: %s", d->unknown);
	return 0;
}

static int
decode(struct run *r, const struct eg_frame *doc, struct eg_error *e)
{
	struct eg_decode_message m = { doc->topic, doc->topic_len, doc->body, doc->body_len,
		eg_wall_ns(), .read = doc->read, .follows = true };
	struct eg_decoded d = { .reason = doc->reason };

	if (d.reason == NULL && eg_decode_message(r->decode, &m, &d, e) != 0)
		return -1;
	if (d.reason == NULL)
		return keep_lines(r, &d, e);
	r->loop.metrics.in++;
	r->loop.metrics.refused++;
	return eg_rejects_add(&r->loop.rejects, doc->lineno, doc->text, doc->len, d.reason, e);
}

/* Decodes the messages that were read, as long as there is room. *more: there may be others. */
static int
decode_some(struct run *r, bool *more, struct eg_error *e)
{
	struct eg_frame doc;

	if (eg_rejects_flush(&r->loop.rejects, e) < 0)
		return -1;
	while (r->queue.len < EG_OUTPUT_QUEUE_HIGH && eg_rejects_room(&r->loop.rejects) &&
	    (*more = eg_framing_next(&r->in, &doc)))
		if (decode(r, &doc, e) != 0)
			return -1;
	return eg_rejects_flush(&r->loop.rejects, e) < 0 ? -1 : 0;
}

/* Waits for room on standard output if there are records to write, otherwise for input; for neither
 * while refused lines cannot be written. Blocks until due at most. Returns whether the awaited one
 * is ready. */
static bool
wait_for_io(struct run *r, int64_t due)
{
	bool writing = r->queue.len > 0, stuck = eg_rejects_away(&r->loop.rejects) != 0;
	struct pollfd p[3] = {
		eg_stop_pollfd(),
		{ .fd = writing || stuck ? -1 : r->in.fd, .events = POLLIN },
		{ .fd = r->queue.out.fd, .events = writing && !stuck ? POLLOUT : 0 },
	};

	if (!eg_wait_fds(p, 3, due))
		return false;
	eg_stop_polled(&p[0]);
	if (!writing || stuck)
		(void)eg_output_hung_up(&r->queue.out, p[2].revents);
	return !stuck && p[writing ? 2 : 1].revents != 0;
}

static int
run_loop(struct run *r, struct eg_error *e)
{
	const struct eg_loop_state state = { .settled = false };
	struct eg_loop *l = &r->loop;
	bool more = true;

	while (!r->queue.out.gone) {
		int64_t now = eg_mono_ms();
		bool ending = eg_loop_tick(l, now, false);

		if (r->queue.len == 0 && eg_decode_written(r->decode, e) != 0)
			return -1;
		if (decode_some(r, &more, e) != 0)
			return -1;
		if (r->queue.len == 0 && l->rejects.len == 0 && !more && (r->in.eof || ending))
			return 0;
		if (eg_loop_check(l, now, &state) != 0) {
			eg_output_queue_end(&r->queue);
			return -1;
		}
		if (!wait_for_io(r, eg_loop_due(l, &state)))
			continue;
		if (r->queue.len > 0 ? eg_output_queue_write(&r->queue, l) != 0 : eg_framing_fill(&r->in,
		    e) != 0)
			return -1;
	}
	return 0;
}

static int
run_decode(struct run *r, const struct eg_common *common)
{
	struct eg_error *e = &r->loop.error;

	/* Standard output first: if it is closed, the next descriptor opened would take its number. */
	if (eg_output_open(&r->queue.out, STDOUT_FILENO, e) != 0 ||
	    eg_loop_open(&r->loop, common) != 0 ||
	    eg_framing_open(&r->in, e) != 0 || eg_metrics_open(&r->loop.metrics, common, e) != 0)
		return -1;
	r->loop.rejects.raw = true;
	if (run_loop(r, e) == 0 && (r->queue.out.gone || eg_decode_written(r->decode, e) == 0))
		(void)eg_output_close(&r->queue.out, e);
	eg_loop_close(&r->loop);
	return e->status == EG_OK ? 0 : -1;
}

static void
parse_options(struct settings *s, struct eg_options *o, int argc, char *argv[])
{
	int n = eg_options_parse(o, argc, argv);

	if (n == argc)
		eg_usage("no format given: " EG_DECODE_FORMATS);
	if (argc - n > 1)
		eg_usage("one format, behind all options, and no file");
	s->decode.format = argv[n];
}

/* Prints the file of meters of a format; returns the status. */
static int
print_meters(const char *format)
{
	const char *lines = eg_known_meters(format);
	struct eg_error e = { 0 };
	char q[EG_QUOTE_MAX];

	if (lines == NULL)
		eg_usage("--meters: nothing is known of the sensors of %s",
		    eg_quote(format, strlen(format), q));
	return eg_meters_print(STDOUT_FILENO, lines, &e) == 0 ? EG_OK : eg_report(&e);
}

int
main(int argc, char *argv[])
{
	struct settings s = { 0 };
	struct run r = { .in.fd = STDIN_FILENO,
		.loop = { .pending = "unwritten", .rejects = EG_REJECTS_INIT } };
	const struct eg_metric extra[] = {
		{ "messages_without_reading", "Messages that held no reading.", &r.empty, false },
		{ "values_passed_over", "Values that were not understood.", &r.passed_over, false },
		{ NULL, NULL, NULL, false },
	};
	struct eg_options o = { .synopsis = "[options] FORMAT",
		.purpose = "Turn what energy meters send into records.",
		.table = table, .settings = &s, .rejects = true };
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-decode");
	parse_options(&s, &o, argc, argv);
	if (s.meters)
		return print_meters(s.decode.format);
	r.in.topics = s.topics;
	r.decode = eg_decode_new(&s.decode, s.topics, &e);
	if (r.decode == NULL)
		return eg_report(&e);
	r.in.kind = eg_decode_framing(r.decode);
	r.in.json = eg_decode_reader(r.decode);
	if (r.in.kind != EG_FRAMING_JSON && r.in.kind != EG_FRAMING_LINES && r.in.topics)
		eg_usage("--topic: a telegram has more than one line");
	r.loop.metrics.extra = extra;
	status = run_decode(&r, &o.common) != 0 ? eg_report(&r.loop.error) :
	    r.queue.out.gone ? EG_LOCAL_IO : r.loop.metrics.refused > 0 ? EG_REFUSED : EG_OK;
	eg_decode_free(r.decode);
	eg_framing_close(&r.in);
	eg_output_queue_free(&r.queue);
	return status;
}
