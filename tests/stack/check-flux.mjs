// SPDX-License-Identifier: MIT
// usage: check-flux.mjs FILE...   dashboards, alert rules and tasks
// Every Flux script by Flux's own checker, and by rules for what that does not see.
// A finding a line; 1 if there is one.
import { errors, parse } from './flux.mjs';
import { queries } from './queries.mjs';

// What the buckets have, and what our own scripts make from it. A column of another
// name is a mistake in spelling: Flux would silently find nothing.
const COLUMNS = new Set(['_time', '_value', '_field', '_measurement', '_start', '_stop', 'sensor', 'role', 'unit', 'elapsed', 'left', 'used', 'made', 'bought', 'sold', 'the rest',
  'queue', 'host', 'reason', 'first', 'url', 'path', 'status', 'le', 'kwh', 'seconds', 'covered', 'hours', 'silent', 'day', 'weekday', 'hour', 'cost', 'max', 'last',
  'power', 'kWh', 'Cost', 'Covered', 'Highest minute', 'readings', 'a week before', 'a year before', '95 of 100', 'half', 'published',
  '_value_own', '_value_price', 'month', 'paid', 'gridIn', 'gridOut', 'roof', 'batteryIn', 'batteryOut', 'house', 'grids', 'roofs', 'batteries', 'houses',
  'at', 'confirmed', 'delivered', 'acknowledged', 'redelivered']);
const SENSORS = 100, MAX_SERIES = 1000, MAX_ROWS = 100000;

function* walk(node) {
  if (!node || typeof node !== 'object') return;
  if (node.type || node.callee) yield node;
  for (const [key, child] of Object.entries(node))
    if (key !== 'location')
      for (const item of Array.isArray(child) ? child : [child]) yield* walk(item);
}

// The name of what is called; the calls of a pipe have no type of their own.
const called = (node) => node?.callee && (node.callee.name ?? node.callee.property?.name);
const argument = (call, name) => call?.arguments?.[0]?.properties
  ?.find((p) => p.key.name === name)?.value;
// The calls of a pipe, from its source on.
function chain(node) {
  return node.type === 'PipeExpression' ? [...chain(node.argument), node.call] : [node];
}
const source = (node) => node.location.source;

// from() is followed by range(): without, the whole bucket is read.
function* unbounded(all) {
  const ranged = new Set(all.filter((n) => n.type === 'PipeExpression' && called(n.call) === 'range')
    .map((n) => n.argument));
  for (const node of all)
    if (called(node) === 'from' && node.callee.name && !ranged.has(node))
      yield `no range() right behind ${source(node)}`;
}

function* columns(all) {
  for (const node of all) {
    if (node.type === 'MemberExpression' && node.object.name === 'r') {
      const name = node.property.name ?? node.property.value;
      if (!COLUMNS.has(name)) yield `unknown column '${name}'`;
    }
    if (called(node))
      for (const key of ['columns', 'rowKey', 'columnKey', 'column', 'valueColumn'])
        for (const literal of argument(node, key)?.elements ?? [argument(node, key)])
          if (literal?.type === 'StringLiteral' && !COLUMNS.has(literal.value))
            yield `unknown column '${literal.value}'`;
  }
}

// A float and an integer do not mix, and Flux sees it only at run time.
function* integers(all) {
  const operand = (n) => n.type === 'MemberExpression' && n.object.name === 'r' &&
    ['_value', 'kwh', 'covered', 'cost', 'silent'].includes(n.property.name ?? n.property.value);
  for (const node of all)
    if (node.type === 'BinaryExpression')
      for (const [a, b] of [[node.left, node.right], [node.right, node.left]])
        if (operand(a) && ['IntegerLiteral', 'StringLiteral'].includes(b.type))
          yield `'${source(node)}' compares or mixes a float with ${source(b)}`;
}

// A text column too many makes an alert rule fail when it runs.
function* narrow(ast) {
  const last = ast.body.at(-1)?.expression;
  const end = last && chain(last).at(-1);
  const kept = called(end) === 'keep' &&
    argument(end, 'columns')?.elements.map((e) => e.value);
  if (!kept) yield 'an alert query must end in keep()';
  else if (!kept.includes('_value') || !kept.includes('_time')) yield 'keep() must leave _time and _value';
}

// How many rows a panel can get at most, at a year of 100 sensors: so many tables of so
// many rows behind each step. Grafana takes ten times maxDataPoints rows of a series.
const ONE = ['last', 'first', 'sum', 'mean', 'max', 'min', 'count', 'quantile', 'reduce', 'histogramQuantile'];
function size(ast, points) {
  const [first, ...steps] = chain(ast.body.at(-1).expression);
  let tables = SENSORS, length = called(first) === 'union' ? first.arguments.length : Infinity;
  for (const step of steps) {
    const name = called(step);
    if (ONE.includes(name)) length = 1;
    if (name === 'aggregateWindow') length = windows(source(argument(step, 'every')), points);
    if (name === 'limit' || name === 'top') length = Math.min(length, argument(step, 'n').value);
    if (name === 'pivot') length = source(step).includes('["day"]') ? 7 : SENSORS;
    if (name === 'group') {
      const by = argument(step, 'columns')?.elements.map((e) => e.value) ?? [];
      if (by.includes('_time')) [tables, length] = [length, tables];
      else if (by.includes('day')) [tables, length] = [7 * 24, 366];
      else {
        const all = tables * length, split = by.length ? SENSORS : 1;
        tables = Math.min(split, all);
        length = all / tables;
      }
    }
  }
  return { tables, length };
}
// The windows of a year; those of windowPeriod, or of an `every` that is not shorter, are
// as many as the panel asks for, and Grafana rounds the period.
function windows(every, points) {
  const [, n, unit] = every.match(/^(\d+)(s|mo|m|h|d)$/) ?? [];
  if (!n || every === '1m0s') return 1.5 * points;
  return Math.ceil(366 * 86400 / ({ s: 1, m: 60, h: 3600, d: 86400, mo: 28 * 86400 }[unit] * n));
}
function* rows(ast, { maxDataPoints: points }) {
  if (!Number.isInteger(points)) return yield 'no maxDataPoints';
  const { tables, length } = size(ast, points);
  if (length > 10 * points) yield `up to ${length} rows a series, and Grafana takes ${10 * points}`;
  if (tables > MAX_SERIES || tables * length > MAX_ROWS)
    yield `up to ${tables} series with ${tables * length} rows`;
}

let bad = 0;
for (const file of process.argv.slice(2)) {
  const list = queries(file);
  if (list.length === 0) { bad++; console.log(`${file}: no Flux in it`); }
  for (const query of list) {
    const found = await errors(query.text);
    if (found.length === 0) {
      const ast = parse(query.text), all = [...walk(ast)];
      found.push(...unbounded(all), ...columns(all), ...integers(all));
      if (query.kind === 'alert') found.push(...narrow(ast));
      if (query.kind === 'panel') found.push(...rows(ast, query.panel));
      if (/\$\{|\$__/.test(query.text))
        found.push(`a variable that is not there: ${query.text.match(/\$\S+/)[0]}`);
    }
    for (const text of new Set(found)) { bad++; console.log(`${query.where}: ${text}`); }
  }
}
process.exit(bad ? 1 : 0);
