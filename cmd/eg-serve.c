/* SPDX-License-Identifier: MIT */
/* Take readings by HTTP, answered when they are safe downstream.
 *
 * Reads HTTP requests, and writes their records to a child process. A request is answered with
 * success when the child has given a receipt for each record. The answer lists records that are
 * refused. Without a child, a record counts as safe when it is written to standard output. */
#include <unistd.h>

#include "base/diag.h"
#include "base/options.h"
#include "base/secret.h"
#include "serve/serve.h"
#include "store/store.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)

#define INTO(type, m, ...) type(struct eg_serve, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'b', "max-body", "BYTES", "largest request body, decompressed",
		INTO(EG_INT, body_max, 1, 256 * MIB), .preset = "8388608" },
	{ 0, "cert", "FILE", "serve TLS with this certificate", EG_TEXT(struct eg_serve, cert) },
	{ 'c', "connections", "N", "most open connections", INTO(EG_INT, connections, 1, 1000000),
		.preset = "1000" },
	{ 0, "key", "FILE", "private key of the certificate", EG_TEXT(struct eg_serve, key) },
	{ 'l', "listen", "ADDRESS", "address and port to listen at", EG_TEXT(struct eg_serve, listen),
		.preset = "127.0.0.1:8080" },
	{ 'm', "max-pending", "BYTES", "most bytes of pending readings; above: 503",
		INTO(EG_INT, held_max, 1, 1024 * 1024 * MIB), .preset = "67108864" },
	{ 'M', "meters", "FILE", "names, units and energy of the sensors on the page",
		EG_TEXT(struct eg_serve, meters) },
	{ 0, "now", NULL, "readings of clocks that are not set have the time of their arrival",
		EG_FLAG(struct eg_serve, now) },
	{ 'p', "patience", "DURATION", "time limit for receiving a whole request",
		INTO(EG_DURATION, receive_ms, 100, EG_DAY_MS), .preset = "60s" },
	{ 'r', "rate", "N", "requests per second for each token (no limit)",
		INTO(EG_DOUBLE, rate, 0.001, 1e9) },
	{ 's', "sensor-tag", "NAME", "line protocol tag that names the sensor",
		INTO(EG_NAME, sensor_tag, 1, INT64_MAX), .preset = "sensor" },
	{ 0, "store", "FILE", "eg-store database that can be read over HTTP",
		EG_TEXT(struct eg_serve, store) },
	{ 't', "tokens", "FILE", "file of tokens; each line: NAME TOKEN [SENSOR...]",
		EG_TEXT(struct eg_serve, tokens) },
	{ 'w', "wait", "DURATION", "time limit for receipts; after it: 504",
		INTO(EG_DURATION, wait_ms, 1, EG_DAY_MS), .preset = "10s" },
	{ 'x', "skip-text", NULL, "line protocol: ignore fields that are not numbers",
		EG_FLAG(struct eg_serve, skip_text) },
	{ 'z', "tz", "ZONE", "the time zone of the page's days: Europe/Rome",
		EG_TEXT(struct eg_serve, zone), .preset = "UTC" },
	{ 0 },
};

static void
check_serve(const struct eg_serve *c)
{
	if (*c->sensor_tag == '\0')
		eg_usage("--sensor-tag: the name is empty");
	if ((c->cert == NULL) != (c->key == NULL))
		eg_usage("--cert needs --key, and --key needs --cert");
}

int
main(int argc, char *argv[])
{
	struct eg_serve c = { 0 };
	struct eg_options o = { .synopsis = "[options] [-- command [argument ...]]",
		.purpose = "Take readings by HTTP, answered when they are safe downstream.",
		.table = table, .settings = &c, .rejects = true, .peers = true };
	struct eg_error e = { 0 };
	char *token;
	int first, status;

	eg_diag_init("eg-serve");
	first = eg_options_parse(&o, argc, argv);
	c.command = first < argc ? argv + first : NULL;
	check_serve(&c);
	if (c.store != NULL)
		eg_options_own(&o, "the store", c.store, EG_STORE_ENDS);
	if (eg_secret_take("EG_API_TOKEN", &token, &e) != 0)
		return eg_report(&e);
	c.token = token;
	status = eg_serve_run(&c, &o.common);
	eg_secret_free(token);
	return status;
}
