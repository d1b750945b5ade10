/* SPDX-License-Identifier: MIT */
#include "modbus/scan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/output.h"
#include "base/stop.h"
#include "modbus/link.h"
#include "modbus/sunspec.h"

/* The common model: after its head, maker and model are texts of 32 bytes each. */
enum { FIRST = 1, LAST = 247, COMMON = 1, TEXT = 32, COMMON_COUNT = TEXT, LINE_SIZE = 1024 };

struct scan {
	const struct eg_modbus_scan *s;
	struct eg_modbus_link link;
	struct eg_output out;
	size_t found;
};

static int
cannot_connect(const struct scan *c, struct eg_error *e)
{
	return eg_fail(e, EG_TEMPORARY, "cannot connect to '%s': %s", c->s->target, c->link.why);
}

/* Appends a text of TEXT / 2 registers, up to a NUL; control characters become blanks. */
static void
print_text(FILE *line, const uint16_t *reg)
{
	char text[TEXT + 1] = "";
	size_t len;

	for (size_t i = 0; i < TEXT; i++)
		text[i] = (char)(reg[i / 2] >> (i % 2 == 0 ? 8 : 0));
	len = eg_text_clean(text, strlen(text), ' ');
	while (len > 0 && text[len - 1] == ' ')
		len--;
	(void)fwrite(text, 1, len, line);
}

/* Appends maker and model of the device. */
static void
put_common(struct scan *c, const struct eg_modbus_walk *w, int unit, FILE *line)
{
	struct eg_modbus_request q = { .unit = unit, .table = EG_MODBUS_HOLDING,
		.start = w->models.at[0].address + 2, .count = COMMON_COUNT };

	if (w->models.n == 0 || w->models.at[0].id != COMMON ||
	    w->models.at[0].count < 2 + COMMON_COUNT ||
	    eg_modbus_link_read(&c->link, &q) != EG_MODBUS_READ)
		return;
	(void)fputs("; ", line);
	print_text(line, c->link.reg);
	(void)fputc(' ', line);
	print_text(line, c->link.reg + TEXT / 2);
}

/* Reads the list of the unit's models. False: it has none, or stopped answering. */
static bool
walk(struct scan *c, int unit, struct eg_modbus_walk *w)
{
	enum eg_modbus_walked walked = EG_MODBUS_WALK_ON;

	while (walked == EG_MODBUS_WALK_ON) {
		struct eg_modbus_request q = eg_modbus_walk_request(w, unit);
		enum eg_modbus_outcome got = eg_modbus_link_read(&c->link, &q);

		if (got != EG_MODBUS_READ && got != EG_MODBUS_EXCEPTION)
			return false;
		walked = eg_modbus_walk_take(w, got == EG_MODBUS_READ ? c->link.reg : NULL);
	}
	return walked == EG_MODBUS_WALK_ENDED && w->models.n > 0;
}

static int
write_line(struct scan *c, int unit, struct eg_error *e)
{
	struct eg_modbus_walk w = { .at = 0 };
	char text[LINE_SIZE];
	FILE *line = fmemopen(text, sizeof(text), "w");
	size_t n;

	if (line == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	(void)fprintf(line, "unit %d answers; ", unit);
	if (walk(c, unit, &w)) {
		(void)fprintf(line, "SunSpec at %d: models", w.models.at[0].address - 2);
		for (size_t i = 0; i < w.models.n; i++)
			(void)fprintf(line, " %d", w.models.at[i].id);
		put_common(c, &w, unit, line);
	} else
		(void)fputs("no SunSpec", line);
	(void)fputc('\n', line);
	n = (size_t)ftell(line);
	(void)fclose(line);
	c->found++;
	return eg_output_write_all(&c->out, text, n, e);
}

/* Whether the exception means that a gateway cannot reach the unit. */
static bool
is_gateway(int exception)
{
	return exception == 10 || exception == 11;
}

static int
try_unit(struct scan *c, int unit, struct eg_error *e)
{
	struct eg_modbus_request q = { .unit = unit, .table = EG_MODBUS_HOLDING, .start = 0,
	    .count = 1 };

	switch (eg_modbus_link_read(&c->link, &q)) {
	case EG_MODBUS_UNREACHABLE:
		return cannot_connect(c, e);
	case EG_MODBUS_TROUBLE:
		eg_info("unit %d: %s", unit, c->link.why);
		return 0;
	case EG_MODBUS_EXCEPTION:
		if (is_gateway(c->link.exception)) {
			eg_info("unit %d: %s", unit, eg_modbus_exception(c->link.exception));
			return 0;
		}
		return write_line(c, unit, e);
	case EG_MODBUS_READ:
		return write_line(c, unit, e);
	default:
		return 0;
	}
}

static int
try_units(struct scan *c, struct eg_error *e)
{
	size_t n = c->s->units.n > 0 ? c->s->units.n : LAST - FIRST + 1;

	for (size_t i = 0; i < n && eg_stop_asked() == 0; i++)
		if (try_unit(c, c->s->units.n > 0 ? c->s->units.id[i] : FIRST + (int)i, e) != 0)
			return -1;
	if (c->found == 0 && eg_stop_asked() == 0)
		return eg_fail(e, EG_TEMPORARY, "no unit answers at '%s'", c->s->target);
	return 0;
}

int
eg_modbus_scan(const struct eg_modbus_scan *s, struct eg_error *e)
{
	struct scan c = { .s = s };
	int rc = eg_modbus_link_init(&c.link, s->target, &s->line, s->answer_ms, e);

	if (rc == 0 && (eg_output_open(&c.out, STDOUT_FILENO, e) != 0 || eg_stop_install(e) != 0))
		rc = -1;
	if (rc == 0)
		rc = try_units(&c, e);
	eg_modbus_link_free(&c.link);
	if (!c.out.gone)
		return rc;
	*e = (struct eg_error){ .status = EG_OK };
	return 0;
}
