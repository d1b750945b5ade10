/* SPDX-License-Identifier: MIT */
/* Publish records to an MQTT broker.
 *
 * Reads records from standard input, publishes each with QoS 1, and writes it to standard output
 * when the broker has acknowledged it. After a lost connection, records without an acknowledgement
 * are published again, in order. Can announce the sensors to Home Assistant. */
#include <stddef.h>

#include "base/diag.h"
#include "base/options.h"
#include "meters/meters.h"
#include "mqtt/mqtt_options.h"
#include "mqtt/publish.h"
#include "mqtt/publisher.h"
#include "mqtt/topic.h"

/* Set by the options. */
struct settings {
	struct eg_mqtt_publish_config publish;
	struct eg_mqtt_options broker;
	const char *meters;
};

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'd', "discovery", NULL, "announce the sensors to Home Assistant",
		EG_FLAG(struct settings, publish.discover) },
	{ 0, "discovery-prefix", "TOPIC", "topic below which Home Assistant looks for sensors",
		EG_TEXT(struct settings, publish.discovery.prefix), .preset = "homeassistant" },
	{ 'M', "meters", "FILE", "units and names for --discovery, see energyguard-meters(5)",
		EG_TEXT(struct settings, meters) },
	{ 'r', "retain", NULL, "the broker keeps the last message of each sensor",
		EG_FLAG(struct settings, publish.retain) },
	{ 't', "topic", "TEMPLATE", "the topic, with %s for the sensor",
		EG_TEXT(struct settings, publish.discovery.template), .preset = "energyguard/%s" },
	{ 'w', "window", "N", "at most N messages without an acknowledgement",
		INTO(EG_INT, publish.window, 1, EG_MQTT_WINDOW_MAX), .preset = "1000" },
	EG_MQTT_OPTIONS(struct settings, broker),
	{ 0 },
};

static void
check_options(struct settings *s, const struct eg_options *o)
{
	const char *why = eg_mqtt_template_fault(s->publish.discovery.template);

	if (why != NULL)
		eg_usage("--topic: the template %s", why);
	why = eg_mqtt_prefix_fault(s->publish.discovery.prefix);
	if (why != NULL)
		eg_usage("--discovery-prefix: the topic %s", why);
	if ((s->meters != NULL || eg_options_given(o, "discovery-prefix")) && !s->publish.discover)
		eg_usage("--meters and --discovery-prefix need --discovery");
}

int
main(int argc, char *argv[])
{
	static struct settings s;
	struct eg_options o = { .synopsis = "[options]",
		.purpose = "Publish records to an MQTT broker.", .table = table, .settings = &s,
		.rejects = true, .peers = true };
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-mqtt-publish");
	s.publish.broker = &s.broker;
	s.broker.transient = true;
	if (eg_options_parse(&o, argc, argv) < argc)
		eg_usage("takes no operands");
	check_options(&s, &o);
	eg_mqtt_options_finish(&s.broker);
	if (s.meters != NULL && (s.publish.discovery.meters = eg_meters_read(s.meters, &e)) == NULL)
		return eg_report(&e);
	status = eg_mqtt_publish_run(&s.publish, &o.common);
	eg_mqtt_options_free(&s.broker);
	eg_meters_free(s.publish.discovery.meters);
	return status;
}
