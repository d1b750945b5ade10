/* SPDX-License-Identifier: MIT */
/*
 * A libFuzzer target: whatever a file holds, what eg-import makes of it are records.
 * The first byte picks the options; the rest is the file.
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/import */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/rejects.h"
#include "base/zone.h"
#include "import/import.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
check(void *ctx, const char *lines, size_t len, struct eg_error *e)
{
	const char *end = lines + len, *nl;
	struct eg_record r;

	(void)ctx;
	(void)e;
	for (; lines < end; lines = nl + 1) {
		nl = memchr(lines, '\n', (size_t)(end - lines));
		if (nl == NULL || eg_record_parse(lines, (size_t)(nl - lines), &r) != EG_FAULT_NONE)
			abort();
	}
	return 0;
}

static bool
go_on(void *ctx, const struct eg_import_counts *n)
{
	(void)ctx;
	(void)n;
	return false;
}

/* Eight ways to read a file. */
static void
choose(struct eg_import_options *o, uint8_t pick, struct eg_zone *zone)
{
	static const char *const forms[] = { "iso", "epoch-ns", "%d/%m/%Y %I:%M %p", "%Y%m%d%H%M%S" };
	static const char delimiters[] = ",; \t";

	*o = (struct eg_import_options){ .time = { "t" }, .times = 1, .from_ns = INT64_MIN,
		.to_ns = INT64_MAX, .header = (pick & 1) == 0, .comma = (pick & 2) != 0,
		.delimiter = delimiters[pick >> 2 & 3], .zone = (pick & 16) != 0 ? zone : NULL,
		.thousands = (pick & 32) != 0 ? '.' : '\0', .wide = (pick & 64) != 0 && (pick & 1) == 0,
		.encoding = (pick & 128) != 0 ? "latin1" : NULL };
	(void)eg_time_format_compile(&o->form[0], forms[pick >> 4 & 3]);
	o->forms = 1;
	o->form_text = "a form";
	if (!o->header)
		o->time[0] = "1";
	o->value[0] = (struct eg_import_value){ NULL, o->header ? "v" : "2", pick % 7 - 3 };
	o->values = pick == 255 ? 0 : 1;
	if (o->wide)
		o->value[0] = (struct eg_import_value){ "", "", 0 };
	o->green_button = pick == 255;
	o->nem12 = pick == 254;
	if ((pick & 8) != 0)
		o->sensor_column[o->sensor_columns++] = o->header ? "s" : "1";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct eg_zone *zone;
	static int file = -1;
	struct eg_import_out out = { .write = check, .stop = go_on };
	struct eg_rejects rejects = { .fd = -1, .silent = true, .count = 1000 };
	struct eg_import_options o;
	const struct eg_import_counts *n;
	struct eg_error e = { 0 };
	struct eg_import *m;

	if (file < 0) {
		file = memfd_create("import", MFD_CLOEXEC);
		zone = eg_zone_open("Europe/Rome", &e);
		/* Warnings are not what is looked for. */
		if (getenv("EG_FUZZ_LOUD") == NULL)
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	}
	if (size == 0 || ftruncate(file, 0) != 0 || pwrite(file, data + 1, size - 1, 0) < 0 ||
	    lseek(file, 0, SEEK_SET) != 0)
		return 0;
	choose(&o, data[0], zone);
	m = eg_import_new(&o, &rejects, &out, &e);
	if (m == NULL || eg_import_file(m, file, "f", &e) != 0 || eg_import_end(m, &e) != 0)
		abort();
	n = eg_import_counts(m);
	if ((n->records > 0 && n->rows == 0) || n->written != n->records)
		abort();
	eg_import_free(m);
	return 0;
}
