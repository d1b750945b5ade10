/* SPDX-License-Identifier: MIT */
/* Ask devices by HTTP, and turn their answers into records.
 *
 * Requests each device at regular times, decodes the answers as eg-decode does, and writes the
 * records. A record counts as safe when it is written to standard output. */
#include <string.h>

#include "base/diag.h"
#include "base/options.h"
#include "base/secret.h"
#include "decode/decode.h"
#include "decode/decode_options.h"
#include "fetch/fetch.h"

enum { SECRET_MAX = 4096, JITTER_MAX_MS = 5000 };

struct settings {
	struct eg_decode_config decode;
	struct eg_fetch_options fetch;
	int auth; /* index of the word of --auth */
	const char *urls, *password_file, *token_file;
	char secret[SECRET_MAX];
};

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
#define WORD(m) EG_NAME(struct settings, m, 1, INT64_MAX)
static const struct eg_option table[] = {
	{ 'a', "auth", "KIND", "how --user is authenticated: digest or basic", INTO(EG_CHOICE, auth, "digest basic"),
		.preset = "digest" },
	{ 'C', "cacert", "FILE", "trusted CA certificates (the system's)", WORD(fetch.http.cacert) },
	{ 'e', "every", "DURATION", "ask at each multiple of this on the clock",
		INTO(EG_DURATION, fetch.every_ms, 100, EG_DAY_MS), .preset = "10s" },
	{ 'j', "jitter", "DURATION", "spread requests over this long (a tenth of --every, 5s at most)",
		INTO(EG_DURATION, fetch.jitter_ms, 0, EG_DAY_MS) },
	{ '1', "once", NULL, "ask once, at once, and exit", EG_FLAG(struct settings, fetch.once) },
	{ 'p', "password-file", "FILE", "the password of --user", WORD(password_file) },
	{ 'R', "request-timeout", "DURATION", "time limit for an answer",
		INTO(EG_DURATION, fetch.http.limit_ms, 10, 3600 * 1000), .preset = "10s" },
	{ 'T', "token-file", "FILE", "the bearer token to send", WORD(token_file) },
	{ 'u', "urls", "FILE", "also ask what FILE lists: URL [SENSOR], one a line", WORD(urls) },
	{ 'U', "user", "NAME", "the user to log in as", WORD(fetch.http.user) },
	EG_DECODE_OPTIONS(struct settings, decode),
	{ 0 },
};

static void
check_options(struct settings *s, const struct eg_options *o)
{
	struct eg_fetch_options *f = &s->fetch;

	if (f->once && (eg_options_given(o, "every") || eg_options_given(o, "jitter")))
		eg_usage("--once excludes --every and --jitter");
	if (!eg_options_given(o, "jitter"))
		f->jitter_ms = f->every_ms / 10 < JITTER_MAX_MS ? f->every_ms / 10 : JITTER_MAX_MS;
	if (f->jitter_ms >= f->every_ms && !f->once)
		eg_usage("--jitter must be less than --every");
	if (f->http.user == NULL && (s->password_file != NULL || eg_options_given(o, "auth")))
		eg_usage("--password-file and --auth need --user");
	if (f->http.user != NULL && s->password_file == NULL)
		eg_usage("--user needs --password-file");
	if (f->http.user != NULL && s->token_file != NULL)
		eg_usage("--user and --token-file exclude each other");
	if (f->http.user != NULL && strchr(f->http.user, ':') != NULL)
		eg_usage("--user: a name has no colon; --password-file gives the password");
	f->http.basic = s->auth == 1;
}

/* Adds the devices of the command line and of --urls. */
static int
list_devices(struct settings *s, struct eg_fetch_devices *d, int argc, char *argv[],
    struct eg_error *e)
{
	for (int i = 0; i < argc; i++)
		if (eg_fetch_devices_add(d, argv[i], NULL, e) != 0)
			return -1;
	if (s->urls != NULL && eg_fetch_devices_read(d, s->urls, e) != 0)
		return -1;
	if (d->n == 0)
		return eg_fail(e, s->urls == NULL ? EG_USAGE : EG_CONFIG, "no URL given");
	return s->decode.sensor != NULL ? eg_fetch_devices_one_host(d, e) : 0;
}

static int
read_secrets(struct settings *s, struct eg_error *e)
{
	const char *file = s->token_file != NULL ? s->token_file : s->password_file;
	const char *what = s->token_file != NULL ? "--token-file" : "--password-file";

	if (file == NULL)
		return 0;
	if (eg_secret_read(what, file, s->secret, sizeof(s->secret), e) != 0)
		return -1;
	if (s->token_file != NULL)
		s->fetch.http.token = s->secret;
	else
		s->fetch.http.password = s->secret;
	return 0;
}

int
main(int argc, char *argv[])
{
	static struct settings s;
	struct eg_options o = { .synopsis = "[options] FORMAT URL...",
		.purpose = "Ask devices by HTTP, and turn their answers into records.",
		.table = table, .settings = &s, .rejects = true, .listens = true };
	struct eg_fetch_devices devices = { .n = 0 };
	struct eg_decode *decode;
	struct eg_error e = { 0 };
	int n, status;

	eg_diag_init("eg-fetch");
	n = eg_options_parse(&o, argc, argv);
	check_options(&s, &o);
	if (n == argc)
		eg_usage("no format given: " EG_DECODE_FORMATS);
	s.decode.format = argv[n++];
	decode = eg_decode_new(&s.decode, true, &e);
	status = decode != NULL && list_devices(&s, &devices, argc - n, argv + n, &e) == 0 &&
	        read_secrets(&s, &e) == 0
	    ? eg_fetch_run(&s.fetch, &devices, decode, &o.common)
	    : eg_report(&e);
	eg_decode_free(decode);
	eg_fetch_devices_free(&devices);
	explicit_bzero(s.secret, sizeof(s.secret));
	return status;
}
