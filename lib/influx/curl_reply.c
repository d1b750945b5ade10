/* SPDX-License-Identifier: MIT */
/* Converts the result of a libcurl transfer to a database's answer. */
#include "influx/curl_reply.h"

#include <stdio.h>
#include <string.h>

#include "base/redact.h"

#include "influx/write_reply.h"

enum { RETRY_AFTER_MAX_MS = 3600 * 1000 };

static void
copy_header(CURL *c, const char *name, char *out, size_t size)
{
	struct curl_header *header;

	if (curl_easy_header(c, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		snprintf(out, size, "%s", header->value);
}

/* The pause of the header Retry-After in milliseconds; 0: none. The header holds seconds or a
 * date. */
static int64_t
retry_after(CURL *c)
{
	curl_off_t s = 0;
	char text[16] = "";

	/* libcurl returns 0 for a number that is too large. */
	copy_header(c, "Retry-After", text, sizeof(text));
	if (strspn(text, "0123456789") == sizeof(text) - 1)
		return RETRY_AFTER_MAX_MS;
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &s);
	return s > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : s * 1000;
}

/* Whether another attempt would fail in the same way: the certificate is wrong, or the peer does
 * not speak HTTP (which libcurl reports as HTTP/0.9). */
static bool
hopeless(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
	    code == CURLE_SSL_CERTPROBLEM || code == CURLE_URL_MALFORMAT ||
	    code == CURLE_SSL_ISSUER_ERROR || code == CURLE_UNSUPPORTED_PROTOCOL;
}

/* The reason if TLS failed with an alert, or because the peer does not speak TLS: another
 * attempt would fail in the same way. Else NULL. libcurl has no error codes for these cases, so
 * its text is searched for OpenSSL's messages. */
static const char *
tls_alert(const char *text)
{
	static const char *const alerts[][2] = {
		{ "alert protocol version", "the server speaks no TLS of version 1.2 or later" },
		{ "unsupported protocol", "the server speaks no TLS of version 1.2 or later" },
		{ "alert certificate required", "the server wants a client certificate" },
		{ "alert handshake failure", "the server wants a client certificate or other ciphers" },
		{ "wrong version number", "no TLS is spoken at this port" },
	};

	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (strstr(text, alerts[i][0]) != NULL)
			return alerts[i][1];
	return NULL;
}

/* Handles an answer that was cut off; it is ignored, whatever its status is. */
static void
take_error(CURL *c, CURLcode code, const char *detail, struct eg_write_reply *a)
{
	const char *words = *detail != '\0' ? detail : curl_easy_strerror(code);
	const char *why = tls_alert(words);
	long status = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	a->begun = status != 0;
	if (code == CURLE_WRITE_ERROR)
		words = "the body of its answer is longer than 16 MiB";
	/* libcurl has one code for both. */
	if (a->begun && code == CURLE_OUT_OF_MEMORY)
		words = "a header of its answer is too long, or memory ran out";

	a->hopeless = why != NULL || hopeless(code);
	snprintf(a->error, sizeof(a->error), "%.*s", (int)sizeof(a->error) - 1,
	    why != NULL ? why : words);
}

void
eg_curl_reply(CURL *c, CURLcode code, const char *detail, size_t size, struct eg_write_reply *a)
{
	struct curl_header *location;
	curl_off_t uploaded = 0;
	char server[2] = "";

	if (code != CURLE_OK) {
		take_error(c, code, detail, a);
		return;
	}
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(c, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	a->unsent = (size_t)uploaded < size ? size - (size_t)uploaded : 0;
	a->retry_after_ms = retry_after(c);
	copy_header(c, "Content-Type", a->type, sizeof(a->type));
	if (curl_easy_header(c, "Location", 0, CURLH_HEADER, -1, &location) == CURLHE_OK)
		eg_redact_url(location->value, a->location, sizeof(a->location));
	copy_header(c, "X-Influxdb-Version", a->version, sizeof(a->version));
	copy_header(c, "X-Server-Hostname", server, sizeof(server));
	a->victoria = server[0] != '\0';
}
