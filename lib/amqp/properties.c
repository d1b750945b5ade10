/* SPDX-License-Identifier: MIT */
/* Makes the properties of a message that takes over the properties of an earlier one. */
#include "amqp/properties.h"

#include <string.h>

#include "amqp/connection.h"

enum {
	/* limit in bytes for old headers, so that all headers fit in a frame */
	KEPT_MAX = 100 * 1024,
	OURS_MAX = 16, /* largest number of new headers */
	EXTRA = 2,     /* properties that become headers */
};

static bool
is_named(const amqp_table_entry_t *row, const char *name)
{
	return row->key.len == strlen(name) && memcmp(row->key.bytes, name, row->key.len) == 0;
}

static void
add_property(amqp_table_t *t, const char *name, amqp_bytes_t value)
{
	amqp_table_entry_t *row = &t->entries[t->num_entries++];

	row->key = amqp_cstring_bytes(name);
	row->value.kind = AMQP_FIELD_KIND_UTF8;
	row->value.value.bytes = value;
}

/* Whether to leave out this header: the broker added it, or the new message replaces it. */
static bool
is_dropped(const amqp_table_entry_t *row, const char *const (*headers)[2])
{
	if (is_named(row, "x-stream-offset") || is_named(row, "x-delivery-count"))
		return true;
	for (; headers != NULL && (*headers)[0] != NULL; headers++)
		if (is_named(row, (*headers)[0]))
			return true;
	return false;
}

static void
keep_headers(amqp_table_t *t, const amqp_table_t *from, const char *const (*headers)[2])
{
	for (int i = 0; i < from->num_entries; i++) {
		amqp_table_entry_t row = from->entries[i];

		if (is_dropped(&row, headers))
			continue;
		if (is_named(&row, "CC"))
			row.key = amqp_cstring_bytes("x-eg-CC");
		else if (is_named(&row, "BCC"))
			row.key = amqp_cstring_bytes("x-eg-BCC");
		t->entries[t->num_entries++] = row;
	}
}

/* Moves expiration and user_id to headers. Otherwise the dead letter could expire, or the broker
 * would refuse the user_id of another user. */
static void
disarm(amqp_basic_properties_t *p, amqp_table_t *t)
{
	if ((p->_flags & AMQP_BASIC_EXPIRATION_FLAG) != 0)
		add_property(t, "x-eg-expiration", p->expiration);
	if ((p->_flags & AMQP_BASIC_USER_ID_FLAG) != 0)
		add_property(t, "x-eg-user-id", p->user_id);
	p->_flags &= ~(amqp_flags_t)(AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG);
}

/* Makes the headers of *out: new ones, those of from, and expiration and user_id. -1 if memory
 * runs out. */
static int
make_headers(amqp_basic_properties_t *out, const amqp_table_t *from,
    const char *const (*headers)[2], amqp_pool_t *pool)
{
	amqp_table_t t = { 0, amqp_pool_alloc(pool,
	    (size_t)(from->num_entries + OURS_MAX + EXTRA) * sizeof(amqp_table_entry_t)) };

	if (t.entries == NULL)
		return -1;
	for (size_t i = 0; headers != NULL && headers[i][0] != NULL && i < OURS_MAX; i++)
		add_property(&t, headers[i][0], amqp_cstring_bytes(headers[i][1]));
	keep_headers(&t, from, headers);
	disarm(out, &t);
	out->headers = t;
	out->_flags |= t.num_entries > 0 ? AMQP_BASIC_HEADERS_FLAG : 0;
	return 0;
}

int
eg_properties_make(amqp_basic_properties_t *out, const struct eg_properties *kept,
    const char *type, const char *const (*headers)[2], amqp_pool_t *pool)
{
	amqp_bytes_t raw = { kept->len, (void *)(uintptr_t)kept->encoded };
	amqp_table_t from = amqp_empty_table;
	void *decoded = NULL;

	*out = (amqp_basic_properties_t){ 0 };
	if (kept->encoded != NULL) {
		if (amqp_decode_properties(AMQP_BASIC_CLASS, pool, raw, &decoded) != AMQP_STATUS_OK)
			return -1;
		*out = *(amqp_basic_properties_t *)decoded;
	}
	if ((out->_flags & AMQP_BASIC_HEADERS_FLAG) != 0 && kept->len <= KEPT_MAX)
		from = out->headers;
	if ((kept->encoded != NULL || headers != NULL) && make_headers(out, &from, headers, pool) != 0)
		return -1;
	out->_flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
	out->delivery_mode = AMQP_DELIVERY_PERSISTENT;
	if (kept->body)
		return 0;
	out->_flags &= ~(amqp_flags_t)AMQP_BASIC_CONTENT_ENCODING_FLAG;
	out->_flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
	out->content_type = amqp_cstring_bytes(type);
	return 0;
}
