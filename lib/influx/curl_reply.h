/* SPDX-License-Identifier: MIT */
/* Converts the result of a libcurl transfer to a database's answer. */
#ifndef EG_CURL_REPLY_H
#define EG_CURL_REPLY_H

#include <curl/curl.h>
#include <stddef.h>

struct eg_write_reply;

/* Fills *a, except for the body, from a transfer of c that ended with code. detail is the text
 * in CURLOPT_ERRORBUFFER, or empty. size is the size of the request's body in bytes. */
void eg_curl_reply(CURL *c, CURLcode code, const char *detail, size_t size,
    struct eg_write_reply *a);

#endif
