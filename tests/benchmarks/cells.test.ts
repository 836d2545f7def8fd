import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cellId, planCells } from '../../benchmarks/cells.js';
import { UsageError } from '../../engine/errors.js';
import { catalog } from './fixtures/parts.js';
import { settings } from './fixtures/settings.js';

describe('planCells', () => {
  test('the quick grid is the full cross product, each cell once', async () => {
    const cells = await planCells({ grid: 'quick' }, catalog);
    expect(cells).toHaveLength(2 * 1 * 2 * 2 * 3);
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(cells.length);
  });

  test("without a grid the axes given are used with the quick grid's sizes", async () => {
    const cells = await planCells({ optimizer: ['zo-sgd'], scheme: ['lora'], model: ['opt-mini'], seeds: 2 }, catalog);
    expect(cells.map(({ settings }) => settings.seed)).toEqual([0, 1]);
    expect(cells[0]?.settings).toMatchObject({ scheme: 'lora', trainSize: 1000, devSize: 500, testSize: 1000, steps: 1000 });
  });

  test('first-order optimizers take 200 steps of the quick grid, unless --steps is given', async () => {
    const stepsOf = async (options: object) => (await planCells({ optimizer: ['fo-sgd'], ...options }, catalog))[0]?.settings.steps;
    expect(await stepsOf({ grid: 'quick' })).toBe(200);
    expect(await stepsOf({ grid: 'quick', steps: 7 })).toBe(7);
  });

  test('an optimizer without epsilon gets none, also where --epsilon is given', async () => {
    const cells = await planCells({ grid: 'smoke', scheme: ['full'], epsilon: 0.5 }, catalog);
    expect(cells.map(({ settings }) => [settings.optimizer, settings.epsilon])).toEqual([
      ['zo-sgd', 0.5],
      ['fo-sgd', null],
    ]);
  });

  test.each([
    [{ grid: 'quikc' }, 'unknown grid quikc: did you mean quick? (there are: smoke, quick)'],
    [{ grid: 'constructor' }, 'unknown grid constructor (there are: smoke, quick)'],
    [{ optimizer: ['zo-sdg'] }, 'unknown optimizer zo-sdg: did you mean zo-sgd? (there are: zo-sgd, fo-sgd)'],
    [{ scheme: ['lroa'] }, 'unknown scheme lroa: did you mean lora? (there are: full, lora)'],
    [{ model: ['opt-min'] }, 'unknown model opt-min: did you mean opt-mini? (there are: opt-mini, llama-mini)'],
    [{ data: 'no/such/folder' }, "--data no/such/folder: no such folder (give embedded, or a folder with the tasks' files)"],
  ])('%j is refused', async (options, message) => {
    await expect(planCells(options, catalog)).rejects.toThrow(new UsageError(message));
  });
});

describe('cellId', () => {
  test('stays what it was: records of earlier runs are found again', () => {
    // Python: sha256(json.dumps(settings, sort_keys=True, separators=(',', ':'))).
    expect(cellId(settings)).toBe('a2e9421a7a279f9b');
  });

  test('depends neither on the order of the fields nor on threads and time limit', () => {
    const reversed = Object.fromEntries(Object.entries(settings).reverse()) as typeof settings;
    expect(cellId(reversed)).toBe(cellId(settings));
    expect(cellId({ ...settings, threads: 8, timeoutSeconds: 1 })).toBe(cellId(settings));
  });

  test('changes with every other field', () => {
    const fields = Object.keys(settings).filter((name) => !['threads', 'timeoutSeconds'].includes(name));
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.integer({ min: 1e6 }), (name, value) => {
        expect(cellId({ ...settings, [name]: value })).not.toBe(cellId(settings));
      }),
    );
  });
});
