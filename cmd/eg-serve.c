/* SPDX-License-Identifier: MIT */
/* Take readings by HTTP, answered when they are safe downstream.
 *
 * Reads HTTP requests, writes their records to a child. A request is answered with success
 * when the child has written all of its records back. Records that are refused for good
 * are named in the answer. Without a child, a record counts as safe when it is written to
 * standard output. */
#include <unistd.h>

#include "base/diag.h"
#include "base/options.h"
#include "base/secret.h"
#include "serve/serve.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)

enum { OPT_CERT = 256, OPT_KEY, OPT_STORE };

static const struct eg_option table[] = {
	{ 'b', "max-body", "BYTES", "largest request body, decompressed (8388608)" },
	{ OPT_CERT, "cert", "FILE", "serve TLS with this certificate" },
	{ 'c', "connections", "N", "most open connections (1000)" },
	{ OPT_KEY, "key", "FILE", "private key of the certificate" },
	{ 'l', "listen", "ADDRESS", "address and port to listen at (127.0.0.1:8080)" },
	{ 'm', "max-pending", "BYTES", "most bytes of pending readings; above: 503 (67108864)" },
	{ 'p', "patience", "DURATION", "time limit for receiving a whole request (60s)" },
	{ 'r', "rate", "N", "requests per second for each token (no limit)" },
	{ 's', "sensor-tag", "NAME", "line protocol tag that names the sensor (sensor)" },
	{ OPT_STORE, "store", "FILE", "eg-store database that can be read over HTTP" },
	{ 't', "tokens", "FILE", "file of tokens; each line: NAME TOKEN [SENSOR...]" },
	{ 'w', "wait", "DURATION", "time limit for receipts; after it: 504 (10s)" },
	{ 'x', "skip-text", NULL, "line protocol: ignore fields that are not numbers" },
	{ 0, NULL, NULL, NULL },
};

static void
take_option(struct eg_serve *c, int opt)
{
	switch (opt) {
	case 'b':
		c->body_max = (size_t)eg_option_int("max-body", 1, 256 * MIB);
		break;
	case OPT_CERT:
		c->cert = optarg;
		break;
	case 'c':
		c->connections = (size_t)eg_option_int("connections", 1, 1000000);
		break;
	case OPT_KEY:
		c->key = optarg;
		break;
	case 'l':
		c->listen = optarg;
		break;
	case 'm':
		c->held_max = (size_t)eg_option_int("max-pending", 1, 1024 * 1024 * MIB);
		break;
	case 'p':
		c->patience_ms = eg_option_duration("patience", 100, 86400000);
		break;
	case 'r':
		c->rate = eg_option_double("rate", 0.001, 1e9);
		break;
	case 's':
		c->sensor_tag = optarg;
		break;
	case OPT_STORE:
		c->store = optarg;
		break;
	case 't':
		c->tokens = optarg;
		break;
	case 'w':
		c->wait_ms = eg_option_duration("wait", 1, 86400000);
		break;
	case 'x':
		c->skip_text = true;
		break;
	}
}

static void
check(const struct eg_serve *c)
{
	if (*c->sensor_tag == '\0')
		eg_usage("--sensor-tag: the name is empty");
	if ((c->cert == NULL) != (c->key == NULL))
		eg_usage("--cert needs --key, and --key needs --cert");
}

int
main(int argc, char *argv[])
{
	struct eg_serve c = { .listen = "127.0.0.1:8080", .connections = 1000,
		.body_max = 8 * MIB, .held_max = 64 * MIB, .patience_ms = 60000, .wait_ms = 10000,
		.sensor_tag = "sensor" };
	struct eg_options o = { .synopsis = "[options] [-- command [argument ...]]",
		.purpose = "Take readings by HTTP, answered when they are safe downstream.",
		.table = table, .rejects = true, .peers = true };
	struct eg_error e = { 0 };
	char *token;
	int opt, status;

	eg_diag_init("eg-serve");
	while ((opt = eg_options_next(&o, argc, argv)) != -1)
		take_option(&c, opt);
	/* getopt stops at `--` and at the first operand alike: both begin the command. */
	c.command = optind < argc ? argv + optind : NULL;
	check(&c);
	if (eg_secret_take("EG_API_TOKEN", &token, &e) != 0)
		return eg_report(&e);
	c.token = token;
	status = eg_serve_run(&c, &o.common);
	eg_secret_free(token);
	return status;
}
