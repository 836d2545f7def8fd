import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { CellRecord } from '../../records/record.js';
import { FONT_FAMILY } from '../../reports/chart-render.js';
import { appearanceOf } from '../../reports/chart-style.js';
import { groupRecords } from '../../reports/groups.js';
import { byObjective, bySchemeIfMany, panelsOf, type Panel } from '../../reports/panels.js';
import { accuracyChart } from '../../reports/plot-accuracy.js';
import { lossChart } from '../../reports/plot-loss.js';
import { memoryChart } from '../../reports/plot-memory.js';
import { writePlots } from '../../reports/plots.js';
import { completedRecord, endedRecord, fakeRun, runFolder, untrainedRecord } from './fake-records.js';

const RUN = fakeRun({ optimizers: ['adam', 'zo-sgd'], schemes: ['full', 'lora'], seeds: 3 });
const NAMES = ['accuracy-against-memory.png', 'accuracy-by-optimizer.png', 'loss-against-forwards.png'];
/** Each plot is a PNG and an SVG. */
const FILES = NAMES.flatMap((name) => [name, name.replace('.png', '.svg')]);
const MANY = Array.from({ length: 22 }, (_, index) => `zo-${index}`);
const COLOURS = ['#0072b2', '#d55e00'];

/** Number of pixels by colour, within a box given in CSS pixels (two image pixels each). */
async function coloursIn(path: string, box = { left: 0, top: 0, width: 900, height: 290 }): Promise<Map<string, number>> {
  const image = await loadImage(readFileSync(path));
  expect(image.width).toBe(1800);
  const canvas = createCanvas(2 * box.width, 2 * box.height);
  canvas.getContext('2d').drawImage(image, -2 * box.left, -2 * box.top);
  const pixels = canvas.data();
  const counts = new Map<number, number>();
  for (let offset = 0; offset < pixels.length; offset += 4) {
    const colour = pixels.readUIntBE(offset, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return new Map([...counts].map(([colour, count]) => [`#${colour.toString(16).padStart(6, '0')}`, count]));
}

function plotted(records: CellRecord[]): string {
  const folder = runFolder([]);
  writePlots(folder, records);
  return join(folder, 'plots');
}

/** The only panel of some records, and how its optimizers and schemes look. */
function onlyPanel(records: CellRecord[]): [Panel, ReturnType<typeof appearanceOf>] {
  const groups = groupRecords(records);
  const [panel, ...others] = panelsOf(groups);
  if (panel === undefined || others.length > 0) throw new Error('the records do not make one panel');
  return [panel, appearanceOf(groups)];
}

describe('plots as images', () => {
  const plots = plotted(RUN);

  test.each(NAMES)('%s has a white ground, both schemes in their colours and many shades besides', async (name) => {
    const colours = await coloursIn(join(plots, name));
    expect(colours.get('#ffffff')).toBeGreaterThan(400_000);
    for (const colour of COLOURS) expect(colours.get(colour)).toBeGreaterThan(300);
    expect(colours.size).toBeGreaterThan(100);
  });

  test.each(NAMES)('%s bears a title and a legend', async (name) => {
    const title = await coloursIn(join(plots, name), { left: 10, top: 5, width: 450, height: 30 });
    const legend = await coloursIn(join(plots, name), { left: 60, top: 75, width: 250, height: 30 });
    // Ink of dozens of letters; a box for a missing glyph has far less.
    expect(title.get('#222222')).toBeGreaterThan(2000);
    expect(legend.size).toBeGreaterThan(30);
  });

  test('many optimizers get a higher image', async () => {
    const many = fakeRun({ optimizers: MANY, schemes: ['full'], seeds: 1 });
    const heightOf = async (folder: string, name: string): Promise<number> => (await loadImage(readFileSync(join(folder, name)))).height;
    const folder = plotted(many);
    for (const name of NAMES) expect(await heightOf(folder, name)).toBeGreaterThan(1.2 * (await heightOf(plots, name)));
  });

  test('more points than one plot can name are drawn by scheme, with the scheme in the title', () => {
    const many = fakeRun({ optimizers: MANY, schemes: ['full', 'lora'], seeds: 1 });
    const files = readdirSync(plotted(many)).filter((name) => /^accuracy-against-memory.*png$/.test(name));
    expect(files).toEqual(['full', 'lora'].map((scheme) => `accuracy-against-memory-opt-mini-sst2-${scheme}.png`));
    const [panel, look] = onlyPanel(many);
    expect(bySchemeIfMany(panel).map((part) => memoryChart(part, look).options?.plugins?.title?.text)).toEqual(
      ['full', 'lora'].map((scheme) => `Test accuracy against peak memory: opt-mini on sst2, ${scheme}`),
    );
  });

  test('texts are set in the bundled font, whose letters differ in width', () => {
    const pen = createCanvas(10, 10).getContext('2d') as unknown as { font: string; measureText(text: string): { width: number } };
    const widths = [FONT_FAMILY, 'serif'].map((family) => {
      pen.font = `20px '${family}'`;
      return pen.measureText('illness').width / pen.measureText('wwwwwww').width;
    });
    expect(widths[0]).toBeLessThan(0.7);
    expect(widths[0]).not.toBe(widths[1]);
  });

  test('whiskers are drawn for several seeds only', async () => {
    const ink = async (records: CellRecord[]): Promise<number> =>
      (await coloursIn(join(plotted(records), 'accuracy-against-memory.png'), { left: 90, top: 120, width: 780, height: 290 })).get(
        '#888888',
      ) ?? 0;
    const seeds = [0.7, 0.9].map((testAccuracy, seed) => completedRecord({ seed }, { testAccuracy }));
    expect(await ink(seeds)).toBeGreaterThan(100);
    expect(await ink(seeds.slice(1))).toBe(0);
  });
});

describe('plots as files', () => {
  test('an SVG has the size of the PNG, a white ground, the colours of both schemes, and letters as outlines', async () => {
    const folder = plotted(RUN);
    for (const name of NAMES) {
      const { width, height } = await loadImage(readFileSync(join(folder, name)));
      const svg = readFileSync(join(folder, name.replace('.png', '.svg')), 'utf8').toLowerCase();
      expect(
        svg.includes(
          `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width / 2}" height="${height / 2}">`,
        ),
      ).toBe(true);
      expect(svg.includes('<text')).toBe(false);
      for (const fill of ['fill="white"', '"#222"', ...COLOURS]) expect(svg.includes(fill)).toBe(true);
    }
  });

  test('cells without an optimizer have bars and points, and no losses', () => {
    const untrained = ['zero-shot', 'icl'].map((scheme) => untrainedRecord({ scheme }));
    expect(readdirSync(plotted([...RUN, ...untrained])).sort()).toEqual(FILES);
    expect(readdirSync(plotted(untrained)).sort()).toEqual(FILES.filter((file) => !file.startsWith('loss')));
    const [panel, look] = onlyPanel([...RUN, ...untrained]);
    expect(accuracyChart(panel, look).data.labels).toContain('none');
    const losses = byObjective(panel).flatMap((part) => lossChart(part, look).data.datasets.map(({ label }) => label));
    expect(losses.filter((label) => label?.startsWith('none'))).toEqual([]);
    expect(losses.length).toBeGreaterThan(0);
  });

  test('names carry model and task where there are several, safe for any file system', () => {
    const records = fakeRun({ models: ['facebook/opt-1.3b', '../opt mini'], optimizers: ['sgd'], schemes: ['full'], seeds: 1 });
    const expected = ['facebook-opt-1.3b-sst2', 'opt-mini-sst2'].flatMap((slug) => FILES.map((name) => name.replace('.', `-${slug}.`)));
    expect(readdirSync(plotted(records))).toEqual(expected.sort());
  });

  test('plots of an earlier report go, files of others stay', () => {
    const folder = runFolder([]);
    writePlots(folder, fakeRun({ tasks: ['rte', 'sst2'], optimizers: ['sgd'], schemes: ['full'], seeds: 1 }));
    writeFileSync(join(folder, 'plots', 'mine.png'), '');
    expect(writePlots(folder, RUN).sort()).toEqual(FILES);
    expect(readdirSync(join(folder, 'plots')).sort()).toEqual([...FILES, 'mine.png']);
  });
});

describe('plots as numbers', () => {
  const cells = [
    completedRecord({ optimizer: 'adam', seed: 1 }, { testAccuracy: 0.9, peakBytes: 300 * 2 ** 20 }),
    completedRecord({ optimizer: 'adam', seed: 2 }, { testAccuracy: 0.8, peakBytes: 400 * 2 ** 20 }),
    completedRecord(
      { scheme: 'lora', optimizer: 'zo-sgd' },
      { testAccuracy: 0.7, peakBytes: 100 * 2 ** 20, generatedData: false, bundled: false },
    ),
    endedRecord({ optimizer: 'hizoo' }, 'out-of-memory'),
  ];

  test('bars show mean test accuracy in percent, the best optimizer first, with a gap where nothing was measured', () => {
    const { data } = accuracyChart(...onlyPanel([...cells, completedRecord({ optimizer: 'best' }, { testAccuracy: 0.95 })]));
    expect(data.labels).toEqual(['best', 'adam', 'zo-sgd']);
    expect(data.datasets.map(({ label, data: bars }) => [label, bars])).toEqual([
      ['full', [95, expect.closeTo(85, 10), null]],
      ['lora', [null, null, 70]],
    ]);
  });

  test('cells of another objective stand apart, under a name that says so, and their losses in a plot of their own', () => {
    const records = [completedRecord(), completedRecord({ objective: 'accuracy', batchSize: 8 }, { testAccuracy: 0.7 })];
    expect(accuracyChart(...onlyPanel(records)).data.labels).toEqual([
      'zo-sgd, objective cross-entropy, batch 16',
      'zo-sgd, objective accuracy, batch 8',
    ]);
    const [panel, look] = onlyPanel(records);
    expect(byObjective(panel).map((part) => [part.slug, lossChart(part, look).options?.plugins?.title?.text])).toEqual([
      ['opt-mini-sst2-accuracy', 'Training loss (minus the accuracy on the batch) against forward passes: opt-mini on sst2'],
      ['opt-mini-sst2-cross-entropy', 'Training loss (nats) against forward passes: opt-mini on sst2'],
    ]);
    expect(readdirSync(plotted(records))).toEqual([
      ...FILES.slice(0, 4),
      ...['accuracy', 'cross-entropy'].flatMap((objective) =>
        ['png', 'svg'].map((type) => `loss-against-forwards-opt-mini-sst2-${objective}.${type}`),
      ),
    ]);
  });

  test('points show accuracy in percent against the largest peak in MiB', () => {
    const { data } = memoryChart(...onlyPanel(cells));
    expect(data.datasets.map(({ data: points }) => points)).toEqual([[{ x: 400, y: expect.closeTo(85, 10) }], [{ x: 100, y: 70 }]]);
  });

  test('subtitles tell generated data and mini models, and what is missing', () => {
    const [, provenance] = [accuracyChart(...onlyPanel(cells)).options?.plugins?.subtitle?.text ?? []].flat();
    expect(provenance).toBe(
      'data: generated, seed 7, generated data  ·  bundled mini model, checkpoint: bundled  ·  not shown: 1 out-of-memory',
    );
  });

  test('a scheme keeps its colour in every plot of a run', () => {
    const records = [
      completedRecord({ task: 'rte' }),
      completedRecord({ scheme: 'lora', task: 'rte' }),
      completedRecord({ scheme: 'lora' }),
    ];
    const groups = groupRecords(records);
    const colours = panelsOf(groups).map((panel) =>
      lossChart(panel, appearanceOf(groups)).data.datasets.map(({ borderColor }) => borderColor as string),
    );
    expect(colours).toEqual([['#0072B2', '#D55E00'], ['#D55E00']]);
  });

  test('loss lines are means over seeds, and smoothing leaves a straight line straight', () => {
    const line = (start: number) => ({ loss: (step: number) => start - step / 1000 });
    const { data } = lossChart(...onlyPanel([completedRecord({ seed: 1 }, line(2)), completedRecord({ seed: 2 }, line(1))]));
    const points = data.datasets[0]?.data ?? [];
    expect(points).toHaveLength(200);
    expect(points[99]).toEqual({ x: 200, y: expect.closeTo(1.4, 10) });
    // The first of 200 points averages steps 1 to 11, half of the window of 20.
    expect(points[0]).toEqual({ x: 2, y: expect.closeTo(1.494, 10) });
  });

  test('long curves are thinned, and keep their ends', () => {
    const { data } = lossChart(...onlyPanel([completedRecord({ steps: 10_000 })]));
    const points = data.datasets[0]?.data ?? [];
    expect(points.length).toBeLessThanOrEqual(401);
    expect([points[0], points.at(-1)]).toMatchObject([{ x: 2 }, { x: 20_000 }]);
  });

  test('forward passes get a logarithmic axis only where lines differ much in length', () => {
    const axis = (forwardsPerStep: number): string | undefined =>
      lossChart(...onlyPanel([completedRecord({ optimizer: 'sgd' }, { forwardsPerStep: 1 }), completedRecord({}, { forwardsPerStep })]))
        .options?.scales?.x0?.type;
    expect([axis(2), axis(64)]).toEqual(['linear', 'logarithmic']);
  });
});
