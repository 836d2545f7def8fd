import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bytesText, fixed, GIB, MIB } from '../../engine/index.js';
import { aligned } from '../../benchmarks/plan/index.js';
import { modelTable } from '../../commands/ls/model-list.js';
import { bundledModelIds, knownModels, saveWeights } from '../../models/index.js';
import { tinyConfigs, tinyModel } from '../support/tiny-model.js';

const COMMIT = 'c'.repeat(40);
const own = process.env.HF_HUB_CACHE;
const cache = mkdtempSync(join(tmpdir(), 'hub-'));
const tiny = tinyModel('opt');
const parameters = tiny.parameters.all.reduce((sum, { count }) => sum + count, 0);
let table: string[] = [];

function snapshot(id: string, config: object): string {
  const repository = join(cache, `models--${id.replace('/', '--')}`);
  const folder = join(repository, 'snapshots', COMMIT);
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(repository, 'refs'), { recursive: true });
  writeFileSync(join(repository, 'refs', 'main'), COMMIT);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

beforeAll(async () => {
  process.env.HF_HUB_CACHE = cache;
  const whole = snapshot('org/tiny', tinyConfigs.opt);
  saveWeights(whole, tiny, tiny.parameters.all, 'BF16');
  writeFileSync(join(whole, 'tokenizer.json'), '{}');
  snapshot('facebook/opt-125m', knownModels.find(({ id }) => id === 'facebook/opt-125m')?.config ?? {});
  snapshot('org/gpt', { model_type: 'gpt2' });
  const { columns, rows, note } = await modelTable();
  table = [...aligned([columns, ...rows]), '', note];
});
afterAll(() => {
  if (own === undefined) delete process.env.HF_HUB_CACHE;
  else process.env.HF_HUB_CACHE = own;
  rmSync(cache, { recursive: true });
});

/** A row's columns. */
const rowOf = (id: string): string[][] => table.map((line) => line.split(/ {2,}/)).filter(([name]) => name === id);

test('every model is listed once, with where it is', () => {
  expect(bundledModelIds.map((id) => rowOf(id).map(([, where]) => where))).toEqual(bundledModelIds.map(() => ['bundled']));
  expect(rowOf('org/tiny')[0]?.[1]).toBe('cached');
  expect(rowOf('facebook/opt-125m').map(([, where]) => where)).toEqual(['cached in part']);
  expect(rowOf('facebook/opt-66b').map(([, where]) => where)).toEqual(['on the hub']);
});

test('what is here has the bytes of its files by type, what is not those of its publication', () => {
  const [, , count, stored, float32] = rowOf('org/tiny')[0] ?? [];
  expect(count).toBe(`${fixed(parameters / 1e6, 1)} M`);
  expect([stored, float32]).toEqual([`BF16 ${bytesText(2 * parameters)}`, bytesText(4 * parameters)]);
  expect(rowOf('facebook/opt-125m')[0]?.slice(2, 5)).toEqual(['125.2 M', 'F16 239 MiB', '478 MiB']);
});

test('predicted memory: the weights, the optimizer state, and beside them what a step of each computes with', () => {
  const [zeroth = 0, first = 0, adam = 0] = (rowOf('facebook/opt-125m')[0]?.slice(5) ?? []).map(bytesIn);
  const weights = 4 * 125_239_296;
  // Only the positions of 64 and fewer tokens are perturbed and the head is by blocks: zo-sgd's second copies are a block's.
  expect(zeroth).toBeGreaterThan(weights);
  expect(zeroth).toBeLessThan(1.6 * weights);
  // fo-adam holds two moments more; each is shown to a tenth of a GiB.
  expect(Math.abs(adam - first - 2 * weights)).toBeLessThan(0.1 * GIB);
});

function bytesIn(text: string): number {
  const [number, unit] = text.split(' ');
  return Number(number) * (unit === 'GiB' ? GIB : MIB);
}

test('a model that cannot be used says why', () => {
  expect(rowOf('org/gpt')[0]?.[2]).toMatch(/config\.json: model_type: "gpt2" is not supported/);
});
