/* SPDX-License-Identifier: MIT */
/* Turns the result of a libcurl transfer into a database's answer. */
#ifndef EG_CURL_REPLY_H
#define EG_CURL_REPLY_H

#include <curl/curl.h>
#include <stddef.h>

struct eg_write_reply;

/* Fills all of *a but the body for a transfer of c that ended with code; detail is what
 * libcurl put into CURLOPT_ERRORBUFFER, or empty; size: bytes of the request's body. */
void eg_curl_reply(CURL *c, CURLcode code, const char *detail, size_t size,
    struct eg_write_reply *a);

#endif
