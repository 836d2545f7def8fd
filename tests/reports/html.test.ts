import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { writeReport } from '../../reports/index.js';
import { type CellRecord } from '../../records/record.js';
import { renderPage } from '../../reports/html/page.js';
import { runDataOf, type RunData } from '../../reports/html/run-data.js';
import { completedRecord, endedRecord, fakeRun, runFolder, untrainedRecord } from './fake-records.js';

const HOSTILE = `</script><img src=x onerror="alert('1')">&amp;`;

const render = (records: CellRecord[], more: object = {}): string =>
  renderPage({ name: 'run', records, problems: [], findings: [], ...more }, { script: '/*script*/', style: '/*style*/' });

const dataIn = (page: string): RunData =>
  JSON.parse(/<script type="application\/json" id="run-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as RunData;

const rowsOf = (page: string, id: string): number =>
  (new RegExp(`id="${id}".*?<tbody>(.*?)</tbody>`, 's').exec(page)?.[1]?.match(/<tr>/g) ?? []).length;

describe('the page of a run', () => {
  const run = [
    ...fakeRun({ optimizers: ['fo-adam', 'zo-sgd'], schemes: ['full', 'lora'], seeds: 3 }),
    endedRecord({ seed: 9 }, 'out-of-memory', 'the heap was full'),
  ];
  const page = render(run);

  test('has a row per group, per cell and per failure', () => {
    expect(['group-table', 'cell-table', 'failure-table'].map((id) => rowsOf(page, id))).toEqual([4, 13, 1]);
  });

  test('says what completed, what failed and why', () => {
    expect(page).toContain('<dt>Cells completed</dt><dd>12 of 13</dd>');
    expect(page).toContain('<dt>Not completed</dt><dd>1 out-of-memory</dd>');
    expect(page).toContain('the heap was full');
  });

  test('says of each cell what its model was warned of, and only where there is something', () => {
    expect(page).not.toContain('Warnings');
    const warned = render([...run, { ...endedRecord({ seed: 8 }, 'failed', 'it fell'), warnings: ['config.json: odd: 1'] }]);
    expect(warned).toMatch(/id="cell-table".*Warnings.*config\.json: odd: 1/s);
  });

  test('labels generated data and mini models, and only where there are some', () => {
    expect(page).toContain('<li>Generated data: sst2</li><li>Bundled mini model: opt-mini</li>');
    expect(render([completedRecord({}, { generatedData: false, bundled: false })])).toContain('<ul class="labels"></ul>');
    expect(render([completedRecord({ task: 'squad' }, { metric: 'f1' })])).toContain(
      '<li>Mean F1 of written answers instead of accuracy: squad</li>',
    );
  });

  test('shows means with their sample standard deviation', () => {
    const seeds = [0.8, 0.9].map((testAccuracy, seed) => completedRecord({ seed }, { testAccuracy }));
    expect(render(seeds)).toContain('>85.0 ± 7.1</td>');
  });

  test('has rows of cells without an optimizer, and says how many demonstrations they saw', () => {
    const icl = { ...untrainedRecord({ scheme: 'icl' }), demonstrations: { drawn: 32, fewest: 3, mean: 4.25 } };
    const both = render([...run, icl, untrainedRecord()]);
    expect(['group-table', 'cell-table'].map((id) => rowsOf(both, id))).toEqual([6, 15]);
    expect(both).toContain('<li>Demonstrations that the context held, on average: opt-mini sst2 icl 4.3 of 32</li>');
    expect(both).not.toMatch(/NaN|null<\/td>/);
  });

  test('loads nothing: no address outside of itself', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  test('every link inside leads somewhere, and no id comes twice', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)) expect(ids).toContain(target);
  });

  test('findings come only where there are some, and problems with record files always', () => {
    expect(page).not.toContain('id="findings"');
    const findings = [
      { heading: 'H < I', text: ['one'], isDecided: true },
      { heading: 'J', text: ['two'], isDecided: false },
      { heading: 'K', text: ['three'], isDecided: false },
    ];
    const more = render(run, { findings, problems: ['records/x.json: not JSON'] });
    expect(more).toContain('<h3>H &lt; I</h3><p>one</p><p class="note">Not decided by this run: J · K</p>');
    expect(more).toContain('<li>records/x.json: not JSON</li>');
  });

  test('a run without records has a page', () => {
    expect(render([])).toContain('<dd>0 of 0</dd>');
  });
});

test('hostile names are text everywhere', () => {
  const records = [
    completedRecord({ model: HOSTILE, task: HOSTILE, optimizer: HOSTILE, scheme: HOSTILE, data: HOSTILE }),
    endedRecord({ seed: 2, optimizer: HOSTILE }, 'failed', HOSTILE),
  ];
  const page = render(records, { name: HOSTILE, problems: [HOSTILE], findings: [{ heading: HOSTILE, text: [HOSTILE] }] });
  expect(page).not.toContain('<img');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toMatch(/onerror="/);
  expect(dataIn(page).records.map(({ settings }) => settings.optimizer)).toEqual([HOSTILE, HOSTILE]);
});

describe('curves', () => {
  test('a long one is thinned and keeps its ends', () => {
    const { forwards, loss } = Object.values(runDataOf([completedRecord({ steps: 10_000 })]).curves)[0] ?? { forwards: [], loss: [] };
    expect(forwards.length).toBeLessThanOrEqual(201);
    expect(loss).toHaveLength(forwards.length);
    expect([forwards[0], forwards.at(-1)]).toEqual([2, 20_000]);
  });

  test('a short one is as the moving average over a tenth of its steps', () => {
    const record = completedRecord({ steps: 40 }, { loss: (step) => 2 ** -step });
    const { curve, cell } = record;
    const neighbours = curve.slice(8, 13).map(({ loss }) => loss);
    const expected = neighbours.reduce((sum, loss) => sum + loss, 0) / 5;
    expect(runDataOf([record]).curves[cell]?.loss[10]).toBeCloseTo(expected, 6);
  });

  test('264 cells of 1,000 steps stay under 5 MB', () => {
    const optimizers = Array.from({ length: 44 }, (_, index) => `zo-${index}`);
    const cells = fakeRun({ optimizers, schemes: ['full', 'lora'], seeds: 3 }).map((record) => ({
      ...record,
      curve: Array.from({ length: 1000 }, (_, step) => ({ step: step + 1, forwards: 2 * step + 2, loss: Math.abs(Math.sin(step)) })),
    }));
    expect(cells).toHaveLength(264);
    expect(Buffer.byteLength(render(cells))).toBeLessThan(4_500_000);
  });
});

test('writeReport leaves the page, with script and style in it, beside the tables', async () => {
  const folder = runFolder([completedRecord()]);
  await writeReport(folder);
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page).not.toMatch(/Zod(Error|Type)/); // the records' schemas are for reading files: they would be two thirds of the script
  expect(page).toMatch(/<p class="note">Not decided by this run: [^<]+<\/p>/);
  expect(page.length).toBeGreaterThan(150_000);
  expect(page.match(/<\/script>/g)).toHaveLength(2);
});
