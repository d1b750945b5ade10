// SPDX-License-Identifier: MIT
// usage: check-alerts.mjs DATASOURCES.yaml PROVIDERS.yaml DASHBOARDS-FOLDER FILE.yaml...
// Alerting as code, by a schema of ours: Grafana takes unknown keys in silence, and does
// not start with a file that it cannot use. A finding a line; 1 if there is one.
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import YAML from 'yaml';

const object = (required, properties) => ({
  type: 'object', required, properties: { ...required.reduce((o, k) => ({ ...o, [k]: true }), {}), ...properties },
  additionalProperties: false });
const text = { type: 'string', minLength: 1 }, id = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,40}$' };
const time = { type: 'string', pattern: '^[0-9]+(s|m|h|d)$' }, number = { type: 'integer', minimum: 0 };
const list = (items) => ({ type: 'array', minItems: 1, items });
const map = { type: 'object', additionalProperties: text };
const range = object(['from', 'to'], { from: number, to: number });

const query = object(['refId', 'query', 'intervalMs', 'maxDataPoints'],
  { refId: id, query: text, intervalMs: number, maxDataPoints: number });
const reduce = object(['refId', 'type', 'expression', 'reducer'], { refId: id, type: { const: 'reduce' },
  expression: id, reducer: { enum: ['last', 'mean', 'min', 'max', 'sum', 'count'] },
  settings: object(['mode'], { mode: { enum: ['dropNN', 'replaceNN'] } }) });
const threshold = object(['refId', 'type', 'expression', 'conditions'], { refId: id, type: { const: 'threshold' },
  expression: id, conditions: { ...list(object(['evaluator'], { evaluator: object(['type', 'params'],
    { type: { enum: ['gt', 'lt', 'within_range', 'outside_range'] }, params: list({ type: 'number' }) }) })), maxItems: 1 } });
const step = (uid, model) => object(['refId', 'relativeTimeRange', 'datasourceUid', 'model'],
  { refId: id, relativeTimeRange: range, datasourceUid: uid, model });

const rule = object(['uid', 'title', 'condition', 'for', 'data', 'noDataState', 'execErrState', 'labels', 'annotations'], {
  uid: id, title: text, condition: id, for: time, labels: object(['severity'], { severity: { enum: ['warning', 'critical'] } }),
  noDataState: { enum: ['NoData', 'Alerting', 'OK'] }, execErrState: { enum: ['Alerting', 'Error', 'OK'] },
  annotations: object(['summary', 'description'], { summary: text, description: text }),
  dashboardUid: id, panelId: number,
  data: list({ if: { properties: { datasourceUid: { const: '__expr__' } } },
    then: step(text, { oneOf: [reduce, threshold] }), else: step(id, query) }) });
const receiver = (type, settings) => object(['uid', 'type', 'settings'],
  { uid: id, type: { const: type }, settings, disableResolveMessage: { type: 'boolean' } });
const route = { receiver: text, group_by: list(text), group_wait: time, group_interval: time, repeat_interval: time };
const file = object(['apiVersion'], {
  apiVersion: { const: 1 },
  groups: list(object(['orgId', 'name', 'folder', 'interval', 'rules'],
    { orgId: number, name: text, folder: text, interval: time, rules: list(rule) })),
  contactPoints: list(object(['orgId', 'name', 'receivers'], { orgId: number, name: text, receivers: list({ oneOf: [
    receiver('webhook', object(['url'], { url: text, httpMethod: { enum: ['POST', 'PUT'] } })),
    receiver('email', object(['addresses'], { addresses: text, singleEmail: { type: 'boolean' } }))] }) })),
  policies: list(object(['orgId', ...Object.keys(route)], { orgId: number, ...route,
    routes: list(object([...Object.keys(route), 'object_matchers'], { ...route,
      object_matchers: list({ type: 'array', minItems: 3, maxItems: 3 }) })) })),
});

const valid = new Ajv({ allErrors: true, strict: false }).compile(file);
let bad = 0;
const say = (...parts) => { bad++; console.log(parts.join(': ')); };
const [sources, providers, folder, ...files] = process.argv.slice(2);
const known = new Set(YAML.parse(fs.readFileSync(sources, 'utf8')).datasources.map((d) => d.uid));
const panels = new Map(fs.readdirSync(folder).filter((f) => f.endsWith('.json'))
  .map((f) => JSON.parse(fs.readFileSync(path.join(folder, f), 'utf8')))
  .map((d) => [d.uid, new Set(d.panels.map((p) => p.id))]));

function rules(name, doc) {
  const all = (doc.groups ?? []).flatMap((g) => g.rules);
  for (const key of ['uid', 'title'])
    if (new Set(all.map((r) => r[key])).size !== all.length) say(name, `two rules of one ${key}`);
  for (const r of all) {
    const refs = new Set(r.data.map((d) => d.refId));
    if (!refs.has(r.condition)) say(name, r.title, `condition '${r.condition}' is no step`);
    for (const d of r.data) {
      if (d.refId !== d.model.refId) say(name, r.title, `step ${d.refId} calls itself ${d.model.refId}`);
      if (d.model.expression && !refs.has(d.model.expression)) say(name, r.title, `no step '${d.model.expression}'`);
      if (d.datasourceUid !== '__expr__' && !known.has(d.datasourceUid)) say(name, r.title, `unknown data source '${d.datasourceUid}'`);
    }
    if (!panels.get(r.dashboardUid)?.has(r.panelId)) say(name, r.title, `no panel ${r.panelId} in '${r.dashboardUid}'`);
    // Annotations are taken as they are: a doubled dollar would stay doubled.
    if (/\$\$/.test(JSON.stringify(r.annotations))) say(name, r.title, '$$ in an annotation');
    if (/\$/.test(JSON.stringify(r.labels))) say(name, r.title, '$ in a label is taken for the environment');
  }
}
// Alerting makes its folder before the dashboards' provider looks for one with its uid.
function folders(name, doc) {
  for (const p of YAML.parse(fs.readFileSync(providers, 'utf8')).providers)
    if (p.folderUid && (doc.groups ?? []).some((g) => g.folder === p.folder))
      say(name, `two folders named '${p.folder}': the provider of dashboards has a folderUid`);
}
function contacts(name, doc) {
  const points = new Set((doc.contactPoints ?? []).map((c) => c.name));
  for (const p of (doc.policies ?? []).flatMap((q) => [q, ...(q.routes ?? [])]))
    if (!points.has(p.receiver)) say(name, `no contact point '${p.receiver}'`);
}

for (const name of files) {
  const doc = YAML.parse(fs.readFileSync(name, 'utf8'));
  if (!valid(doc)) {
    for (const e of valid.errors.filter((x) => !['if', 'oneOf'].includes(x.keyword)))
      say(name, `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
    continue;
  }
  rules(name, doc);
  folders(name, doc);
  contacts(name, doc);
}
process.exit(bad ? 1 : 0);
