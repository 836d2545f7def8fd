import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { CellRecord } from '../../../records/record.js';
import {
  exhibits,
  isFilled,
  markdownBody,
  renderCsv,
  renderLatex,
  renderMarkdown,
  runOf,
  type Table,
} from '../../../reports/tables/index.js';
import { familyOf } from '../../../reports/tables/families.js';
import { escapeLatex } from '../../../reports/tables/render-latex.js';
import { completedRecord, endedRecord } from '../fake-records.js';

function tableOf(id: string, records: readonly CellRecord[]): Table {
  const table = exhibits.map(({ make }) => make(runOf(records))).find((one) => one.id === id);
  if (!table) throw new Error(`no table ${id}`);
  return table;
}

/** The line of a Markdown table with these headings, without its bars. */
function lineOf(table: Table, ...labels: string[]): string[] {
  const lines = markdownBody(table)
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | '));
  return lines.find((cells) => labels.every((label, index) => cells[index] === label))?.slice(labels.length) ?? [];
}

const accuracies = (settings: Parameters<typeof completedRecord>[0], ...values: number[]): CellRecord[] =>
  values.map((testAccuracy, index) => completedRecord({ ...settings, seed: index + 1 }, { testAccuracy }));

describe('a table', () => {
  // Mean and divisor n - 1 by hand: 80, 84, 88 -> 84 ± 4; 90, 92 -> 91 ± 1.4.
  const records = [
    ...accuracies({ optimizer: 'zo-sgd' }, 0.8, 0.84, 0.88),
    ...accuracies({ optimizer: 'fo-sgd', scheme: 'lora' }, 0.9, 0.92),
    endedRecord({ optimizer: 'zo-adam', seed: 1 }),
    endedRecord({ optimizer: 'zo-adam', seed: 2 }),
    ...accuracies({ optimizer: 'forward-grad', model: 'roberta-mini', scheme: 'prompt' }, 0.5),
    endedRecord({ optimizer: 'forward-grad', model: 'roberta-mini', scheme: 'prompt', seed: 2 }, 'out-of-memory'),
  ];
  const table = tableOf('zo-bench-table-2', records);

  test('has mean and deviation over seeds in its cells, beside the published value, and nothing where nothing ran', () => {
    expect(lineOf(table, 'ZO-SGD')).toEqual([
      ...['–', '–', '–', '–'],
      ...['84.0 ± 4.0 (n=3) [90.8]<sup>b</sup>', '– [90.1]<sup>b</sup>', '– [91.4]<sup>b</sup>', '– [84.4]<sup>b</sup>'],
    ]);
    expect(lineOf(table, 'FO-SGD')[5]).toBe('91.0 ± 1.4 (n=2) [93.6]<sup>b</sup>');
    expect(lineOf(table, 'Forward-Grad').slice(3)).toEqual(['50.0 (n=1), 1 out-of-memory', '–', '–', '–', '–']);
    expect(lineOf(table, 'ZO-Adam')[4]).toBe('2 diverged [84.4]<sup>b</sup>');
    expect(lineOf(table, 'ZO-SGD-MMT')).toEqual(Array(8).fill('–'));
  });

  test('names the models that stand in for those of the paper, and says how far its numbers compare', () => {
    const page = renderMarkdown(table);
    expect(page).toContain('| opt-mini (for OPT-1.3B), FT |');
    expect(page).toContain('| roberta-mini (for RoBERTa-large), Prompt |');
    expect(page).toContain('Mini models, generated data: not comparable in level with the published numbers.');
    expect(page).toContain('<sup>a</sup> BenchmarkCards');
    expect(page).toContain('seeds 1, 2, 3; zobench 0.1.0, commit unknown.');
    const real = completedRecord({ model: 'facebook/opt-1.3b', data: '/data' }, { generatedData: false, bundled: false });
    const page13 = renderMarkdown(tableOf('zo-bench-table-2', [real]));
    expect(page13).toContain('| OPT-1.3B, FT |');
    expect(page13).not.toContain('not comparable');
  });

  test('says that nothing belongs in it where that is so', () => {
    const empty = tableOf('mezo-table-18', records);
    expect(isFilled(empty)).toBe(false);
    expect(renderMarkdown(empty)).toContain('No completed cell of this run belongs here.');
    expect(isFilled(table)).toBe(true);
  });

  test('is as a CSV of the same shape: means in full, seeds, published values and their source', () => {
    const rows: Record<string, string>[] = parse(renderCsv(table), { columns: true });
    expect(rows.map(({ Optimizer }) => Optimizer)).toEqual([
      'FO-SGD',
      'Forward-Grad',
      'ZO-SGD',
      'ZO-SGD-MMT',
      'ZO-SGD-Cons',
      'ZO-SGD-Sign',
      'ZO-Adam',
    ]);
    const name = 'opt-mini (for OPT-1.3B), FT';
    expect(rows[2]).toMatchObject({
      [name]: '84',
      [`${name} seeds`]: '3',
      [`${name} published`]: '90.8',
      [`${name} published source`]: 'relizo',
    });
    expect(Number(rows[2]?.[`${name} std`])).toBeCloseTo(4, 10);
    expect(rows[6]).toMatchObject({ [name]: '', [`${name} std`]: '', [`${name} seeds`]: '0' });
    expect(Object.keys(rows[0] ?? {})).not.toContain('opt-mini (for OPT-1.3B), FT published std');
  });

  test('is as LaTeX with booktabs, a spanned heading per model, and as many cells in every line', () => {
    const latex = renderLatex(table);
    expect(latex).toContain(
      ' & \\multicolumn{4}{c}{roberta-mini (for RoBERTa-large)} & \\multicolumn{4}{c}{opt-mini (for OPT-1.3B)} \\\\\n\\cmidrule(lr){2-5} \\cmidrule(lr){6-9}',
    );
    expect(latex).toContain('84.0 $\\pm$ 4.0 (n=3) [90.8]\\textsuperscript{b}');
    const [, body = ''] = /\\midrule\n([^]*?)\n\\bottomrule/.exec(latex) ?? [];
    expect(body.split('\n').map((line) => line.split('&').length)).toEqual(Array(7).fill(9));
    expect(latex.match(/(?<!\\)%/g)).toHaveLength(2);
  });

  test('runs over pages in LaTeX where a page would not hold its rows', () => {
    const [row] = table.rows;
    if (!row) throw new Error('the table is empty');
    const latex = renderLatex({ ...table, rows: Array<typeof row>(51).fill(row) });
    expect(latex).toMatch(/^% Needs \\usepackage\{booktabs,longtable\}\n\{\\footnotesize.*\n\\begin\{longtable\}\{lr{8}\}\n\\caption/);
    expect(latex).not.toContain('resizebox');
    const [, body = ''] = /\\endhead\n([^]*?)\n\\bottomrule/.exec(latex) ?? [];
    expect(body.split('\n').map((line) => line.split('&').length)).toEqual(Array(51).fill(9));
  });
});

test('every table has a label for each of its corners and a cell for each of its columns, with a run and without', () => {
  const records = ['opt-mini', 'roberta-mini', 'TinyStories-656K'].flatMap((model) => accuracies({ model }, 0.5, 0.6));
  for (const { make } of exhibits) {
    for (const run of [runOf(records), runOf([])]) {
      const { corner, columns, rows } = make(run);
      for (const row of rows) expect([row.labels.length, row.cells.length]).toEqual([corner.length, columns.length]);
      expect(new Set(rows.map(({ labels }) => labels.join()))).toHaveProperty('size', rows.length);
    }
  }
});

describe('the records of a cell', () => {
  const ours = (records: CellRecord[]): string | undefined => lineOf(tableOf('zo-bench-table-2', records), 'ZO-SGD')[4]?.split(' [')[0];

  test('are those of tasks asked in words and trained by cross-entropy, with exactly that optimizer', () => {
    expect(ours(accuracies({ template: 'plain' }, 0.9, 0.9))).toBe('–');
    expect(ours(accuracies({ objective: 'accuracy' }, 0.9, 0.9))).toBe('–');
    expect(ours(accuracies({ optimizer: 'zo-sgd:q=4' }, 0.9, 0.9))).toBe('–');
    expect(ours(accuracies({ task: 'rte' }, 0.9, 0.9))).toBe('–');
  });

  test('of several lengths are those with the most seeds, then the most forward passes, never the best or a mixture', () => {
    const short = accuracies({ steps: 100, learningRate: 1e-3 }, 0.9, 0.9);
    const long = accuracies({ steps: 200, learningRate: 1e-4 }, 0.7, 0.7);
    expect(ours([...short, ...long])).toBe('70.0 ± 0.0');
    expect(ours([...short, ...long.slice(1)])).toBe('90.0 ± 0.0');
  });

  test('that lie in two folders count once', () => {
    const records = accuracies({}, 0.8, 0.9);
    expect(ours([...records, ...records])).toBe('85.0 ± 7.1');
  });

  test('of one model on two sets of data stand in columns of their own', () => {
    const page = markdownBody(
      tableOf('zo-bench-table-2', [...accuracies({ data: 'bundled' }, 0.8), ...accuracies({ data: '../shared/data' }, 0.6)]),
    );
    expect(page).toContain('opt-mini, bundled (for OPT-1.3B), FT');
    expect(page).toContain('opt-mini, data (for OPT-1.3B), FT');
  });
});

test("MeZO's table shows what the untouched model scores, its variants and fine-tuning by task", () => {
  const table = tableOf('mezo-table-1', [
    completedRecord({ task: 'copa' }, { testAccuracy: 0.7, zeroShotAccuracy: 0.55 }),
    completedRecord({ task: 'copa', optimizer: 'fo-adam' }, { testAccuracy: 0.9, zeroShotAccuracy: 0.55 }),
    completedRecord({ task: 'squad', scheme: 'prefix' }, { testAccuracy: 0.3, metric: 'f1' }),
  ]);
  const model = 'opt-mini (for OPT-13B)';
  expect(lineOf(table, model, 'Zero-shot')[7]).toBe('55.0 [80.0]<sup>a</sup>');
  expect(lineOf(table, model, 'MeZO')[7]).toBe('70.0 [88.0]<sup>a</sup>');
  expect(lineOf(table, model, 'FT')[7]).toBe('90.0 [79.0]<sup>a</sup>');
  expect(lineOf(table, model, 'MeZO (prefix)')[9]).toBe('30.0 [84.2]<sup>a</sup>');
  expect(renderMarkdown(table)).toContain('Mean F1 of written answers instead of accuracy: squad.');
});

test('costs are of the whole process, of what is above the runtime, of a step and of its forward passes', () => {
  const table = tableOf('zo-bench-efficiency', [completedRecord({ optimizer: 'zo-sgd' }, { peakBytes: 200 * 2 ** 20, stepMs: 12.34 })]);
  expect(lineOf(table, 'opt-mini', 'sst2', 'ZO-SGD')).toEqual(['200', '120', '12.3', '2']);
});

test('models belong to the families that their names say', () => {
  const names = [
    'opt-mini',
    'facebook/opt-125m',
    'roberta-mini',
    'lmsys/vicuna-7b-v1.5',
    'mistral-mini',
    'Llama-2-7b-hf',
    'TinyStories-656K',
    'adopt-x',
  ];
  expect(names.map(familyOf)).toEqual(['opt', 'opt', 'roberta', 'vicuna', 'mistral', 'llama', null, null]);
});

test('no text is a command in LaTeX', () => {
  expect(escapeLatex('50 % of $5_0 & #1 {a}^b ~c \\d <e> ± – −1')).toBe(
    '50 \\% of \\$5\\_0 \\& \\#1 \\{a\\}\\textasciicircum{}b \\textasciitilde{}c \\textbackslash{}d \\textless{}e\\textgreater{} $\\pm$ -- $-$1',
  );
});
