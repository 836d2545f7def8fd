import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { budgetNote } from '../../../benchmarks/plan/budgets.js';
import { catalog as programCatalog } from '../../../benchmarks/plan/known-catalog.js';
import { cellTitle } from '../../../benchmarks/plan/cell.js';
import { planCells } from '../../../benchmarks/plan/cells.js';
import { UnfitError, UsageError } from '../../../engine/errors.js';
import { bundledModelFolder } from '../../../models/index.js';
import { cellId } from '../../../records/cell-id.js';
import { catalog } from '../fixtures/parts.js';
import { settings } from '../fixtures/settings.js';

/** A model of 4 blocks; the fake catalog takes folders as they are. */
const BUNDLED = bundledModelFolder('opt-mini');

describe('planCells', () => {
  test('the quick grid is the full cross product, each cell once', async () => {
    const cells = await planCells({ grid: 'quick' }, catalog);
    expect(cells).toHaveLength(2 * 1 * 2 * 2 * 3);
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(cells.length);
  });

  test("without a grid the axes given are used with the quick grid's sizes", async () => {
    const cells = await planCells({ optimizer: ['zo-sgd'], scheme: ['lora'], model: ['opt-mini'], seeds: 2 }, catalog);
    expect(cells.map(({ settings }) => settings.seed)).toEqual([0, 1]);
    expect(cells[0]?.settings).toMatchObject({ scheme: 'lora', trainSize: 1000, devSize: 500, testSize: 1000, steps: 500 });
  });

  test('first-order optimizers take 200 steps of the quick grid, unless --steps is given', async () => {
    const stepsOf = async (options: object) => (await planCells({ optimizer: ['fo-sgd'], ...options }, catalog))[0]?.settings.steps;
    expect(await stepsOf({ grid: 'quick' })).toBe(200);
    expect(await stepsOf({ grid: 'quick', steps: 7 })).toBe(7);
  });

  test('an optimizer is stored under the one name it has, and the cells of its other names are the same, planned once', async () => {
    const cells = await planCells({ optimizer: ['zo-sgd', 'zo-sgd:q=1', 'zo-sgd:q=4', './mine.ts'], scheme: ['full'], seeds: 1 }, catalog);
    const names = cells.map(({ settings }) => settings.optimizer);
    expect(names).toEqual([...Array<string[]>(2)].flatMap(() => ['zo-sgd', 'zo-sgd:q=4', 'mine']));
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  });

  test('a scheme, too, is stored under the one name it has', async () => {
    const scheme = ['lora', 'lora:modules=v_proj+q_proj:rank=8', 'lora:alpha=16:rank=4'];
    const cells = await planCells({ optimizer: ['zo-sgd'], scheme, model: ['opt-mini'], seeds: 1 }, catalog);
    expect(cells.map(({ settings }) => settings.scheme)).toEqual(['lora', 'lora:rank=4']);
  });

  test('a scheme that trains nothing has one cell for all optimizers, whose settings say nothing of training', async () => {
    const cells = await planCells({ optimizer: ['zo-sgd', 'fo-sgd'], scheme: ['icl', 'full'], model: ['opt-mini'], seeds: 1 }, catalog);
    expect(cells.map(({ settings }) => settings.optimizer)).toEqual(['none', 'zo-sgd', 'fo-sgd']);
    expect(cells[0]?.settings).toMatchObject({ steps: 0, learningRate: null, epsilon: null, trainSize: 1000, devSize: 500 });
  });

  test('a scheme that a model cannot have is refused before anything runs', async () => {
    const modelSize: typeof catalog.modelSize = (name, scheme) => programCatalog.modelSize(name, scheme);
    const asked = planCells(
      { optimizer: ['zo-sgd'], scheme: ['lora:modules=fc1'], model: ['llama-mini'], seeds: 1 },
      { ...catalog, modelSize },
    );
    await expect(asked).rejects.toThrow(/^unknown linear layer fc1 \(there are: q_proj, /);
  });

  test('what is not given is as in the papers: no decay, no schedule, one micro-batch, the cross-entropy', async () => {
    const [cell] = await planCells({ grid: 'smoke' }, catalog);
    const ordinary = { schedule: 'constant', warmup: 0, weightDecay: 0, accumulate: 1, objective: 'cross-entropy' };
    expect(cell?.settings).toMatchObject(ordinary);
    const given = { schedule: 'linear', warmup: 0.1, weightDecay: 0.01, accumulate: 4, objective: 'accuracy' } as const;
    const [other] = await planCells({ ...given, optimizer: ['zo-sgd'] }, catalog);
    expect(other?.settings).toMatchObject(given);
  });

  test('a plain template makes other cells, and is named in their titles', async () => {
    const cells = await planCells({ grid: 'smoke', template: ['aligned', 'plain'], optimizer: ['zo-sgd'], scheme: ['full'] }, catalog);
    expect(cells.map(({ settings }) => settings.template)).toEqual(['aligned', 'plain']);
    expect(cells.map(({ settings }) => cellTitle(settings))).toEqual([
      'opt-mini sst2 full zo-sgd seed 0',
      'opt-mini sst2 plain full zo-sgd seed 0',
    ]);
    expect(cells[0]?.id).not.toBe(cells[1]?.id);
  });

  test("a task of the user's own is asked as the command line says, a built-in one beside it is not", async () => {
    const own = { prompt: '{text} It was', candidates: ' bad, great', label: 'label', testFile: './test.jsonl' };
    const cells = await planCells(
      { grid: 'smoke', task: ['sst2', './mine/a.jsonl'], optimizer: ['zo-sgd'], scheme: ['full'], ...own },
      catalog,
    );
    expect(cells[0]?.settings).toMatchObject({
      task: 'sst2',
      data: 'bundled',
      prompt: null,
      candidates: null,
      label: null,
      testFile: null,
    });
    expect(cells[1]?.settings).toMatchObject({ ...own, task: 'a', data: 'files', testFile: 'test.jsonl' });
    expect(cells[1]?.places).toEqual({ task: './mine/a.jsonl', testFile: './test.jsonl' });
  });

  test('the sizes are what the data allow, those of a class in their place', async () => {
    const seen: unknown[] = [];
    const small: typeof catalog = {
      ...catalog,
      splitSizes: (choice, kind, { perClass }, { devSize }) => {
        seen.push([choice.task, kind, perClass, devSize]);
        return Promise.resolve({ trainSize: 3, devSize: 2, testSize: 1 });
      },
    };
    const [one] = await planCells({ grid: 'smoke', optimizer: ['by-anchor'], scheme: ['full'], perClass: 4 }, small);
    expect(seen).toEqual([['sst2', 'causal', 4, 16]]);
    // 20 passes: 2 and one for the one batch of 3 items in each of 6 steps.
    expect(one?.settings).toMatchObject({ trainSize: 3, devSize: 2, testSize: 1, perClass: 4, steps: 6 });
  });

  test('an optimizer without epsilon gets none, also where --epsilon is given', async () => {
    const cells = await planCells({ grid: 'smoke', scheme: ['full'], epsilon: 0.5 }, catalog);
    expect(cells.map(({ settings }) => [settings.optimizer, settings.epsilon])).toEqual([
      ['zo-sgd', 0.5],
      ['fo-sgd', null],
    ]);
  });

  describe('a budget of forward passes', () => {
    const stepsOf = async (options: object) => (await planCells({ scheme: ['full'], seeds: 1, ...options }, catalog))[0]?.settings.steps;

    test.each([
      ['zo-sgd', 500],
      ['zo-sgd:q=4', 125],
      ['zo-sgd:sides=previous', 1000],
      // 6 and 2 for each of opt-mini's 6 stages with parameters: 18 in each step, of which 55 make 990.
      ['by-block', 55],
      // 2 and one for each of the 63 batches of the training set: 65, of which 15 make 975.
      ['by-anchor', 15],
      ['fo-sgd', 200],
    ])('of the quick grid pays for so many steps of %s: %d', async (optimizer, steps) => {
      expect(await stepsOf({ grid: 'quick', model: [BUNDLED], optimizer: [optimizer] })).toBe(steps);
    });

    test('is what --forwards says, but for first-order optimizers; less than a step is refused', async () => {
      expect(await stepsOf({ optimizer: ['zo-sgd'], forwards: 61 })).toBe(30);
      expect(await stepsOf({ optimizer: ['zo-sgd:q=4'], forwards: 8 })).toBe(1);
      await expect(stepsOf({ optimizer: ['zo-sgd:q=4'], forwards: 7 })).rejects.toThrow(
        new UnfitError('--forwards 7: a step of zo-sgd:q=4 takes 8'),
      );
      expect(await stepsOf({ optimizer: ['fo-sgd'], forwards: 61 })).toBe(200);
    });

    test('does not count where --steps alone is given; of both, each is for its kind of optimizers', async () => {
      expect(await stepsOf({ optimizer: ['zo-sgd:q=4'], steps: 7 })).toBe(7);
      expect(await stepsOf({ optimizer: ['fo-sgd'], steps: 7 })).toBe(7);
      const both = { steps: 7, forwards: 32 };
      expect(await stepsOf({ optimizer: ['fo-sgd'], ...both })).toBe(7);
      expect(await stepsOf({ optimizer: ['zo-sgd'], ...both })).toBe(16);
      expect(await stepsOf({ optimizer: ['zo-sgd:q=4'], ...both })).toBe(4);
    });

    test('that is given alone is explained where there are optimizers that it is not for', async () => {
      const noteOf = async (options: object) => {
        const cells = await planCells({ scheme: ['full'], seeds: 1, ...options }, catalog);
        return budgetNote(options, cells, async (name) => (await catalog.resolveOptimizer(name)).order);
      };
      const optimizer = ['zo-sgd', 'fo-sgd'];
      expect(await noteOf({ optimizer, forwards: 30 })).toBe(
        '--forwards 30 is for optimizers without backpropagation; fo-sgd: 200 steps, or what --steps says',
      );
      expect(await noteOf({ optimizer, steps: 30 })).toMatch(/^--steps 30 is taken by every optimizer, .* add --forwards$/);
      for (const said of [
        { optimizer },
        { optimizer, steps: 3, forwards: 3 },
        { optimizer: ['zo-sgd'], steps: 3 },
        { optimizer: ['fo-sgd'], forwards: 3 },
      ]) {
        expect(await noteOf(said)).toBeUndefined();
      }
    });

    test.each<[object, string]>([
      [{ batchSize: 1_000_000 }, '--batch-size 1000000: there are 1000 training items; give a smaller one, or more with --train-size'],
      [{ batchSize: 33, trainSize: 32 }, '--batch-size 33: there are 32 training items'],
      [{ batchSize: 4, accumulate: 5 }, '--accumulate 5: a step has 4 examples'],
      [{ seeds: 1_000_000 }, '--seeds 1000000: with 2 crosses that is more than the 100000 cells that a run may have'],
    ])('%j cannot be, and is refused at once', async (options, says) => {
      await expect(stepsOf({ optimizer: ['zo-sgd', 'fo-sgd'], model: [BUNDLED], ...options })).rejects.toThrow(says);
    });

    test('of a training set that is smaller than the usual batch is of batches that are all of it', async () => {
      const [cell] = await planCells({ optimizer: ['zo-sgd'], scheme: ['full'], trainSize: 5 }, catalog);
      expect(cell?.settings.batchSize).toBe(5);
    });

    test('leaves as many evaluations as ever, evenly spaced', async () => {
      const cells = await planCells({ optimizer: ['zo-sgd', 'zo-sgd:q=4'], scheme: ['full'], model: [BUNDLED], seeds: 1 }, catalog);
      expect(cells.map(({ settings }) => settings.evaluateEvery)).toEqual([100, 25]);
    });
  });

  test.each([
    [{ grid: 'quikc' }, 'unknown grid quikc: did you mean quick? (there are: smoke, quick, schemes, full, paper, tuning)'],
    [{ grid: 'constructor' }, 'unknown grid constructor (there are: smoke, quick, schemes, full, paper, tuning)'],
    [{ optimizer: ['zo-sdg'] }, 'unknown optimizer zo-sdg: did you mean zo-sgd? (there are: zo-sgd, fo-sgd)'],
    [
      { scheme: ['lroa'] },
      'unknown scheme lroa: did you mean lora? (there are: full, lora, prefix, prompt, head, zero-shot, icl, linear-probing)',
    ],
    [{ model: ['opt-min'] }, 'unknown model opt-min: did you mean opt-mini? (there are: opt-mini, llama-mini)'],
    [{ objective: 'f1' as const }, '--objective f1 has no derivative, which fo-sgd needs: give zeroth-order optimizers with --optimizer'],
    [{ prompt: '{text}' }, '--prompt is for a task of your own: --task ./mine.jsonl'],
    [{ testFile: 'a', task: ['sst2'] }, '--test-file is for a task of your own: --task ./mine.jsonl'],
    [{ accumulate: 17 }, '--accumulate 17: a step has 16 examples, no more micro-batches can be made of them'],
    [{ data: 'no/such/folder' }, "--data no/such/folder: no such folder (give bundled, or a folder with the tasks' files)"],
  ])('%j is refused', async (options, message) => {
    await expect(planCells(options, catalog)).rejects.toThrow(new UsageError(message));
  });
});

describe('cellId', () => {
  test('stays what it was: records of earlier runs are found again', () => {
    // Python: 'c' + sha256(json.dumps(settings, sort_keys=True, separators=(',', ':'))).
    expect(cellId(settings)).toBe('cad0e4c83f0afaa0');
  });

  test('depends neither on the order of the fields nor on threads and time limit', () => {
    const reversed = Object.fromEntries(Object.entries(settings).reverse()) as typeof settings;
    expect(cellId(reversed)).toBe(cellId(settings));
    expect(cellId({ ...settings, threads: 8, stream: 'always', timeoutSeconds: 1 })).toBe(cellId(settings));
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
