import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planCells } from '../../../benchmarks/plan/cells.js';
import { catalog } from '../../../benchmarks/plan/known-catalog.js';
import { runBench } from '../../../benchmarks/run/run.js';
import { meantPath, readInput } from '../../../engine/index.js';
import { modelConfig } from '../../../models/index.js';
import { resolveOptimizer } from '../../../optimizers/index.js';
import { readRecords } from '../../../records/read.js';
import { ownTask } from '../../../tasks/own.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
const at = (path: string): string => join(folder, path);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'near-'));
  for (const name of ['results/first-run/records', 'results/second', 'models/opt-mini', 'data/sst2'])
    mkdirSync(at(name), { recursive: true });
  for (const name of ['mine.ts', 'items.jsonl', 'weights.safetensors']) writeFileSync(at(name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what lies beside a path that leads nowhere', () => {
  test.each([
    ['results/frist-run', 'results/first-run'],
    ['results/first', 'results/first-run'], // the only one that begins so
    ['reslts/second', 'results/second'],
    ['reslts/secnod', 'results/second'],
    ['model/opt-mini', 'models/opt-mini'],
    ['weights.safetensor', 'weights.safetensors'],
  ])('%s is meant as %s', (given, meant) => {
    expect(meantPath(at(given))).toBe(`: did you mean ${at(meant)}?`);
  });

  test.each(['results/other', 'results/ab', 'mine.ts/deeper', 'quite/another/place', 'results', 'weights.safetensors'])(
    '%s is meant as nothing else',
    (given) => {
      expect(meantPath(at(given))).toBe('');
    },
  );
});

describe('is named where it is asked for as', () => {
  const messageOf = async (act: () => unknown): Promise<string> => {
    try {
      await act();
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing is thrown';
  };

  test.each([
    ['a file of any kind', () => readInput(at('weight.safetensors'), 10), 'weights.safetensors'],
    ['an optimizer', () => resolveOptimizer(at('mien.ts')), 'mine.ts'],
    ['a task', () => ownTask(at('item.jsonl'), { prompt: '{text}', candidates: ' a, b', label: 'label', testFile: null }).load('', { kind: 'causal', template: 'aligned' }), 'items.jsonl'], // prettier-ignore
    ['a model', () => modelConfig(at('models/opt-mni')), 'models/opt-mini'],
    ['a run', () => readRecords(at('results/frist-run')), 'results/first-run'],
    ['data', () => planCells({ data: at('dat') }, catalog), 'data'],
  ])('%s', async (_, act, meant) => {
    expect(await messageOf(act)).toMatch(new RegExp(`: did you mean ${at(meant)}\\?`));
  });

  test('the folder of a run to go on with', async () => {
    const stderr = new PassThrough({ encoding: 'utf8' });
    const parts = { ...fakeParts, stdout: new PassThrough(), stderr };
    expect(await runBench(['--resume', '--out', at('results/secnd')], parts)).toBe(2);
    expect(stderr.read()).toBe(
      `zobench: --resume: ${at('results/secnd')} holds no run to go on with: did you mean ${at('results/second')}?\n`,
    );
  });
});
