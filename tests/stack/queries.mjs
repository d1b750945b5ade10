// SPDX-License-Identifier: MIT
// All Flux of the project, as Grafana or InfluxDB would run it: variables and macros
// are replaced as Grafana replaces them.
import fs from 'node:fs';
import YAML from 'yaml';

// A range and sensors of a test's own, for an engine that runs the queries.
const [start, stop] = (process.env.EG_RANGE ?? '2026-01-01T00:00:00Z 2026-01-31T00:00:00Z').split(' ');
const SENSORS = process.env.EG_SENSORS ?? '(a|b)';
const SETTINGS = { bucket: 'energy', tz: 'Europe/Rome', limit: '3300' };
const MACROS = {
  timeRangeStart: start, timeRangeStop: stop,
  windowPeriod: '1m0s', defaultBucket: '"energy"', bucket: '"energy"', organization: '"myorg"',
};
// As in Grafana, whatever stands before the dot.
const macros = (text) => text.replace(/\b[a-zA-Z]+\.([a-zA-Z]+)/g,
  (all, name) => MACROS[name] ?? all);

// `${name:format}` by the variables of a dashboard.
function variables(text, list) {
  return text.replace(/\$\{(\w+)(?::(\w+))?\}/g, (all, name, format) => {
    const variable = list.find((v) => v.name === name);
    if (!variable) return all;
    if (format === 'regex') return SENSORS;
    if (format === 'json') return '["a","b"]';
    return variable.type === 'query' ? SETTINGS[name] : variable.current.value;
  });
}

const flat = (panels) => panels.flatMap((p) => [p, ...(p.panels ?? [])]);

function ofDashboard(file, dash) {
  const list = dash.templating?.list ?? [];
  const all = list.filter((v) => v.type === 'query')
    .map((v) => ({ where: `${file}: variable ${v.name}`, kind: 'variable', text: v.query }));
  for (const panel of flat(dash.panels))
    for (const target of panel.targets ?? [])
      all.push({ where: `${file}: ${panel.title}: ${target.refId}`, kind: 'panel', panel,
        text: target.query });
  for (const a of dash.annotations?.list ?? [])
    if (a.target?.query)
      all.push({ where: `${file}: annotation ${a.name}`, kind: 'annotation',
      text: a.target.query });
  return all.map((q) => ({ ...q, text: macros(variables(q.text, list)) }));
}

function ofRules(file, doc) {
  return (doc.groups ?? []).flatMap((g) => g.rules).flatMap((rule) => rule.data
    .filter((d) => d.datasourceUid !== '__expr__')
    .map((d) => ({ where: `${file}: ${rule.title}: ${d.refId}`, kind: 'alert',
      text: macros(d.model.query) })));
}

export function queries(file) {
  const text = fs.readFileSync(file, 'utf8');
  if (file.endsWith('.flux')) return [{ where: file, kind: 'task', text }];
  if (file.endsWith('.json')) return ofDashboard(file, JSON.parse(text));
  return ofRules(file, YAML.parse(text));
}
