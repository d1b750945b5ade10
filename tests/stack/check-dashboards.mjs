// SPDX-License-Identifier: MIT
// usage: check-dashboards.mjs COMPOSE.yml DATASOURCES.yaml DASHBOARD.json...
// Dashboards by the types that Grafana publishes, and by rules for what those leave open.
// A finding a line; 1 if there is one.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import Ajv from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import YAML from 'yaml';

const require = createRequire(import.meta.url);
const here = path.dirname(new URL(import.meta.url).pathname);
const raw = path.join(here, 'node_modules/@grafana/schema/dist/types/raw/');
const UNITS = new Set(Object.values(require('@grafana/grafana-foundation-sdk/units')));
const MUST = ['uid', 'title', 'description', 'schemaVersion', 'panels', 'templating', 'annotations', 'time', 'tags'];
// Panel properties that the published kind leaves to the panels.
const PANEL = new Set(['targets', 'fieldConfig', 'options', 'datasource', 'description', 'transformations',
  'interval', 'timeFrom', 'timeShift', 'hideTimeOverride', 'maxDataPoints', 'links', 'transparent', 'pluginVersion']);

const ajv = new Ajv({ allErrors: true, strict: false, logger: false });
// Options may be partial: Grafana fills in what is missing.
const optional = (o) => {
  if (o && typeof o === 'object') {
    if (Array.isArray(o.required)) delete o.required;
    Object.values(o).forEach(optional);
  }
  return o;
};
// Each folder holds one file of types, whatever its name.
const typesOf = (folder) => fs.existsSync(raw + folder) &&
  path.join(folder, fs.readdirSync(raw + folder).find((f) => f.endsWith('.d.ts')));
const schema = (file, type) => optional(createGenerator({
  path: raw + file, tsconfig: path.join(here, 'tsconfig.json'), type, skipTypeCheck: true,
  additionalProperties: false }).createSchema(type));

function dashboardSchema() {
  const all = schema(typesOf('dashboard/x'), 'Dashboard');
  // Stricter there than what Grafana itself exports.
  for (const [name, definition] of Object.entries(all.definitions)) {
    if (name.startsWith('AnnotationTarget')) all.definitions[name] = { type: 'object' };
    if (name === 'VariableModel') definition.properties.definition = { type: 'string' };
  }
  return ajv.compile(all);
}
const compiled = new Map();
function panelSchema(type, name) {
  const file = typesOf(`composable/${type.replace('-', '')}/panelcfg/x`), key = `${type} ${name}`;
  if (!compiled.has(key)) {
    const has = file && new RegExp(`interface ${name}\\b`).test(fs.readFileSync(raw + file, 'utf8'));
    compiled.set(key, has ? ajv.compile(schema(file, name)) : null);
  }
  return compiled.get(key);
}

const told = (e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`;
const flat = (panels) => panels.flatMap((p) => [p, ...(p.panels ?? [])]);
const isDashboard = dashboardSchema();

function* byType(dash) {
  if (isDashboard(dash)) return;
  for (const e of isDashboard.errors)
    if (!['anyOf', 'const'].includes(e.keyword) &&
        !(e.keyword === 'additionalProperties' && PANEL.has(e.params.additionalProperty))) yield told(e);
}

function* panelTypes(p) {
  for (const [name, value] of [['Options', p.options], ['FieldConfig', p.fieldConfig?.defaults?.custom]]) {
    const valid = value && panelSchema(p.type, name);
    if (valid && !valid(value)) for (const e of valid.errors) yield `${name}${told(e)}`;
  }
  const units = [p.fieldConfig?.defaults?.unit, ...(p.fieldConfig?.overrides ?? []).flatMap((o) =>
    o.properties.filter((q) => q.id === 'unit').map((q) => q.value))];
  for (const unit of units)
    if (unit && !UNITS.has(unit) && !/^(suffix|prefix|time|si|count|currency|bool):/.test(unit))
      yield `unknown unit '${unit}'`;
}

// Units that go on to the next thousand: without decimals 1640 W is 2 kW.
const SCALING = /^(watt|kwatt|watth|kwatth|short|cps|reqps|s|ms|bytes|currency.*|si:.*)$/;
const NEUTRAL = '#8E8E8E', WIDTH = 1600, ROW = 36, UNIT = 38;

// What a stat shows when the database does not answer must not be taken for good news:
// its text, and its colour, which is that of the lowest threshold.
function* unknown(p) {
  const { noValue, color, thresholds } = p.fieldConfig.defaults;
  if (!['stat', 'gauge', 'bargauge', 'table'].includes(p.type)) return;
  if (!noValue || /\d|^none/.test(noValue)) yield `no value looks like a value: '${noValue}'`;
  if (p.type !== 'bargauge' && color?.mode === 'thresholds' && thresholds.steps[0].color !== NEUTRAL)
    yield 'no value has the colour of a value';
}

// The properties of a panel or of one of its columns, as [unit, decimals].
const formats = (p) => [[p.fieldConfig.defaults.unit, p.fieldConfig.defaults.decimals],
  ...p.fieldConfig.overrides.map((o) =>
    ['unit', 'decimals'].map((id) => o.properties.find((q) => q.id === id)?.value))];

function* looks(p) {
  if (!p.fieldConfig) return;
  yield* unknown(p);
  for (const [unit, decimals] of formats(p))
    if (SCALING.test(unit ?? '') && decimals === 0) yield `decimals 0 rounds whole thousands of '${unit}'`;
  // Colours by name collide; those of a background must bear white text.
  if (p.fieldConfig.defaults.color?.mode === 'palette-classic-by-name') yield 'two sensors may have one colour';
  if (p.options?.colorMode === 'background')
    for (const c of [p.fieldConfig.defaults.color.fixedColor,
      ...(p.fieldConfig.defaults.thresholds?.steps ?? []).map((t) => t.color)])
      if (c && c !== NEUTRAL && !/^(semi-)?dark-/.test(c)) yield `'${c}' is too pale for white text`;
  if (p.title.length > 4 * p.gridPos.w) yield `the title does not fit ${p.gridPos.w} columns`;
}

// Bars come in the order of their rows; a group for each sensor would sort them by name.
function* order(p) {
  for (const t of p.targets ?? [])
    if (/top\(n:[^]*group\(columns:/.test(t.query)) yield 'sorted by name again behind top()';
  if (['gauge', 'bargauge'].includes(p.type) && /top\(/.test(p.targets[0].query) && !p.options.reduceOptions.values)
    yield 'shows one of the rows of top()';
}

// Flux gives columns in the order of their names; and a table must fit the screen.
function* table(p) {
  if (p.type !== 'table') return;
  const columns = p.transformations?.find((t) => t.id === 'organize')?.options.indexByName;
  if (!columns) return yield 'columns in the order of their names';
  const { width } = p.fieldConfig.defaults.custom;
  const own = (name) => p.fieldConfig.overrides.find((o) => o.matcher.options === name)
    ?.properties.find((q) => q.id === 'custom.width')?.value;
  const all = width && Object.keys(columns).reduce((sum, name) => sum + (own(name) ?? width), 0);
  if (all > WIDTH * 0.75 * p.gridPos.w / 24) yield `${all} pixels wide`;
  if (columns.day === 0 && 8 * ROW + 40 > p.gridPos.h * UNIT) yield 'seven days do not fit';
  for (const o of p.fieldConfig.overrides) {
    const ids = o.properties.map((q) => q.id);
    if (JSON.stringify(o.properties).includes('"gauge"') && !ids.includes('fieldMinMax') && !ids.includes('max'))
      yield `the bars of ${o.matcher.options} are scaled by other columns`;
  }
}

function* panelRules(p, uids) {
  if (p.type === 'row') return;
  yield* looks(p);
  yield* order(p);
  yield* table(p);
  if (!(p.description?.length >= 20)) yield 'no description';
  if (!p.fieldConfig?.defaults?.unit && p.targets && p.type !== 'table') yield 'no unit';
  for (const ref of [p, ...(p.targets ?? [])].map((o) => o.datasource).filter(Boolean))
    if (!uids.has(ref.uid)) yield `unknown data source '${ref.uid}'`;
  if (p.targets && !p.datasource) yield 'no data source';
  const refs = (p.targets ?? []).map((t) => t.refId);
  if (new Set(refs).size !== refs.length) yield 'two targets of one refId';
}

function* layout(panels) {
  for (const [i, a] of panels.entries()) {
    const { x, y, w, h } = a.gridPos;
    if (x < 0 || x + w > 24) yield `${a.title}: outside the 24 columns`;
    for (const b of panels.slice(i + 1)) {
      const o = b.gridPos;
      if (x < o.x + o.w && o.x < x + w && y < o.y + o.h && o.y < y + h)
        yield `${a.title} and ${b.title} overlap`;
    }
  }
  // A hole in a line of panels looks like something that failed to load.
  for (const line of new Set(panels.flatMap((p) => Array.from({ length: p.gridPos.h },
    (_, k) => p.gridPos.y + k)))) {
    const width = panels.filter((p) => p.gridPos.y <= line && line < p.gridPos.y + p.gridPos.h)
      .reduce((sum, p) => sum + p.gridPos.w, 0);
    if (width < 24) yield `a hole in line ${line}`;
  }
}

// Where links lead: /d/uid of a dashboard here, or dashboards that have the tag.
function* links(dash, all) {
  const known = new Set(all.map((d) => d.uid)), tags = new Set(all.flatMap((d) => d.tags));
  for (const [, uid] of JSON.stringify(dash).matchAll(/\/d\/([\w-]+)/g))
    if (!known.has(uid)) yield `link to an unknown dashboard '${uid}'`;
  // Ranges of every day, and rows that fold.
  const ranges = (dash.links ?? []).filter((l) => l.type === 'link');
  for (const l of ranges)
    if (!l.includeVars || l.keepTime || !/[?]from=now[^&]*&to=now[^&]*$/.test(l.url))
      yield `link '${l.title}' is no range`;
  for (const title of ['Today', 'Yesterday']) if (!ranges.some((l) => l.title === title)) yield `no link '${title}'`;
  if (!dash.panels.some((p) => p.type === 'row')) yield 'no rows that fold';
  for (const link of dash.links ?? [])
    for (const tag of link.tags ?? []) if (!tags.has(tag)) yield `link to an unused tag '${tag}'`;
}

// A variable that nobody reads is a switch without a wire.
function* variables(dash) {
  const text = JSON.stringify(dash.panels), list = dash.templating.list;
  for (const v of list) {
    if (!v.description && v.hide !== 2) yield `variable ${v.name}: no description`;
    // What is hidden belongs to one dashboard: a link would carry it to another.
    if (v.hide === 2 && !v.skipUrlSync) yield `hidden variable ${v.name} goes along in links`;
    if (!new RegExp(`\\$\\{${v.name}[:}]`).test(text)) yield `variable ${v.name} is not used`;
  }
}

const seconds = (text) => {
  const [, n, unit] = /^(\d+)(s|m|h|d)$/.exec(text) ?? [];
  return n * { s: 1, m: 60, h: 3600, d: 86400 }[unit];
};

// An interval that the picker does not have is no refresh at all; one below the
// server's minimum is slowed down to it.
function* refresh(dash) {
  const offered = dash.timepicker?.refresh_intervals ?? [];
  const least = seconds(grafana.GF_DASHBOARDS_MIN_REFRESH_INTERVAL ?? '5s');
  if (!offered.includes(dash.refresh)) yield `never refreshes: '${dash.refresh}' is not in refresh_intervals`;
  for (const one of [dash.refresh, ...offered])
    if (!(seconds(one) >= least)) yield `refresh '${one}' is below the server's minimum`;
}

let bad = 0;
const say = (file, ...parts) => { bad++; console.log([file, ...parts].join(': ')); };
const [compose, sources, ...files] = process.argv.slice(2);
const grafana = YAML.parse(fs.readFileSync(compose, 'utf8'),
  { merge: true }).services.grafana.environment;
const uids = new Set(YAML.parse(fs.readFileSync(sources, 'utf8')).datasources.map((d) => d.uid));
const all = files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
for (const key of ['uid', 'title'])
  if (new Set(all.map((d) => d[key])).size !== all.length) say('dashboards', `two of one ${key}`);
for (const [i, dash] of all.entries()) {
  const file = files[i], missing = MUST.filter((key) => !(key in dash));
  for (const key of missing) say(file, `no ${key}`);
  if (missing.length > 0) continue;
  if (dash.id != null) say(file, 'id must be left to Grafana');
  const panels = flat(dash.panels), ids = panels.map((p) => p.id);
  if (new Set(ids).size !== ids.length) say(file, 'two panels of one id');
  for (const text of [...byType(dash), ...layout(panels), ...links(dash, all), ...variables(dash),
    ...refresh(dash)]) say(file, text);
  for (const p of panels)
    for (const text of [...panelTypes(p), ...panelRules(p, uids)]) say(file, p.title, text);
}
process.exit(bad ? 1 : 0);
