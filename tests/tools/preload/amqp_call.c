/* SPDX-License-Identifier: MIT */
/* eg-split dies or stops at a call to the broker, by LD_PRELOAD.
 *
 * EG_AMQP_AT is `EVENT N` or `EVENT N stop`: the process is killed, or stopped, before the call
 * that is number N of this event, counted from 1. Events of a change before its pause:
 *
 *	declare   a queue: that of the answers, NAME.change, and two for each new number
 *	change    the first line of the state, a message to NAME.change
 *
 * Events of the pause, which begins with the line `pause` or with the first unbind:
 *
 *	pause, switch   the other lines of the state
 *	marker          any other message: to each old queue in each round, and again after 5 s
 *	unbind, bind    a queue or an exchange
 *	delete          a queue
 *
 * What was sent before the call is on its way, and its answer may be, too. */
#include <amqp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "preload.h"

static unsigned long seen;

/* Before a call that is such an event. */
static void
count(const char *event)
{
	const char *at = getenv("EG_AMQP_AT");
	char name[16] = "", action[16] = "";
	unsigned long n = 0;

	if (at == NULL || sscanf(at, "%15s %lu %15s", name, &n, action) < 2 || strcmp(name, event) != 0)
		return;
	if (++seen == n)
		syscall(SYS_kill, getpid(), strcmp(action, "stop") == 0 ? SIGSTOP : SIGKILL);
}

static void
count_in_pause(const char *event)
{
	static bool paused;

	paused = paused || strcmp(event, "pause") == 0 || strcmp(event, "unbind") == 0;
	if (paused)
		count(event);
}

static bool
begins(amqp_bytes_t body, const char *word)
{
	return body.len >= strlen(word) && memcmp(body.bytes, word, strlen(word)) == 0;
}

int
amqp_basic_publish(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t exchange,
    amqp_bytes_t key, amqp_boolean_t mandatory, amqp_boolean_t immediate,
    struct amqp_basic_properties_t_ const *properties, amqp_bytes_t body)
{
	if (begins(body, "change "))
		count("change");
	else
		count_in_pause(begins(body, "pause ") ? "pause" : begins(body, "switch") ? "switch" :
		    "marker");
	return NEXT(amqp_basic_publish)(c, channel, exchange, key, mandatory, immediate, properties,
	    body);
}

amqp_queue_declare_ok_t *
amqp_queue_declare(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t queue,
    amqp_boolean_t passive, amqp_boolean_t durable, amqp_boolean_t exclusive,
    amqp_boolean_t auto_delete, amqp_table_t arguments)
{
	if (!passive)
		count("declare");
	return NEXT(amqp_queue_declare)(c, channel, queue, passive, durable, exclusive, auto_delete,
	    arguments);
}

amqp_queue_bind_ok_t *
amqp_queue_bind(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t queue,
    amqp_bytes_t exchange, amqp_bytes_t key, amqp_table_t arguments)
{
	count_in_pause("bind");
	return NEXT(amqp_queue_bind)(c, channel, queue, exchange, key, arguments);
}

amqp_queue_unbind_ok_t *
amqp_queue_unbind(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t queue,
    amqp_bytes_t exchange, amqp_bytes_t key, amqp_table_t arguments)
{
	count_in_pause("unbind");
	return NEXT(amqp_queue_unbind)(c, channel, queue, exchange, key, arguments);
}

amqp_exchange_bind_ok_t *
amqp_exchange_bind(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t destination,
    amqp_bytes_t source, amqp_bytes_t key, amqp_table_t arguments)
{
	count_in_pause("bind");
	return NEXT(amqp_exchange_bind)(c, channel, destination, source, key, arguments);
}

amqp_exchange_unbind_ok_t *
amqp_exchange_unbind(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t destination,
    amqp_bytes_t source, amqp_bytes_t key, amqp_table_t arguments)
{
	count_in_pause("unbind");
	return NEXT(amqp_exchange_unbind)(c, channel, destination, source, key, arguments);
}

amqp_queue_delete_ok_t *
amqp_queue_delete(amqp_connection_state_t c, amqp_channel_t channel, amqp_bytes_t queue,
    amqp_boolean_t if_unused, amqp_boolean_t if_empty)
{
	count_in_pause("delete");
	return NEXT(amqp_queue_delete)(c, channel, queue, if_unused, if_empty);
}
