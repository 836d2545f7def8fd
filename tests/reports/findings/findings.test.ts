import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findingsForPage, findingsMarkdown, findingsOf, type ClaimFinding } from '../../../reports/findings/index.js';
import type { CellRecord, CellSettings } from '../../../records/record.js';
import { runOf } from '../../../reports/tables/index.js';
import { completedRecord, endedRecord, runFolder } from '../fake-records.js';

/** A record for each accuracy in per cent, seeds 1, 2, ... */
const runs = (settings: Partial<CellSettings>, ...percent: number[]): CellRecord[] =>
  percent.map((accuracy, index) => {
    const record = completedRecord({ ...settings, seed: index + 1 }, { testAccuracy: accuracy / 100 });
    return { ...record, cell: `${record.cell}-${record.settings.template}` };
  });

function findingIn(id: string, records: readonly CellRecord[]): ClaimFinding {
  const finding = findingsOf(runOf(records)).find((one) => one.id === id);
  if (!finding) throw new Error(`no claim ${id}`);
  return finding;
}

/** Effect to ten digits and verdict. */
const outcome = (id: string, records: readonly CellRecord[]): [number | null, string] => {
  const { effect, verdict } = findingIn(id, records);
  return [effect === null ? null : Number(effect.toFixed(10)), verdict];
};

describe('a finding', () => {
  const fo = runs({ optimizer: 'fo-sgd' }, 90, 92, 94);

  test('is held or not held where the whole interval is on one side of the threshold, and not decided where it covers it', () => {
    expect(outcome('zo-competitive', [...fo, ...runs({ optimizer: 'zo-sgd' }, 88, 90.1, 91.9)])).toEqual([-2, 'held']);
    expect(outcome('zo-competitive', [...fo, ...runs({ optimizer: 'zo-sgd' }, 70, 72.1, 73.9)])).toEqual([-20, 'not held']);
    expect(outcome('zo-competitive', [...fo, ...runs({ optimizer: 'zo-sgd' }, 90, 82, 89)])).toEqual([-5, 'not decided']);
    expect(outcome('sign-weak', [...runs({}, 80, 81), ...runs({ optimizer: 'zo-sgd-sign' }, 60, 61.1)])[1]).toBe('held');
    expect(outcome('sign-weak', [...runs({}, 60, 61), ...runs({ optimizer: 'zo-sgd-sign' }, 80, 81.1)])[1]).toBe('not held');
  });

  test("has Student's interval, by hand, of differences paired by seed", () => {
    // Twelve differences -1, 1, -1, ...: mean 0, s = sqrt(12 / 11), t(11) = 2.201, half width 2.201 · 1.0445 / sqrt(12) = 0.664.
    const zo = Array.from({ length: 12 }, (_, index) => 80 + 2 * (index % 5) + (index % 2 === 0 ? -1 : 1));
    const baseline = Array.from({ length: 12 }, (_, index) => 80 + 2 * (index % 5));
    const { interval } = findingIn('zo-competitive', [...runs({}, ...zo), ...runs({ optimizer: 'fo-sgd' }, ...baseline)]);
    // The bootstrap's own error, and steps of 1/6 between sums of so even differences.
    for (const end of [-(interval?.[0] ?? NaN), interval?.[1] ?? NaN]) expect(Math.abs(end - 0.664)).toBeLessThan(0.15);
  });

  test('is not decided without records, or without repeats', () => {
    expect(findingIn('zo-competitive', fo)).toMatchObject({
      effect: null,
      interval: null,
      verdict: 'not decided',
      basis: 'no records for it in this run',
    });
    const once = findingIn('zo-competitive', [...runs({}, 80), ...runs({ optimizer: 'fo-sgd' }, 90)]);
    expect(once).toMatchObject({ interval: null, verdict: 'not decided' });
    expect(once.effect).toBeCloseTo(-10, 10);
  });

  test('weighs places alike, whatever their number of seeds, and says how many runs are left out', () => {
    const other = { scheme: 'lora' };
    const records = [
      ...fo,
      ...runs({}, 88, 90, 92),
      ...runs({ optimizer: 'fo-sgd', ...other }, 90, 90),
      ...runs(other, 80, 80),
      endedRecord({ ...other, seed: 3 }),
    ];
    const finding = findingIn('zo-competitive', records);
    expect(finding.effect).toBeCloseTo((-2 - 10) / 2, 10);
    expect(finding.basis).toBe('5 pairs by seed in 2 contrasts; left out because they did not complete: 1');
  });

  test('rests on the same seeds only, however the records are ordered', () => {
    const zo = [completedRecord({ seed: 3 }, { testAccuracy: 0.93 }), completedRecord({ seed: 2 }, { testAccuracy: 0.91 })];
    expect(findingIn('zo-competitive', [...zo, ...fo]).effect).toBeCloseTo(-1, 10);
  });
});

describe('the claims', () => {
  const both = (settings: Partial<CellSettings>, zo: number[], fo: number[]): CellRecord[] => [
    ...runs({ optimizer: 'zo-sgd', ...settings }, ...zo),
    ...runs({ optimizer: 'fo-sgd', ...settings }, ...fo),
  ];

  test('of variance compare deviations over seeds, place by place', () => {
    // Deviations 4 and 1, then 6 and 1: differences 3 and 5, s = sqrt(2), t(1) = 12.7: far too few to tell.
    const two = [...both({}, [80, 84, 88], [90, 91, 92]), ...both({ scheme: 'lora' }, [80, 86, 92], [90, 91, 92])];
    expect(outcome('zo-variance', two)).toEqual([4, 'not decided']);
    const three = [
      ...two,
      ...both({ scheme: 'prefix' }, [80, 84.5, 89], [90, 91, 92]),
      ...both({ scheme: 'prompt' }, [80, 84, 88], [90, 91, 92]),
    ];
    expect(outcome('zo-variance', three)).toEqual([3.625, 'held']);
  });

  test('of queries take the largest q that both have, and none below 4', () => {
    const at = (q: number, fg: number[], zo: number[]): CellRecord[] => [
      ...runs({ optimizer: `forward-grad:q=${q}` }, ...fg),
      ...runs({ optimizer: `zo-sgd:q=${q}` }, ...zo),
    ];
    const records = [...at(4, [60, 61], [80, 81]), ...at(8, [90, 91], [80, 81]), ...runs({ optimizer: 'forward-grad:q=16' }, 10, 10)];
    expect(outcome('forward-grad-queries', records)).toEqual([10, 'held']);
    expect(outcome('forward-grad-queries', at(2, [90, 91], [80, 81]))).toEqual([null, 'not decided']);
  });

  test('of alignment compare the templates, and what they gain the two orders', () => {
    const records = [...both({}, [90, 91], [95, 96]), ...both({ template: 'plain' }, [80, 81], [94, 95])];
    expect(outcome('alignment-matters', records)).toEqual([10, 'held']);
    expect(outcome('alignment-zo-more', records)).toEqual([9, 'held']);
  });

  test('of LoRA compare the spread over zeroth-order optimizers, seed by seed', () => {
    const spread = (scheme: string, step: number): CellRecord[] =>
      ['zo-sgd', 'zo-adam', 'zo-sgd-sign'].flatMap((optimizer, index) => runs({ optimizer, scheme }, 80 + step * index, 81 + step * index));
    // Deviations of a, a + step, a + 2 step: step. Other schemes 5 and 3, LoRA 1: the mean of 4 and 2.
    const records = [...spread('lora', 1), ...spread('full', 5), ...spread('prompt', 3)];
    expect(outcome('lora-robust', records)).toEqual([3, 'held']);
    const failed = ['lora', 'full'].map((scheme) => endedRecord({ optimizer: 'zo-sgd-mmt', scheme }));
    expect(outcome('lora-robust', [...records, ...failed])).toEqual([3, 'held']);
    expect(outcome('lora-robust', [...runs({ scheme: 'lora' }, 80, 81), ...runs({}, 70, 71)])).toEqual([null, 'not decided']);
  });

  test('of harder tasks compare gaps', () => {
    const records = [
      ...both({}, [90, 91], [92, 93]),
      ...both({ task: 'copa' }, [60, 61], [70, 71]),
      ...both({ task: 'winogrande' }, [50, 51], [56, 57]),
    ];
    expect(outcome('fo-ahead-harder', records)).toEqual([6, 'held']);
  });

  test('of sparsity take all sparsities up to one half together', () => {
    const sparse = (share: number, ...percent: number[]): CellRecord[] => runs({ optimizer: `zo-sgd:sparsity=${share}` }, ...percent);
    const records = [...runs({}, 80, 81), ...sparse(0.1, 83, 84), ...sparse(0.5, 81, 82), ...sparse(0.9, 10, 10)];
    expect(outcome('sparsity-helps', records)).toEqual([2, 'held']);
  });

  test('of blocks and memory compare at every place, memory above the runtime as a ratio', () => {
    expect(outcome('block-wise-helps', [...runs({}, 80, 81), ...runs({ optimizer: 'zo-sgd-block' }, 70, 71)])).toEqual([-10, 'not held']);
    const taking = (optimizer: string, mib: number): CellRecord[] =>
      [1, 2].map((seed) => completedRecord({ optimizer, seed }, { peakBytes: (80 + mib) * 2 ** 20 }));
    const records = [...taking('zo-sgd', 100), ...taking('fo-sgd', 150), ...taking('zo-adam', 120)];
    expect(outcome('memory-fo', records)).toEqual([50, 'held']);
    expect(outcome('memory-adam', records)).toEqual([20, 'held']);
  });

  test('of memory by length rest on what was measured, not on what was predicted', () => {
    const folder = runFolder([]);
    const verdictOn = (kind: string): unknown => {
      const line = (optimizer: string, length: number, mib: number): string => `${optimizer},${length},${kind},${mib}\n`;
      const repeat = (more: number): string =>
        line('fo-sgd', 64, 100) + line('fo-sgd', 128, 150 + more) + line('zo-sgd', 64, 80) + line('zo-sgd', 128, 90);
      writeFileSync(join(folder, 'memory-by-length.csv'), `optimizer,length,kind,peakMib\n${repeat(0)}${repeat(1)}${repeat(2)}`);
      const { effect, verdict } = findingsOf(runOf([], [folder])).find(({ id }) => id === 'memory-length') ?? {};
      return [effect, verdict];
    };
    expect(verdictOn('measured')).toEqual([41, 'held']);
    expect(verdictOn('predicted')).toEqual([null, 'not decided']);
  });
});

test('the page has every claim with its definition, interval and verdict, and what the run was', () => {
  const run = runOf([...runs({}, 80, 81), ...runs({ optimizer: 'fo-sgd' }, 90, 91.2)]);
  const findings = findingsOf(run);
  const page = findingsMarkdown(findings, run);
  expect(page.match(/^## /gm)).toHaveLength(findings.length);
  for (const { definition, claim, source } of findings) expect(page).toContain(`## ${claim}\n\n${source}. ${definition}\n`);
  expect(page).toMatch(
    /\| ZO-SGD is competitive with FO-SGD on SST-2\. \| ZO-Bench, Table 2 \| −10\.1 points \| −1\d\.\d to −\d\.\d points \| above −5\.0 points \| \*\*not held\*\* \|/,
  );
  expect(page).toContain('opt-mini (bundled mini model)');
  expect(findingsForPage(findings)[0]).toEqual({
    heading: 'ZO-SGD is competitive with FO-SGD on SST-2: not held',
    isDecided: true,
    text: [expect.stringContaining('paired by seed: above −5 points.'), expect.stringContaining('(2 pairs by seed in 1 contrast).')],
  });
});
