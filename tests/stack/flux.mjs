// SPDX-License-Identifier: MIT
// Flux's own parser and type checker, from the language server that ships as WASM.
// The package is for bundlers: its glue is loaded here by hand.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

console.info = console.debug = () => {}; // it logs to standard output

const bg = createRequire(import.meta.url).resolve(
  '@influxdata/flux-lsp-browser/flux-lsp-browser_bg.wasm');
const holder = '__energyguard_flux';
const glue = fs.readFileSync(path.join(path.dirname(bg), 'flux-lsp-browser_bg.js'), 'utf8')
  .replace(/^import \* as wasm from .*$/m, `const wasm = globalThis.${holder};`)
  .replace(/^(let cached(?:Uint8|Int32)Memory0);$/gm, '$1 = new Uint8Array();')
  .replace(/^cached(?:Uint8|Int32)Memory0 = new .*$/gm, '');
globalThis[holder] = {};
const lsp = await import('data:text/javascript;base64,' + Buffer.from(glue).toString('base64'));
const { instance } = await WebAssembly.instantiate(fs.readFileSync(bg),
  { './flux-lsp-browser_bg.js': lsp });
Object.assign(globalThis[holder], instance.exports);

const found = new Map();
let server, id = 1;
const send = (method, params, request) =>
  server.send(JSON.stringify({ jsonrpc: '2.0', ...(request && { id: id++ }), method, params }));

async function start() {
  server = new lsp.Lsp();
  server.onMessage((text) => {
    const message = JSON.parse(text);
    if (message.method === 'textDocument/publishDiagnostics')
      found.set(message.params.uri, message.params.diagnostics);
  });
  server.run();
  await send('initialize', { capabilities: {} }, true);
  await send('initialized', {});
}

// The errors of a script, as `line: message`. Each script lies in a folder of its own:
// those of one folder would be one package.
export async function errors(text) {
  if (!server) await start();
  const uri = `file:///q${id}/main.flux`;
  await send('textDocument/didOpen',
    { textDocument: { uri, languageId: 'flux', version: id++, text } });
  for (let i = 0; i < 500 && !found.has(uri); i++) await new Promise((r) => setTimeout(r, 10));
  if (!found.has(uri)) return ['the checker gave no answer'];
  const bad = found.get(uri).filter((d) => (d.severity ?? 1) === 1)
    .map((d) => `${d.range.start.line + 1}: ${d.message}`);
  return bad.length === 0 && !lsp.is_valid_flux(text) ? ['not valid'] : bad;
}

export const parse = (text) => lsp.parse(text);
