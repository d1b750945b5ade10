/* SPDX-License-Identifier: MIT */
/* Messages that meters push on their customer port: a DLMS data notification or a P1 telegram,
 * encrypted or not. IEC 62056-5-3; "P1 companion standard" of Luxembourg 1.1.3. */
#include <stdlib.h>
#include <string.h>

#include "decode/cosem_list.h"
#include "decode/dlms_cipher.h"
#include "decode/dlms_link.h"
#include "decode/emit.h"

enum { DATA_NOTIFICATION = 0x0f, GLO_CIPHERING = 0xdb, OCTETS = 9, DATE_TIME = 12 };

/* Decodes a telegram that takes the place of the message. */
static int
decode_telegram(struct eg_emit *s, const unsigned char *text, size_t len)
{
	const struct eg_decode_message *m = s->m;
	struct eg_decode_message telegram = *m;
	int rc;

	telegram.body = (const char *)text;
	telegram.len = len;
	s->m = &telegram;
	rc = eg_decode_dsmr(s);
	s->m = m;
	return rc;
}

/* Decodes a data notification: number and priority, date and time, data. Kaifa's meters in
 * Norway write the type of the date before it. */
static int
decode_notification(struct eg_emit *s, const unsigned char *p, size_t len)
{
	const unsigned char *at = p + 5, *end = p + len;
	size_t n = 0;

	if (len > 6 && at[0] == OCTETS && at[1] == DATE_TIME)
		at++;
	if (len < 6 || !eg_dlms_length(&at, end, &n) || n > (size_t)(end - at) ||
	    (n != 0 && n != DATE_TIME))
		return eg_emit_refuse(s, "the head of the data notification is broken");
	if (eg_emit_topic_or(s, "meter") != 0)
		return -1;
	return eg_cosem_put(s, at, n, at + n, (size_t)(end - at - (ptrdiff_t)n));
}

static int
decode_plain(struct eg_emit *s, const unsigned char *p, size_t len, bool decrypted)
{
	if (len > 0 && *p == '/')
		return decode_telegram(s, p, len);
	if (len > 0 && *p == DATA_NOTIFICATION)
		return decode_notification(s, p, len);
	if (decrypted)
		return eg_emit_refuse(s, "no message comes out: --meter-key may not be this meter's");
	return eg_emit_refuse(s,
	    "neither a data notification, nor an encrypted message, nor a telegram");
}

/* Whether the frame counter has not grown: then a recorded message was sent again. */
static int
decode_encrypted(struct eg_emit *s, const unsigned char *apdu, size_t len, unsigned char *out)
{
	struct eg_dlms_plain plain;
	const char *why = eg_dlms_decrypt(s->keys, apdu, len, out, &plain);

	if (why != NULL)
		return eg_emit_refuse(s, "%s", why);
	if (!s->m->again && eg_dlms_is_replay(&s->keys->counters, &plain.counter))
		return eg_emit_refuse(s,
		    "the frame counter went back to %lu: a message that was sent before",
		    (unsigned long)plain.counter.n);
	if (decode_plain(s, out, plain.len, true) != 0)
		return -1;
	eg_dlms_note(&s->keys->counters, &plain.counter);
	s->counter = plain.counter;
	return 0;
}

int
eg_decode_dlms(struct eg_emit *s)
{
	size_t len = s->m->len, n;
	unsigned char *apdu = malloc(2 * len + 1);
	const char *why;
	int rc;

	if (apdu == NULL) {
		s->no_memory = true;
		return -1;
	}
	why = eg_dlms_unwrap((const unsigned char *)s->m->body, len, apdu, &n);
	if (why != NULL)
		rc = eg_emit_refuse(s, "%s", why);
	else if (n > 0 && *apdu == GLO_CIPHERING)
		rc = decode_encrypted(s, apdu, n, apdu + len);
	else if (s->keys->given)
		rc = eg_emit_refuse(s, "the message is not encrypted, but --meter-key is given: "
		    "it may be forged");
	else
		rc = decode_plain(s, apdu, n, false);
	free(apdu);
	return rc;
}
