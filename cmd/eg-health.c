/* SPDX-License-Identifier: MIT */
/* Serve the health and the counters of a program over HTTP.
 *
 * Reads the counters that a program writes once a second, as --metrics does, and answers probes
 * and scrapers. A process of its own, so that no client can hold up the program. The programs
 * with --listen start it themselves. */
#include <unistd.h>

#include "base/descriptors.h"
#include "base/diag.h"
#include "base/options.h"
#include "health/answers.h"

static const struct eg_option table[] = {
	{ 'l', "listen", "ADDRESS", "port, or address and port, to listen at",
		EG_TEXT(struct eg_health_options, listen), .preset = "127.0.0.1:9464" },
	{ 'u', "unhealthy", "DURATION", "unhealthy after so long without a receipt",
		EG_DURATION(struct eg_health_options, limit_ms, 2000, EG_DAY_MS), .preset = "60s" },
	{ 0 },
};

int
main(int argc, char *argv[])
{
	struct eg_health_options h = { 0 };
	struct eg_options o = { .synopsis = "[options]",
		.purpose = "Serve the health and the counters of a program over HTTP.",
		.table = table, .settings = &h, .bare = true };
	struct eg_error e = { 0 };

	eg_diag_init("eg-health");
	if (eg_options_parse(&o, argc, argv) < argc)
		eg_usage("takes no operands");
	if (eg_descriptors_readable(STDIN_FILENO, "standard input", &e) == 0)
		(void)eg_health_serve(&h, STDIN_FILENO, STDOUT_FILENO, &e);
	return eg_report(&e);
}
