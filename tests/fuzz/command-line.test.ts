import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, expect } from '@jest/globals';
import fc from 'fast-check';
import { commandLine } from '../../benchmarks/plan/arguments.js';
import { runBench } from '../../benchmarks/run/run.js';
import { dashed } from '../../options/index.js';
import { fakeParts } from '../benchmarks/fixtures/parts.js';
import { expectLine, fuzz } from '../support/fuzz.js';

// Whatever is typed: a plan, the help, or a line that says what is wrong.

const folder = mkdtempSync(join(tmpdir(), 'zobench-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const option = fc
  .constantFrom(...Object.keys(commandLine.schema.shape), 'help', 'version', 'stpes', '', '__proto__', '_', '$0')
  .map((name) => `--${dashed(name)}`);
const value = fc.oneof(
  fc.constantFrom(
    'sst2',
    'opt-mini,llama-mini',
    'zo-sgd',
    'zo-sgd:q=4',
    'zo-sgd:q=-1',
    'full',
    'lora:rank=2',
    'lora:rank=1e9',
    'quick',
    'plain',
  ),
  fc.constantFrom('5', '0', '-1', '1.5', '1e309', '1e15', 'NaN', '0x10', '1,2,3', '', ' ', ',', ',,a', '--', '-', '-x', 'true', 'null'),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '\u001b[31m\nx',
    'x'.repeat(3000),
    '/etc/passwd',
    '../..',
    '[object Object]',
    '{"a":1}',
    '\0',
  ),
  fc.string({ maxLength: 12 }),
);
const argument = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(option, value).map(([name, given]) => [name, given]) },
  { weight: 3, arbitrary: fc.tuple(option, value).map(([name, given]) => [`${name}=${given}`]) },
  { weight: 1, arbitrary: option.map((name) => [name]) },
  { weight: 1, arbitrary: value.map((given) => [given]) },
);
const BASE = [
  ['--task', 'sst2'],
  ['--model', 'opt-mini'],
  ['--optimizer', 'zo-sgd'],
  ['--scheme', 'full'],
];

fuzz(
  'the command line',
  fc.tuple(fc.subarray(BASE, { minLength: 2 }), fc.array(argument, { maxLength: 4 })),
  500,
  async ([usual, more]) => {
    const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
    const out = { stdout, stderr: Object.assign(stderr, { isTTY: false }) };
    const argv = [...[...usual, ...more].flat(), '--plan', '--out', join(folder, 'run')];
    const code = await runBench(argv, { ...fakeParts, ...out });
    const said = (stderr.read() as string | null) ?? '';
    expect([0, 2]).toContain(code);
    if (code === 2) expectLine(said.trimEnd());
    else expect((stdout.read() as string | null) ?? '').not.toBe('');
    return code === 0;
  },
);
