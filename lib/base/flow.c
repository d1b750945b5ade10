/* SPDX-License-Identifier: MIT */
#include "base/flow.h"

#include <string.h>

#include "base/clock.h"
#include "base/diag.h"

void
eg_flow_init(struct eg_flow *f)
{
	*f = (struct eg_flow){
		.step_ms = 1,
		.batches = { .name = "batch_records", .help = "Records in a batch, message or request.",
			.scale = 1, .bounds = { 1, 3, 10, 30, 100, 300, 1000, 3000, 10000 } },
		.latency = { .name = "receipt_seconds",
			.help = "Time from taking a record to its receipt or refusal.", .scale = 1000,
			.bounds = { 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 60000, 300000 } },
	};
}

void
eg_flow_batch(struct eg_flow *f, uint64_t records)
{
	eg_histogram_add(&f->batches, records, 1);
}

/* Halves the number of marks: of each two, the records of the newer one get the older time. From
 * now on marks are twice as far apart, so that all are equally far. */
static void
join_marks(struct eg_flow *f)
{
	f->step_ms *= 2;
	for (size_t i = 0; i < EG_FLOW_MARKS / 2; i++)
		f->mark[i] = (struct eg_flow_mark){ f->mark[2 * i + 1].end, f->mark[2 * i].at };
	f->marks = EG_FLOW_MARKS / 2;
}

void
eg_flow_taken(struct eg_flow *f, uint64_t taken, int64_t now)
{
	if (taken <= f->taken)
		return;
	f->taken = taken;
	if (f->marks > 0 && now - f->mark[f->marks - 1].at < f->step_ms) {
		f->mark[f->marks - 1].end = taken;
		return;
	}
	if (f->marks == EG_FLOW_MARKS)
		join_marks(f);
	f->mark[f->marks++] = (struct eg_flow_mark){ taken, now };
}

void
eg_flow_settled(struct eg_flow *f, uint64_t settled, int64_t now)
{
	size_t done = 0;

	while (f->settled < settled && done < f->marks) {
		const struct eg_flow_mark *m = &f->mark[done];
		uint64_t end = m->end < settled ? m->end : settled;

		eg_histogram_add(&f->latency, (uint64_t)(now - m->at), end - f->settled);
		f->settled = end;
		done += end == m->end;
	}
	if (done == 0)
		return;
	f->marks -= done;
	memmove(f->mark, f->mark + done, f->marks * sizeof(f->mark[0]));
	if (f->marks < EG_FLOW_MARKS / 4 && f->step_ms > 1)
		f->step_ms /= 2;
}

int64_t
eg_flow_oldest(const struct eg_flow *f)
{
	return f->marks > 0 ? f->mark[0].at : 0;
}

static void
print_gauge(FILE *out, const char *name, const char *help, int64_t ms)
{
	fprintf(out, "# HELP energyguard_%s %s\n# TYPE energyguard_%s gauge\n", name, help, name);
	fprintf(out, "energyguard_%s{program=\"%s\"} %.3f\n", name, eg_program(), (double)ms / 1000);
}

void
eg_flow_print(FILE *out, const struct eg_flow *f, int64_t now)
{
	int64_t oldest = eg_flow_oldest(f), ns;

	print_gauge(out, "oldest_record_age_seconds",
	    "How long the oldest record without a receipt has waited; 0: none.",
	    oldest == 0 ? 0 : now - oldest);
	if (oldest != 0 && f->oldest_time != NULL && f->oldest_time(f->of, &ns))
		print_gauge(out, "oldest_record_timestamp_seconds",
		    "Timestamp of the oldest record without a receipt.", ns / EG_NS_PER_MS);
	eg_histogram_print(out, &f->batches);
	eg_histogram_print(out, &f->latency);
}
