import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadModel, openCheckpoint, unadapted } from '../../../models/index.js';
import { readSafetensorsHeader } from '../../../models/safetensors.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';
import { runQuantize } from '../../../studies/quantize/index.js';

const root = mkdtempSync(join(tmpdir(), 'zobench-quantize-'));
afterAll(() => rmSync(root, { recursive: true }));

const tiny = join(root, 'tiny');
writeTinyCheckpoint(tiny);

interface Layer {
  readonly weight: string;
  readonly relativeError: number;
  readonly relativeErrorOfNearest: number;
}

async function run(...argv: string[]): Promise<{ code: number; text: string; complaints: string }> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await runQuantize(argv, { stdout, stderr });
  const [text, complaints] = [stdout, stderr].map((stream) => (stream.read() as string | null) ?? '') as [string, string];
  return { code, text, complaints };
}

async function quantize(...more: string[]): Promise<{ folder: string; layers: readonly Layer[] }> {
  const folder = join(root, `quantised${more.join('')}`);
  const { code, text, complaints } = await run('--model', tiny, '--items', '8', '--threads', '1', '--json', '--out', folder, ...more);
  expect([code, complaints]).toEqual([0, '']);
  return { folder, layers: (JSON.parse(text) as { layers: readonly Layer[] }).layers };
}

const valuesIn = async (folder: string) => {
  const { parameters } = await loadModel(openCheckpoint(folder), unadapted);
  return new Map(parameters.all.map((parameter) => [parameter.name, parameters.values(parameter)]));
};

describe('what is written is read as it was meant', () => {
  const original = valuesIn(tiny);
  const LAYER = /layers\.\d+\.(self_attn\.\w+|fc\d)\.weight$/;

  test.each([
    ['codes of four bits', ['--method', 'rtn', '--bits', '4', '--group', '8'], 0.15, 'qweight'],
    ['an order of activation', ['--method', 'gptq', '--bits', '4', '--group', '8', '--ordered'], 0.2, 'qweight'],
    ['zero points', ['--method', 'gptq', '--bits', '4', '--group', '8', '--asymmetric'], 0.2, 'qweight'],
    ['codebooks', ['--method', 'codebook', '--bits', '2'], 0.6, 'codes'],
  ])('%s', async (_, options, largest, stored) => {
    const { folder, layers } = await quantize(...options);
    const read = await valuesIn(folder);
    for (const [parameter, values] of await original) {
      const its = read.get(parameter) ?? new Float32Array();
      if (!LAYER.test(parameter)) {
        expect(its).toEqual(values);
        continue;
      }
      const [error, size] = [its.map((value, at) => value - (values[at] ?? NaN)), values].map((each) => Math.hypot(...each)) as [
        number,
        number,
      ];
      expect(error / size).toBeLessThan(largest);
      expect(error).toBeGreaterThan(0);
    }
    expect(layers).toHaveLength(12);
    expect(readSafetensorsHeader(join(folder, 'model.safetensors')).filter((info) => info.name.endsWith(stored))).toHaveLength(12);
  });
});

test.each([
  [['--bits', '3'], /--bits 3: 2, 4 or 8/],
  [['--group', '5'], /--group 5: a whole number from 8 on, or column/],
  [['--method', 'rtn', '--ordered'], /--ordered: gptq alone has an order/],
  [['--model', 'roberta-mini'], /roberta-mini looks ahead: decoder families alone are quantised/],
])('%j is refused in a line', async (options, message) => {
  const { code, complaints } = await run(...(options.includes('--model') ? [] : ['--model', 'opt-mini']), ...options);
  expect(code).toBe(2);
  expect(complaints).toMatch(message);
});

test('what is quantised already is not quantised again', async () => {
  const { folder } = await quantize('--method', 'rtn');
  const { code, complaints } = await run('--model', folder, '--out', join(root, 'again'));
  expect([code, complaints]).toEqual([2, expect.stringMatching(/config\.json: the model is quantised already/)]);
});
