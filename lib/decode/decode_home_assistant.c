/* SPDX-License-Identifier: MIT */
/* Home Assistant: states and their changes, history and statistics, in the form of its REST and
 * WebSocket interfaces (developers.home-assistant.io). */
#include <stdio.h>
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

/* Device classes, and the unit to which their values are converted. Values with a unit of
 * another quantity are passed over. Values of other classes keep their unit. */
static const struct {
	const char *device_class, *to;
} classes[] = {
	{ "energy", "kWh" }, { "energy_storage", "kWh" }, { "power", "W" }, { "apparent_power", "VA" },
	{ "reactive_power", "var" }, { "voltage", "V" }, { "current", "A" }, { "frequency", "Hz" },
	{ "gas", "m3" }, { "water", "m3" }, { "volume", "m3" },
};

/* The unit for a device class; NULL: values keep their unit. */
static const char *
unit_for(const char *device_class)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(device_class, classes[i].device_class) == 0)
			return classes[i].to;
	return NULL;
}

/* A state of an entity. Its attributes give the unit. "unavailable", "unknown", "on" and the
 * like are not numbers. Only entities with a unit, and those of the domain sensor, have
 * readings. */
static int
put_state(struct eg_emit *s, const char *entity, const struct eg_json *state,
    const struct eg_json *attributes, int64_t ns)
{
	const char *unit = eg_json_text(attributes, "unit_of_measurement"),
	    *to = unit_for(eg_json_text(attributes, "device_class"));

	if (!eg_json_is_number(state) || (*unit == '\0' && strncmp(entity, "sensor.", 7) != 0))
		return 0;
	if (*entity == '\0')
		return eg_emit_refuse(s, "a state has no \"entity_id\"");
	if (eg_emit_device(s, entity, strlen(entity)) != 0)
		return -1;
	/* A missing unit is unknown; it must not be taken for kWh. */
	if (to != NULL && *unit == '\0')
		unit = "no unit";
	return eg_emit_measured(s, NULL, "", state, unit, to, ns);
}

static int
put_object(struct eg_emit *s, const struct eg_json *o)
{
	const char *path = eg_json_at(o, "last_updated") != NULL ? "last_updated" : "last_changed";
	int64_t ns;

	if (eg_json_at(o, path) == NULL)
		return eg_emit_refuse(s, "a state has neither last_updated nor last_changed");
	if (eg_emit_time(s, o, path, 0, &ns) != 0)
		return -1;
	return put_state(s, eg_json_text(o, "entity_id"), eg_json_at(o, "state"),
	    eg_json_at(o, "attributes"), ns);
}

/* The history of an entity. With minimal_response only its first state names it. */
static int
put_history(struct eg_emit *s, const struct eg_json *list)
{
	const struct eg_json *first = eg_json_element(list, 0);
	const char *entity = eg_json_text(first, "entity_id");
	const struct eg_json *attributes = eg_json_at(first, "attributes");

	eg_json_each_element(o, list) {
		int64_t ns;

		if (eg_json_at(o, "entity_id") != NULL) {
			if (put_object(s, o) != 0)
				return -1;
		} else if (eg_json_at(o, "last_changed") == NULL) {
			return eg_emit_refuse(s, "a state has no last_changed");
		} else if (eg_emit_time(s, o, "last_changed", 0, &ns) != 0 ||
		    put_state(s, entity, eg_json_at(o, "state"), attributes, ns) != 0) {
			return -1;
		}
	}
	return 0;
}

/* recorder/statistics_during_period: `state` and `sum` are values at the end of a period, the
 * others concern the period that begins at `start`. */
static int
put_statistic(struct eg_emit *s, const struct eg_json *o)
{
	static const struct eg_field at_end[] = { { "state", "" }, { "sum", "sum" } },
	    of_period[] = { { "mean", "mean" }, { "min", "min" }, { "max", "max" },
	    { "change", "change" } };
	int64_t start, end;

	if (eg_emit_time(s, o, "start", 3, &start) != 0 ||
	    eg_emit_time(s, o, eg_json_at(o, "end") != NULL ? "end" : "start", 3, &end) != 0)
		return -1;
	if (eg_emit_fields(s, NULL, o, at_end, sizeof(at_end) / sizeof(at_end[0]), end) != 0)
		return -1;
	return eg_emit_fields(s, NULL, o, of_period, sizeof(of_period) / sizeof(of_period[0]), start);
}

/* history/history_during_period: s, a, lu and lc for state, attributes, updated and changed, in
 * seconds; the attributes are in the first one. */
static int
put_compressed(struct eg_emit *s, const char *entity, const struct eg_json *o,
    const struct eg_json **attributes)
{
	const char *path = eg_json_at(o, "lu") != NULL ? "lu" : "lc";
	int64_t ns;

	if (eg_json_at(o, "a") != NULL)
		*attributes = eg_json_at(o, "a");
	if (eg_json_at(o, path) == NULL)
		return eg_emit_refuse(s, "a state has neither lu nor lc");
	if (eg_emit_time(s, o, path, 0, &ns) != 0)
		return -1;
	return put_state(s, entity, eg_json_at(o, "s"), *attributes, ns);
}

/* { "sensor.a": [...], ... }: statistics, or history. */
static int
put_result(struct eg_emit *s, const struct eg_json *result)
{
	eg_json_each_member(entity, result) {
		const struct eg_json *attributes = NULL;

		eg_json_each_element(o, entity)
			if (eg_json_at(o, "start") != NULL
			    ? eg_emit_device(s, entity->name, strlen(entity->name)) != 0 ||
			    put_statistic(s, o) != 0
			    : put_compressed(s, entity->name, o, &attributes) != 0)
				return -1;
	}
	return 0;
}

static int
decode_entities(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *event = eg_json_at(o, "event"), *state, *result;

	if (eg_json_is(o, EG_JSON_ARRAY)) {
		eg_json_each_element(part, o)
			if (eg_json_is(part, EG_JSON_ARRAY) ? put_history(s, part) != 0 : put_object(s,
			part) != 0)
				return -1;
		return 0;
	}
	if (event == NULL)
		event = o;
	state = eg_json_member(eg_json_at(event, "data"), "new_state");
	if (state != NULL)
		return eg_json_is(state, EG_JSON_NULL)
		    ? 0 /* the entity was removed */ : put_object(s, state);
	result = eg_json_at(o, "result");
	if (eg_json_is(result, EG_JSON_OBJECT))
		return put_result(s, result);
	if (eg_json_at(o, "entity_id") != NULL)
		return put_object(s, o);
	if (*eg_json_text(o, "type") != '\0' || *eg_json_text(o, "event_type") != '\0')
		return 0; /* auth_ok, other events */
	return eg_emit_refuse(s, "no state, history or statistics: not of Home Assistant");
}

int
eg_decode_home_assistant(struct eg_emit *s)
{
	return eg_emit_document(s, true, decode_entities);
}
