import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'telemetry-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const PROGRAM = `
  const { cpuBackend, Graph, operators } = await import('./engine/index.ts');
  const graph = new Graph();
  graph.output('y', operators.relu(graph.input('x', 'real', [1])));
  const session = await cpuBackend(1).compile(graph);
  await session.run({ x: { type: 'float32', dims: [1], data: new Float32Array(1) } });
  await session.release();`;

// Where it reports, it keeps a device's id and a database in the home, and logs in the temporary folder.
test('ONNX Runtime reports to nobody: a session leaves nothing', () => {
  const own = { HOME: home, XDG_CACHE_HOME: home, TMPDIR: home, CI: undefined, ORT_DISABLE_TELEMETRY: undefined };
  const env = { ...process.env, ...own };
  const ended = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], { env, encoding: 'utf8' });
  expect([ended.status, ended.stderr]).toEqual([0, '']);
  // The loader of the sources leaves a folder.
  expect(readdirSync(home).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
});
