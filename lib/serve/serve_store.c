/* SPDX-License-Identifier: MIT */
/* The store that is read over HTTP: opened when its file is there, opened again when another file
 * replaces it. */
#include "serve/serve_parts.h"
#include "store/store.h"

bool
eg_serve_open_store(struct eg_server *s, struct eg_serve_request *v)
{
	struct eg_error e = { 0 };
	bool was_open = s->store != NULL;

	if (!was_open)
		s->store = eg_store_open(s->cfg->store, EG_STORE_READ, 0, &e);
	else
		(void)eg_store_refresh(s->store, &e);
	if (e.status != EG_OK) {
		/* At the start the store may not exist yet: no warning. */
		if (was_open && !s->store_lost)
			eg_warn("%s: reading is answered with 503", e.text);
		s->store_lost = s->store_lost || was_open;
		eg_serve_refuse(v, 503, "%s", e.text);
		return false;
	}
	if (s->store_lost)
		eg_warn("'%s' is read again", s->cfg->store);
	s->store_lost = false;
	return true;
}

bool
eg_serve_store_steady(struct eg_server *s, struct eg_serve_request *v)
{
	struct eg_error e = { 0 };

	if (eg_store_steady(s->store, &e) == 0)
		return true;
	eg_serve_refuse(v, 503, "%s", e.text);
	return false;
}

void
eg_serve_store_failed(struct eg_server *s, struct eg_serve_request *v, const struct eg_error *e)
{
	/* Another file may be at the path now: the next request opens it. */
	eg_store_close(s->store);
	s->store = NULL;
	eg_serve_refuse(v, 503, "%s", e->text);
}
