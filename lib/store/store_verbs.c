/* SPDX-License-Identifier: MIT */
/* The verbs of a store: their table, operands and options. */
#include "store/store_verbs.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store_verbs_parts.h"

static const struct verb {
	const char *name;
	int min, max; /* number of operands */
	void (*run)(struct eg_verb *r);
	const char *form;
	const char *options; /* letters of the options that the verb has */
} verbs[] = {
	{ "get", 1, 1, eg_verb_get, "[--written] KEY or -", "w" },
	{ "range", 1, 3, eg_verb_range, "[OPTIONS] SENSOR [FROM [TO]] or -", "diw" },
	{ "dump", 0, 2, eg_verb_dump, "[OPTIONS] [FROM [TO]]", "diw" },
	{ "sensors", 0, 0, eg_verb_sensors, "without operands", "" },
	{ "stat", 0, 0, eg_verb_stat, "[--json]", "j" },
	{ "delete", 1, INT16_MAX, eg_verb_delete, "KEY... or [--deletions] -", "d" },
	{ "evict", 1, 1, eg_verb_evict, "[--deletions] -", "d" },
	{ "merge", 1, 1, eg_verb_merge, "-", "" },
	{ "expire", 1, 1, eg_verb_expire, "BEFORE", "" },
	{ "check", 0, 0, eg_verb_check, "without operands", "" },
	{ "backup", 1, 1, eg_verb_backup, "DEST", "" },
	{ "identity", 0, 0, eg_verb_identity, "without operands", "" },
	{ "digest", 0, 1, eg_verb_digest, "[SENSOR] or -", "" },
};

static const struct verb *
find_store_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* The options of verbs: where the value of each is stored. */
static bool *
option_of(struct eg_verb *r, int letter, const char **name)
{
	switch (letter) {
	case 'd':
		*name = "--deletions";
		return &r->deletions;
	case 'i':
		*name = "--inclusive";
		return &r->inclusive;
	case 'j':
		*name = "--json";
		return &r->json;
	default:
		*name = "--written";
		return &r->written;
	}
}

static const char letters[] = "dijw";

static bool
take_option(struct eg_verb *r, const char *arg)
{
	for (const char *c = letters; *c != '\0'; c++) {
		const char *name;
		bool *set = option_of(r, *c, &name);

		if (strcmp(arg, name) == 0 || (arg[0] == '-' && arg[1] == *c && arg[2] == '\0'))
			return *set = true;
	}
	return false;
}

/* Reads options. They stand before FILE or directly after the verb; a later argument may be a
 * time such as -7d. */
static int
take_operands(struct eg_verb *r, const struct verb *v, char *arg[], int args)
{
	const char *name;

	for (; args > 0 && take_option(r, *arg); arg++)
		args--;
	if (args > 0 && strcmp(*arg, "--") == 0) {
		arg++;
		args--;
	}
	for (const char *c = letters; *c != '\0'; c++)
		if (*option_of(r, *c, &name) && strchr(v->options, *c) == NULL)
			return eg_fail(&r->e, EG_USAGE, "%s does not go with %s", name, v->name);
	if (r->deletions && r->written)
		return eg_fail(&r->e, EG_USAGE, "--deletions and --written exclude each other");
	if (args < v->min || args > v->max)
		return eg_fail(&r->e, EG_USAGE, "the form is: FILE %s %s", v->name, v->form);
	r->arg = arg;
	r->args = args;
	return 0;
}

enum eg_status
eg_verb_run(struct eg_verb *r, char *arg[], int args)
{
	const struct verb *v = find_store_verb(arg[0]);
	char q[EG_QUOTE_MAX];
	int gone = 0;

	if (v == NULL)
		eg_fail(&r->e, EG_USAGE, "%s is not a verb", eg_quote(arg[0], strlen(arg[0]), q));
	else if (take_operands(r, v, arg + 1, args - 1) == 0 &&
	    eg_output_open(&r->out, STDOUT_FILENO, &r->e) == 0) {
		/* Writing to a closed pipe fails and does not kill the process. */
		signal(SIGPIPE, SIG_IGN);
		r->now = eg_wall_ns();
		v->run(r);
		if (r->store != NULL)
			(void)eg_store_steady(r->store, &r->e);
		gone = eg_verb_flush(r);
	}
	eg_store_close(r->store);
	if (r->e.status != EG_OK)
		return r->e.status;
	return gone > 0 || r->out.gone ? EG_LOCAL_IO : r->status;
}
