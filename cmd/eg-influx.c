/* SPDX-License-Identifier: MIT */
/* Write energy readings to InfluxDB.
 *
 * Reads records on standard input and writes them to an InfluxDB as line protocol. A
 * record comes out on standard output when the database has answered that it is
 * written (204); until then it is sent again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"
#include "base/secret.h"
#include "influx/forms.h"
#include "influx/influx.h"
#include "influx/lineprotocol_write.h"
#include "influx/write_reply.h"
#include "influx/writer.h"
#include "stage/stage.h"

enum { BATCH_MAX = 50000, SECRET_MAX = 4096, TAGS_MAX = EG_LINEPROTOCOL_TAGS - 2 };

struct options {
	struct eg_influx_config influx;
	struct eg_forms forms;
	struct eg_meters *meters; /* NULL: not given */
	int api; /* index of the word of --api */
	const char *measurement, *meters_file, *token_file, *password_file;
	const char *tags[TAGS_MAX];
	size_t ntags, batch;
	bool check;
	char secret[SECRET_MAX];
	char *token, *password; /* from the environment */
};

static void
add_tag(void *to, char *text)
{
	struct options *s = to;

	if (s->ntags == TAGS_MAX)
		eg_usage("--tag: more than %d", TAGS_MAX);
	s->tags[s->ntags++] = text;
}

static void
take_connections(void *to, char *text)
{
	struct options *s = to;
	int64_t n = 0;

	if (strcmp(text, "auto") != 0 &&
	    eg_int_parse(text, 1, EG_INFLUX_CONNECTIONS_MAX, &n) != EG_NUMBER_OK)
		eg_usage("--connections: '%s' is neither auto nor a number from 1 to %d", text,
		    EG_INFLUX_CONNECTIONS_MAX);
	s->influx.connections = (size_t)n;
}

#define INTO(type, m, ...) type(struct options, m, __VA_ARGS__)
#define WORD(m) EG_NAME(struct options, m, 1, INT64_MAX)
static const struct eg_option table[] = {
	{ 'a', "api", "VERSION", "v1, v2 or v3 (v2; v1 with --db)", INTO(EG_CHOICE, api, "v1 v2 v3") },
	{ 'b', "bucket", "NAME", "v2: the bucket (INFLUX_BUCKET, energy)", WORD(influx.to.bucket) },
	{ 'c', "connections", "N", "requests in flight at most, or auto: find a good number",
		EG_CALL(take_connections), .preset = "auto" },
	{ 'C', "cacert", "FILE", "trusted CA certificates (the system's)", WORD(influx.cacert) },
	{ 'd', "db", "NAME", "v1, v3: the database (energy)", WORD(influx.to.db) },
	{ 'k', "check", NULL, "write nothing; check address, credentials and bucket",
		EG_FLAG(struct options, check) },
	{ 'm', "measurement", "NAME", "the measurement", WORD(measurement), .preset = "energy" },
	{ 'M', "meters", "FILE", "tags role and unit, as FILE has them for each sensor",
		WORD(meters_file) },
	{ 'n', "batch", "N", "records per request at most", INTO(EG_INT, batch, 1, BATCH_MAX),
		.preset = "5000" },
	{ 'o', "org", "NAME", "v2: the organisation (INFLUX_ORG, myorg)", WORD(influx.to.org) },
	{ 'p', "password-file", "FILE", "v1: the password (INFLUX_PASSWORD)", WORD(password_file) },
	{ 'r', "rp", "NAME", "v1: the retention policy (the database's default)", WORD(influx.to.rp) },
	{ 'R', "request-timeout", "DURATION", "time limit for an answer",
		INTO(EG_DURATION, influx.request_timeout_ms, 10, EG_DAY_MS), .preset = "30s" },
	{ 't', "tag", "KEY=VALUE", "constant tag of every record; may be repeated", EG_CALL(add_tag) },
	{ 'T', "token-file", "FILE", "v2, v3: the token (INFLUX_TOKEN_FILE, INFLUX_TOKEN)",
		WORD(token_file) },
	{ 'u', "url", "URL", "the server's address (INFLUX_HOST, http://127.0.0.1:8086)",
		EG_TEXT(struct options, influx.to.url) },
	{ 0, "host", "URL", "the same as --url", EG_TEXT(struct options, influx.to.url) },
	{ 'U', "user", "NAME", "v1: the user (INFLUX_USERNAME)", WORD(influx.user) },
	{ 'z', "gzip", NULL, "compress requests", EG_FLAG(struct options, influx.gzip) },
	{ 0 },
};

static const char *
from_environment(const char *name, const char *otherwise)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? text : otherwise;
}

static void
choose_api(struct options *s, bool given)
{
	static const enum eg_api apis[] = { EG_API_V1, EG_API_V2, EG_API_V3 };
	struct eg_endpoint *to = &s->influx.to;
	bool db = to->db != NULL;

	to->api = given ? apis[s->api] : db ? EG_API_V1 : EG_API_V2;
	if (db && to->api == EG_API_V2)
		eg_usage("--db goes with --api v1 or v3; v2 has --bucket");
	if ((to->bucket != NULL || to->org != NULL) && to->api != EG_API_V2)
		eg_usage("--bucket and --org go with --api v2; v1 and v3 have --db");
	if (to->api != EG_API_V1 &&
	    (to->rp != NULL || s->influx.user != NULL || s->password_file != NULL))
		eg_usage("--rp, --user and --password-file go with --api v1");
	if (to->api == EG_API_V1 && s->token_file != NULL)
		eg_usage("--token-file goes with --api v2 or v3");
	if (!db)
		to->db = "energy";
}

/* Reads the token, or user and password, from a file or the environment. */
static int
find_secret(struct options *s, const struct eg_options *o, struct eg_error *e)
{
	bool v1 = s->influx.to.api == EG_API_V1;
	const char *file = v1 ? s->password_file : s->token_file, *name, *text;
	const char *what = v1 ? "--password-file" : "--token-file";

	/* Reads both variables, so that neither stays in the environment. */
	if (eg_secret_take("INFLUX_PASSWORD", &s->password, e) != 0 ||
	    eg_secret_take("INFLUX_TOKEN", &s->token, e) != 0)
		return -1;
	if (file == NULL && !v1) {
		what = "INFLUX_TOKEN_FILE";
		file = from_environment(what, NULL);
		if (file != NULL)
			eg_options_own(o, what, file, NULL);
	}
	if (v1 && s->influx.user == NULL)
		s->influx.user = from_environment("INFLUX_USERNAME", NULL);
	name = v1 ? "INFLUX_PASSWORD" : "INFLUX_TOKEN";
	text = v1 ? s->password : s->token;
	if (file != NULL) {
		if (eg_secret_read(what, file, s->secret, sizeof(s->secret), e) != 0)
			return -1;
		text = s->secret;
	} else if (text != NULL && eg_secret_check(name, text, e) != 0)
		return -1;
	if (v1)
		s->influx.password = text;
	else
		s->influx.token = text;
	return 0;
}

/* Sets what is missing from the environment and the defaults, and checks the settings. */
static int
complete_options(struct options *s, const struct eg_options *o, struct eg_error *e)
{
	struct eg_influx_config *c = &s->influx;
	const struct eg_common *common = &o->common;
	bool told = c->to.url != NULL;

	choose_api(s, eg_options_given(o, "api"));
	if (!told)
		c->to.url = from_environment("INFLUX_HOST", "http://127.0.0.1:8086");
	if (eg_endpoint_check(c->to.url, e) != 0)
		eg_usage("%s: %s", told ? "--url" : "INFLUX_HOST", e->text);
	if (s->meters_file != NULL && (s->meters = eg_meters_read(s->meters_file, e)) == NULL)
		return -1;
	if (eg_forms_open(&s->forms, s->measurement, s->tags, s->ntags, s->meters, e) != 0)
		eg_usage("%s", e->text);
	if (c->to.org == NULL)
		c->to.org = from_environment("INFLUX_ORG", "myorg");
	if (c->to.bucket == NULL)
		c->to.bucket = from_environment("INFLUX_BUCKET", "energy");
	/* --timeout must end the wait for an answer as well. */
	if (common->timeout_ms > 0 && common->timeout_ms < c->request_timeout_ms)
		c->request_timeout_ms = common->timeout_ms;
	return find_secret(s, o, e);
}

/* Prints that the settings are right. a: the answer to an empty request. */
static int
say_right(const struct eg_endpoint *to, const struct eg_write_reply *a)
{
	bool v2 = to->api == EG_API_V2;

	if (a->victoria)
		printf("'%s' takes writes (VictoriaMetrics, which knows no buckets)\n", to->url);
	else
		printf("'%s' takes writes for the %s '%s' (InfluxDB%s%s)\n", to->url,
		    v2 ? "bucket" : "database", v2 ? to->bucket : to->db,
		    *a->version != '\0' ? " " : "", a->version);
	if (fflush(stdout) == 0)
		return EG_OK;
	eg_fatal("cannot write to standard output");
	return EG_LOCAL_IO;
}

static int
check_server(const struct options *s)
{
	const struct eg_endpoint *to = &s->influx.to;
	struct eg_error e = { 0 };
	char reason[EG_WRITE_REPLY_REASON];
	struct eg_influx *h = eg_influx_open(&s->influx, 1, &e);
	const struct eg_write_reply *a = h != NULL ? eg_influx_check(h, &e) : NULL;
	enum eg_verdict verdict;
	int status;

	if (a == NULL) {
		eg_influx_close(h);
		return eg_report(&e);
	}
	verdict = eg_write_reply_judge_empty(a, to->api, reason);
	if (verdict == EG_VERDICT_WRITTEN)
		status = say_right(to, a);
	else {
		eg_fatal("'%s' %s", to->url, reason);
		status = verdict == EG_VERDICT_AGAIN ? EG_TEMPORARY : EG_CONFIG;
	}
	eg_influx_close(h);
	return status;
}

int
main(int argc, char *argv[])
{
	static struct options s;
	struct eg_options o = { .synopsis = "[options]",
		.purpose = "Write energy readings to InfluxDB.",
		.table = table, .settings = &s, .rejects = true, .peers = true, .listens = true };
	struct eg_error e = { 0 };
	struct eg_writer *w;
	int status;

	eg_diag_init("eg-influx");
	if (eg_options_parse(&o, argc, argv) < argc)
		eg_usage("takes no operands");
	if (complete_options(&s, &o, &e) != 0)
		return eg_report(&e);
	if (s.check)
		return check_server(&s);
	w = eg_writer_open(&s.influx, &s.forms, s.batch, &e);
	if (w == NULL)
		return eg_report(&e);
	status = eg_stage_run(eg_writer_sink(w), &o.common, eg_writer_metrics(w));
	eg_writer_close(w);
	eg_forms_close(&s.forms);
	eg_meters_free(s.meters);
	eg_secret_free(s.token);
	eg_secret_free(s.password);
	explicit_bzero(s.secret, sizeof(s.secret));
	return status;
}
