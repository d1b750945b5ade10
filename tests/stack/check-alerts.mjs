// SPDX-License-Identifier: MIT
// usage: check-alerts.mjs DATASOURCES.yaml PROVIDERS.yaml DASHBOARDS-FOLDER FILE.yaml...
// Alerting as code, by a schema of ours: Grafana takes unknown keys in silence, and does
// not start with a file that it cannot use. A finding a line; 1 if there is one.
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import YAML from 'yaml';

const object = (required, properties) => ({
  type: 'object', required,
    properties: { ...required.reduce((o, k) => ({ ...o, [k]: true }), {}), ...properties },
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
const math = object(['refId', 'type', 'expression'], { refId: id, type: { const: 'math' },
  expression: { type: 'string', pattern: '^\\$[A-Z] [<>] \\$[A-Z]$' } });
const step = (uid, model) => object(['refId', 'relativeTimeRange', 'datasourceUid', 'model'],
  { refId: id, relativeTimeRange: range, datasourceUid: uid, model });

const rule = object(['uid', 'title', 'condition', 'for', 'data', 'noDataState', 'execErrState', 'labels', 'annotations'], {
  uid: id, title: text, condition: id, for: time, labels: object(['severity'], { severity: { enum: ['warning', 'critical'] } }),
  // `Error` and `NoData` send messages of Grafana's own words; `OK` announces as resolved
  // what is not known.
  noDataState: { enum: ['Alerting', 'KeepLast'] }, execErrState: { enum: ['Alerting', 'KeepLast'] },
  annotations: object(['summary', 'description', '__dashboardUid__', '__panelId__'],
    { summary: text, description: text, __dashboardUid__: id, __panelId__: { type: 'string', pattern: '^[0-9]+$' } }),
  dashboardUid: id, panelId: number,
  data: list({ if: { properties: { datasourceUid: { const: '__expr__' } } },
    then: step(text, { oneOf: [reduce, threshold, math] }), else: step(id, query) }) });
const receiver = (type, settings) => object(['uid', 'type', 'settings'],
  { uid: id, type: { const: type }, settings, disableResolveMessage: { type: 'boolean' } });
const route = { receiver: text, group_by: list(text), group_wait: time, group_interval: time,
  repeat_interval: time };
const file = object(['apiVersion'], {
  apiVersion: { const: 1 },
  groups: list(object(['orgId', 'name', 'folder', 'interval', 'rules'],
    { orgId: number, name: text, folder: text, interval: time, rules: list(rule) })),
  contactPoints: list(object(['orgId', 'name', 'receivers'], { orgId: number, name: text, receivers: list({ oneOf: [
    receiver('webhook', object(['url'], { url: text, httpMethod: { enum: ['POST', 'PUT'] } })),
    receiver('email', object(['addresses'], { addresses: text, singleEmail: { type: 'boolean' } }))] }) })),
  resetPolicies: list({ const: 1 }),
  deleteContactPoints: list(object(['orgId', 'uid'], { orgId: number, uid: id })),
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

// One rule tells that the database is away, after a minute; the others wait.
function outage(name, all) {
  const telling = all.filter((r) => r.execErrState === 'Alerting');
  if (telling.length !== 1)
    say(name, `${telling.length} rules tell that the database does not answer`);
  for (const r of telling) {
    if (r.for !== '1m') say(name, r.title, 'an outage is told after a minute');
    if (/\$/.test(JSON.stringify(r.annotations))) say(name, r.title, 'a value in the text of an outage');
  }
}

function rules(name, doc) {
  const all = (doc.groups ?? []).flatMap((g) => g.rules);
  for (const key of ['uid', 'title'])
    if (new Set(all.map((r) => r[key])).size !== all.length) say(name, `two rules of one ${key}`);
  if (all.length > 0) outage(name, all);
  for (const r of all) {
    const refs = new Set(r.data.map((d) => d.refId));
    if (!refs.has(r.condition)) say(name, r.title, `condition '${r.condition}' is no step`);
    for (const d of r.data) {
      if (d.refId !== d.model.refId)
        say(name, r.title, `step ${d.refId} calls itself ${d.model.refId}`);
      for (const ref of d.model.type === 'math' ? d.model.expression.match(/[A-Z]/g)
        : [d.model.expression].filter(Boolean))
        if (!refs.has(ref)) say(name, r.title, `no step '${ref}'`);
      if (d.datasourceUid !== '__expr__' && !known.has(d.datasourceUid))
        say(name, r.title, `unknown data source '${d.datasourceUid}'`);
    }
    if (!panels.get(r.dashboardUid)?.has(r.panelId))
      say(name, r.title, `no panel ${r.panelId} in '${r.dashboardUid}'`);
    // The link in a message is made from these two annotations.
    if (r.annotations.__dashboardUid__ !== r.dashboardUid ||
      r.annotations.__panelId__ !== String(r.panelId))
      say(name, r.title, 'the link leads elsewhere than dashboardUid and panelId');
    // Of an error, or of no data, there are no values: a text that takes one is broken.
    for (const text of [r.annotations.summary, r.annotations.description]) {
      let open = 0;
      for (const [, code] of text.matchAll(/\{\{ *(.*?) *\}\}/g)) {
        if (/^if \$values\./.test(code)) open++;
        else if (code === 'end') open--;
        else if (/\$values\./.test(code) && open < 1)
          say(name, r.title, `'${code}' outside of {{ if $values... }}`);
      }
      for (const [, ref] of text.matchAll(/\$values\.([A-Z])/g))
        if (!refs.has(ref)) say(name, r.title, `no step '${ref}' for the text`);
    }
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
// Grafana keeps contacts in its own database: each file takes away what the others leave.
const CONTACTS = ['energyguard-webhook', 'energyguard-mail'];
function contacts(name, doc) {
  if (doc.groups) return;
  const made = (doc.contactPoints ?? []).flatMap((c) => c.receivers.map((r) => r.uid));
  const gone = (doc.deleteContactPoints ?? []).map((d) => d.uid);
  for (const uid of CONTACTS)
    if (made.includes(uid) === gone.includes(uid))
      say(name, `${uid} stays as it was, whatever the settings say`);
  for (const uid of made) if (!CONTACTS.includes(uid)) say(name, `unknown contact ${uid}`);
  if (!doc.policies && !doc.resetPolicies) say(name, 'the policy stays as it was');
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
