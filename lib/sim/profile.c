/* SPDX-License-Identifier: MIT */
/* Simulated values: random numbers, the consumption of a house, the yield of a solar plant. */
#include "sim/profile.h"

#include <math.h>
#include <stdbool.h>

#include "base/wide.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)
#define PI 3.14159265358979323846
#define HOUR 3600.0
#define DAY 86400.0

/* The purpose of a draw. Draws with the same key and salt differ only by their number: a day, a
 * cycle, or a slot of the day. */
enum salt {
	BASE, FRIDGE_WATTS, FRIDGE_PERIOD, FRIDGE_DUTY, FRIDGE_PHASE, FRIDGE_CYCLE,
	MORNING_AT, MORNING_WATTS, EVENING_AT, EVENING_WATTS, DAY_SHIFT, DAY_SCALE,
	KETTLE, KETTLE_AT, OVEN, OVEN_WATTS, WASH, WASH_AT, WASH_WATTS, WANDER, NOISE,
	PLANT_WATTS, SKY_WEATHER, SKY_HOURS, SKY_PASSING,
};

/* splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators",
 * OOPSLA 2014), with the constants of Vigna's splitmix64.c: a counter in steps of
 * the golden ratio, and this function that scatters it. */
static uint64_t
scatter(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
eg_random_next(uint64_t *state)
{
	*state += GOLDEN;
	return scatter(*state);
}

uint64_t
eg_random_upto(uint64_t *state, uint64_t last)
{
	uint64_t r = eg_random_next(state), lower = r * last;

	/* The upper half of r times (last + 1). Its bias, last / 2^64, is negligible. */
	return eg_upper_product(r, last) + (lower + r < lower);
}

static uint64_t
key_of(uint64_t seed, uint64_t sensor)
{
	return scatter(scatter(seed + GOLDEN) + sensor * GOLDEN);
}

/* Draw number n of a key for a purpose, uniform in 0..1 (without 1). */
static double
draw_random(uint64_t key, enum salt salt, int64_t n)
{
	uint64_t z = scatter(key + GOLDEN * ((uint64_t)salt + 1));

	return (double)(scatter(z + GOLDEN * (uint64_t)n) >> 11) * 0x1p-53;
}

static double
draw_in(uint64_t key, enum salt salt, int64_t n, double low, double high)
{
	return low + (high - low) * draw_random(key, salt, n);
}

/* A smooth curve through one draw per period, in 0..1. */
static double
wave(uint64_t key, enum salt salt, double t, double period)
{
	double n = floor(t / period), f = t / period - n;
	double a = draw_random(key, salt, (int64_t)n), b = draw_random(key, salt, (int64_t)n + 1);

	return a + (b - a) * f * f * (3 - 2 * f);
}

/* A smooth hill of height 1 at 0, which is 0 from +-width on. */
static double
hill(double x, double width)
{
	double c;

	if (fabs(x) >= width)
		return 0;
	c = cos(x / width * PI / 2);
	return c * c;
}

static double
clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

/* A time as a house sees it. */
struct moment {
	uint64_t key;
	double t;       /* seconds since the epoch */
	double hour;    /* of the day, 0..24 */
	int64_t day;    /* number of days since the epoch */
	bool weekend;
	double morning; /* hour of the morning peak on that day */
	double evening; /* hour of the evening peak on that day */
};

static struct moment
moment_of(uint64_t key, double t)
{
	struct moment m = { .key = key, .t = t };

	m.day = (int64_t)floor(t / DAY);
	m.hour = (t - (double)m.day * DAY) / HOUR;
	/* 1 January 1970 was a Thursday. */
	m.weekend = ((m.day + 3) % 7 + 7) % 7 >= 5;
	m.morning = (m.weekend ? 9.3 : 7.2) + draw_in(key, MORNING_AT, 0, -0.8, 0.8) +
	    draw_in(key, DAY_SHIFT, 2 * m.day, -0.3, 0.3);
	m.evening = 19.2 + draw_in(key, EVENING_AT, 0, -0.8, 0.8) +
	    draw_in(key, DAY_SHIFT, 2 * m.day + 1, -0.3, 0.3);
	return m;
}

/* Fridge: the compressor runs for a part of each cycle, which varies slightly. */
static double
fridge(const struct moment *m)
{
	double period = draw_in(m->key, FRIDGE_PERIOD, 0, 40 * 60, 70 * 60);
	double duty = draw_in(m->key, FRIDGE_DUTY, 0, 0.30, 0.42);
	double x = m->t / period + draw_random(m->key, FRIDGE_PHASE, 0), n = floor(x);

	duty *= draw_in(m->key, FRIDGE_CYCLE, (int64_t)n, 0.85, 1.15);
	return x - n < duty ? draw_in(m->key, FRIDGE_WATTS, 0, 70, 130) : 0;
}

/* Light, screens and other devices, used while people are at home and awake. At the weekend the
 * morning peak is later and longer, and there is use during the day. */
static double
people(const struct moment *m)
{
	double scale = draw_in(m->key, DAY_SCALE, m->day, 0.75, 1.25);
	double morning = draw_in(m->key, MORNING_WATTS, 0, 250, 700);
	double evening = draw_in(m->key, EVENING_WATTS, 0, 450, 1100);
	double w = morning * hill(m->hour - m->morning, m->weekend ? 2.6 : 1.6);

	w += evening * hill(m->hour - m->evening, 3.6);
	if (m->weekend)
		w += 0.5 * evening * hill(m->hour - 13.5, 4.5);
	/* People enter and leave rooms, so the power varies over some minutes. */
	return scale * w * (0.65 + 0.7 * wave(m->key, WANDER, m->t, 420));
}

/* Kettle: 2 kW for three minutes, more likely while people are awake. */
static double
kettle(const struct moment *m)
{
	const double slot_s = 900, boil_s = 180;
	double n = floor(m->t / slot_s), at, chance, hour;

	/* The middle of the slot: the chance must not change within the slot. */
	hour = fmod((n + 0.5) * slot_s / HOUR, 24);
	hour += hour < 0 ? 24 : 0;
	chance = 0.45 * hill(hour - m->morning, 1.5) + 0.30 * hill(hour - m->evening, 3);
	if (m->weekend)
		chance += 0.12 * hill(hour - 14, 5);
	if (draw_random(m->key, KETTLE, (int64_t)n) >= chance)
		return 0;
	at = n * slot_s + draw_random(m->key, KETTLE_AT, (int64_t)n) * (slot_s - boil_s);
	return m->t >= at && m->t < at + boil_s ? 2000 : 0;
}

/* Oven or stove: two of three dinners are cooked; the thermostat switches every two minutes. */
static double
oven(const struct moment *m)
{
	double s = (m->hour - (m->evening - 0.6)) * HOUR;
	bool heat;

	if (s < 0 || s >= 45 * 60 || draw_random(m->key, OVEN, m->day) >= (m->weekend ? 0.85 : 0.6))
		return 0;
	/* Heats up for ten minutes, then half of the time. */
	heat = s < 600 || fmod(s, 240) < 120;
	return heat ? draw_in(m->key, OVEN_WATTS, 0, 1500, 2200) : 60;
}

/* A washing machine: first it heats, then it turns for long, at the end it spins. */
static double
washing(const struct moment *m)
{
	double start, s;

	if (draw_random(m->key, WASH, m->day) >= (m->weekend ? 0.55 : 0.18))
		return 0;
	start = m->weekend ? draw_in(m->key, WASH_AT, m->day, 9, 17)
	                   : draw_in(m->key, WASH_AT, m->day, 16, 20);
	s = (m->hour - start) * HOUR;
	if (s < 0 || s >= 100 * 60)
		return 0;
	if (s >= 5 * 60 && s < 22 * 60)
		return draw_in(m->key, WASH_WATTS, 0, 1900, 2200);
	if (s >= 91 * 60)
		return 480;
	return fmod(s, 20) < 13 ? 210 : 60;
}

double
eg_household_watts(uint64_t seed, uint64_t sensor, int64_t ns)
{
	uint64_t key = key_of(seed, sensor);
	struct moment m = moment_of(key, (double)ns * 1e-9);
	double w = draw_in(key, BASE, 0, 60, 180);

	w += fridge(&m) + people(&m) + kettle(&m) + oven(&m) + washing(&m);
	w *= draw_in(key, NOISE, ns, 0.98, 1.02);
	w += draw_in(key, NOISE, ~ns, -3, 3);
	return clamp(w, EG_HOUSEHOLD_MIN, EG_HOUSEHOLD_MAX);
}

/* The cosine of the sun's distance from the zenith. Declination: Cooper, "The absorption of
 * radiation in solar stills", Solar Energy 12 (1969) 333-346. Days are counted from 1970 in years
 * of the mean length instead of from each 1 January, so that there is no step at the end of a year;
 * the error is at most a day. */
static double
cos_zenith(double t, double latitude)
{
	double day = fmod(t / DAY, 365.2425), phi = latitude * PI / 180;
	double delta = 23.45 * PI / 180 * sin(2 * PI / 365.2425 * (285 + day));
	double hour = fmod(t, DAY) / DAY * 2 * PI - PI;

	return sin(phi) * sin(delta) + cos(phi) * cos(delta) * cos(hour);
}

/* Watts per square metre on level ground under a clear sky: Haurwitz, "Insolation in relation to
 * cloudiness and cloud density", Journal of Meteorology 2 (1945) 154-166, with the constants of
 * Sandia report SAND2012-2389 (2012). */
static double
clear_sky(double cosine)
{
	return 1098 * cosine * exp(-0.059 / cosine);
}

/* The part of the sky that clouds cover, 0..1. It is made of a curve over days and one over hours,
 * the same for all plants of a seed, and of single clouds over one plant. */
static double
cloud_cover(uint64_t seed, uint64_t key, double t)
{
	double sky = 1.5 * wave(seed, SKY_WEATHER, t, 1.4 * DAY) - 0.35;

	sky += 0.5 * (wave(seed, SKY_HOURS, t, 1.7 * HOUR) - 0.5);
	sky += 0.7 * hill(sky - 0.5, 0.6) * (wave(key, SKY_PASSING, t, 500) - 0.5);
	return clamp(sky, 0, 1);
}

double
eg_solar_watts(uint64_t seed, uint64_t sensor, int64_t ns, double latitude)
{
	const double performance = 0.85; /* of the plant: losses by inverter, heat and dirt */
	uint64_t key = key_of(seed, sensor);
	double t = (double)ns * 1e-9, cosine = cos_zenith(t, latitude), light;

	if (cosine <= 0)
		return 0;
	/* Kasten, Czeplak: "Solar and terrestrial radiation dependent on the amount and
	 * type of cloud", Solar Energy 24 (1980) 177-189. */
	light = clear_sky(cosine) / 1000 * (1 - 0.75 * pow(cloud_cover(seed, key, t), 3.4));
	return clamp(draw_in(key, PLANT_WATTS, 0, 2000, 8000) * performance * light, 0,
	    EG_SOLAR_MAX);
}
