import { fixed, percent, significant } from '../../engine/quantities.js';
import type { CellRecord } from '../../records/record.js';
import { markdownCell } from '../format.js';
import { shortName, provenance } from '../panels.js';
import { unique } from '../chart-style.js';
import { type Interval, leastPValue, LEVEL, pairsNeeded } from '../../statistics/index.js';
import type { SeedScores, CellComparison, Comparison } from './comparison.js';
import { BUDGET_SHARES } from './costs.js';
import { taskText } from './pairs.js';
import { rateOf, type ChosenRate } from './rates.js';

/** What a comparison was made with. */
export interface Conditions {
  /** As it was typed. */
  readonly command: string;
  /** Learning rates that each optimizer was given in each cell; null without a search. */
  readonly trials: number | null;
  readonly rates: readonly ChosenRate[];
  /** How the rates came to be, where that is not of this comparison's making. */
  readonly notes?: readonly string[];
}

/** The answer: a line for each comparison, what it must be read with, and the table behind it. */
export function summaryOf(comparisons: readonly Comparison[], records: readonly CellRecord[], conditions: Conditions): string {
  return [
    ...comparisons.map(verdictLine),
    '',
    ...conditionLines(comparisons, records, conditions).map((line) => `- ${line}`),
    '',
    ...overallTable(comparisons),
  ].join('\n');
}

/** What the answer must be read with: sentences, which may have words in bold. */
export const conditionLines = (
  comparisons: readonly Comparison[],
  records: readonly CellRecord[],
  conditions: Conditions,
): readonly string[] => [...tuningLines(conditions), ...failureLines(records), ...powerLines(comparisons), ...provenanceLines(records)];

/** The whole report. */
export function comparisonMarkdown(comparisons: readonly Comparison[], records: readonly CellRecord[], conditions: Conditions): string {
  const section = (title: string, lines: readonly string[]): string => `## ${title}\n\n${lines.join('\n')}\n`;
  return [
    `# Comparison\n\n\`${conditions.command}\`\n\n${summaryOf(comparisons, records, conditions)}\n`,
    section('By cell', [...cellTable(comparisons), '', '![differences](plots/compare.png)']),
    section('At equal forward passes', budgetTable(comparisons)),
    section('Time and memory', costTable(comparisons)),
    section('Learning rates', rateTable(conditions.rates, comparisons)),
    section(
      'How to read this',
      RULES.map((rule) => `- ${rule}`),
    ),
  ].join('\n');
}

const verdictLine = (comparison: Comparison): string => {
  const { answer, basis } = verdictOf(comparison);
  return `**${answer}** ${basis}${comparison.pairs === 0 ? '' : '  '}`;
};

/** The answer to a comparison in a few words, and what it rests on. */
export function verdictOf({ candidate, baseline, verdict, difference, pairs, cells, correctedPValue }: Comparison): {
  readonly answer: string;
  readonly basis: string;
} {
  const answer = `${shortName(candidate)} against ${shortName(baseline)}: ${pairs === 0 ? 'nothing to compare' : verdict}.`;
  if (pairs === 0) return { answer, basis: 'No seed completed with both.' };
  const over = `${counted(pairs, 'pair')} of runs in ${counted(cells.length, 'cell')}`;
  const found = `${signed(difference.mean)} points of test accuracy ${intervalText(difference.interval)}`;
  return { answer, basis: `${found}, ${over}; corrected p = ${pText(correctedPValue)}.` };
}

function tuningLines({ trials, rates, notes }: Conditions): readonly string[] {
  if (notes) return notes;
  if (trials === null) return [...untunedLines(rates)];
  const atEnd = rates.filter((rate) => rate.atEnd);
  return [
    `Tuned equally: each optimizer had ${counted(trials, 'learning rate')} in each cell, at the budget of the runs, on dev and seed 0, ` +
      'starting from its known rate or the one it declares.',
    ...(atEnd.length > 0
      ? [
          `In ${atEnd.length} of ${rates.length} searches the best rate is the largest or smallest tried (†): a larger --tune may find a better one.`,
        ]
      : []),
  ];
}

function untunedLines(rates: readonly ChosenRate[]): string[] {
  const declared = unique(rates.filter(({ source }) => source === 'declared').map(({ optimizer }) => optimizer));
  const known = unique(rates.filter(({ source }) => source !== 'declared').map(({ optimizer }) => optimizer));
  const list = (names: readonly string[]): string => names.map(shortName).join(', ');
  return [
    '**NOT TUNED FOR THIS COMPARISON: a difference may be one of learning rates. Give --tune N for N rates each.**',
    ...(known.length > 0 ? [`Rates from an earlier search, at another budget: ${list(known)}.`] : []),
    ...(declared.length > 0 ? [`Rates that the optimizer itself declares, tuned nowhere: ${list(declared)}.`] : []),
  ];
}

function failureLines(records: readonly CellRecord[]): string[] {
  const ended = records.filter(({ state }) => state !== 'completed');
  const by = unique(ended.map(({ settings }) => settings.optimizer)).map((optimizer) => {
    const count = ended.filter(({ settings }) => settings.optimizer === optimizer).length;
    return `${shortName(optimizer)} ${count}`;
  });
  if (ended.length === 0) return [];
  return [
    `Runs that did not complete: ${by.join(', ')}. They count as lost, but no mean and no interval has them: those flatter who failed.`,
  ];
}

/** What so few pairs can show at best. */
function powerLines(comparisons: readonly Comparison[]): string[] {
  const most = Math.max(...comparisons.map(({ ahead }) => ahead.candidate + ahead.baseline + ahead.neither));
  const least = Math.min(1, comparisons.length * leastPValue(most));
  const needed = pairsNeeded(comparisons.length);
  const corrected = comparisons.length > 1 ? `, corrected for ${comparisons.length} comparisons,` : '';
  const bound = `With ${counted(most, 'pair')} Wilcoxon's p${corrected} can never be below ${pText(least)}`;
  return [
    most < needed
      ? `${bound}: nothing can be shown to be better or worse at ${LEVEL} with fewer than ${needed} pairs (--seeds).`
      : `${bound}; ${needed} pairs are the fewest that can reach ${LEVEL}.`,
  ];
}

function provenanceLines(records: readonly CellRecord[]): string[] {
  const completed = records.filter((record) => record.state === 'completed');
  return completed.length > 0 ? [`Made with ${provenance(completed).join(', ')}.`] : [];
}

function overallTable(comparisons: readonly Comparison[]): string[] {
  return table(
    [
      'Candidate',
      'Baseline',
      'Difference (points)',
      'These cells, 95 %',
      'Cells like these, 95 %',
      'Pairs + = −',
      'Cells won, tied, lost',
      'p',
      'p, Holm',
    ],
    2,
    comparisons.map(({ candidate, baseline, difference, acrossCells, ahead, outcomes, pValue, correctedPValue }) => [
      ...[shortName(candidate), shortName(baseline), signed(difference.mean), intervalText(difference.interval), intervalText(acrossCells)],
      ...[`${ahead.candidate} ${ahead.neither} ${ahead.baseline}`, `${outcomes.win} ${outcomes.tie} ${outcomes.loss}`],
      ...[pText(pValue), pText(correctedPValue)],
    ]),
  );
}

function cellTable(comparisons: readonly Comparison[]): string[] {
  const row = ({ candidate, baseline }: Comparison, { cell, pairs, score, difference, outcome }: CellComparison): string[] => [
    ...[shortName(cell.model), taskText(cell), cell.scheme, shortName(candidate), shortName(baseline), String(pairs)],
    ...[scoreText(score.candidate), scoreText(score.baseline)],
    ...[signed(difference.mean), intervalText(difference.interval), difference.covers, outcome],
  ];
  return table(
    [
      ...['Model', 'Task', 'Scheme', 'Candidate', 'Baseline', 'Seeds', 'Candidate (%)', 'Baseline (%)'],
      ...['Difference (points)', '95 % interval', 'over', 'Outcome'],
    ],
    5,
    comparisons.flatMap((comparison) => comparison.cells.map((cell) => row(comparison, cell))),
  );
}

function budgetTable(comparisons: readonly Comparison[]): string[] {
  const rows = comparisons.map(({ candidate, baseline, costs }) => [
    ...[shortName(candidate), shortName(baseline)],
    ...costs.atBudgets.map((at) => `${percentText(at.candidate)} / ${percentText(at.baseline)}`),
  ]);
  const shares = BUDGET_SHARES.map((share) => `${100 * share} % of the passes`);
  return [
    'Dev accuracy (%), candidate / baseline: the best that each had reached when so many forward passes were spent. The parameters are chosen on dev, so',
    'it is higher than test accuracy. Backward passes are not counted.',
    '',
    ...table(['Candidate', 'Baseline', ...shares], 2, rows),
  ];
}

function costTable(comparisons: readonly Comparison[]): string[] {
  return [
    'Candidate by baseline, geometric mean over the pairs; below 1 the candidate is cheaper. Time is that of all training steps by their median, of runs',
    'that may have shared the machine; memory the peak of the whole process, runtime included.',
    '',
    ...table(
      ['Candidate', 'Baseline', 'Time', 'Memory'],
      2,
      comparisons.map(({ candidate, baseline, costs }) => [
        ...[shortName(candidate), shortName(baseline), ratio(costs.timeRatio), ratio(costs.memoryRatio)],
      ]),
    ),
  ];
}

function rateTable(rates: readonly ChosenRate[], comparisons: readonly Comparison[]): string[] {
  const cells = [...new Map(comparisons.flatMap((one) => one.cells).map(({ cell }) => [JSON.stringify(cell), cell])).values()];
  const rows = unique(rates.map(({ optimizer }) => optimizer)).map((optimizer) => [
    shortName(optimizer),
    ...cells.map((cell) => {
      const rate = rateOf(rates, cell, optimizer);
      return rate ? `${rateText(rate.learningRate)} ${rate.source}${rate.atEnd ? ' †' : ''}` : '–';
    }),
  ]);
  return table(['Optimizer', ...cells.map((cell) => `${shortName(cell.model)} ${taskText(cell)} ${cell.scheme}`)], 1, rows);
}

const RULES = [
  'A pair is candidate and baseline in one cell (model, task, template, scheme) with one seed: the same training, dev and test items, batches, starting weights and noise seeds. Test accuracy is of the parameters that did best on dev.',
  'Intervals are paired bootstrap percentile intervals, fixed seed: seeds are drawn anew within each cell, test items (where the records hold the answers) for all cells and seeds together. The part of the seeds is widened by Student\'s t, since few are too alike; the intervals err on the wide side. "Cells like these" draws the cells instead: it says something of other models and tasks only as far as these are a fair sample of them.',
  "p is Wilcoxon's signed-rank test over all pairs, two-sided and exact: equal differences share their mean rank, zeros are ranked and left out (Pratt). Holm's correction is for all comparisons of this report. Pairs of one seed share their data, so they are not quite independent: p is of these cells.",
  'Pairs + = −: the candidate got more, as many, fewer test items right. A cell is tied where its interval holds zero or there is none, and lost by who failed more seeds.',
  `Better or worse is said where the interval over these cells excludes zero and the corrected p is below ${LEVEL}.`,
];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const points = (share: number): string => percent(share).replace('-', '−');
const signed = (share: number): string => (Number.isNaN(share) ? '–' : `${share > 0 ? '+' : ''}${points(share)}`);
const percentText = (share: number): string => (Number.isNaN(share) ? '–' : points(share));
const ratio = (value: number): string => (Number.isNaN(value) ? '–' : fixed(value, 2));
const rateText = (rate: number): string => (rate < 1e-3 ? rate.toExponential() : String(rate));
const intervalText = (interval: Interval | null): string => (interval === null ? '–' : `[${points(interval[0])}, ${points(interval[1])}]`);
const pText = (pValue: number): string => (pValue < 0.001 ? '<0.001' : significant(pValue, 2));
const scoreText = ({ mean, std }: SeedScores): string => percentText(mean) + (std === null ? '' : ` ± ${percentText(std)}`);

/** A GitHub Markdown table whose first columns hold names. */
function table(header: readonly string[], names: number, rows: readonly (readonly string[])[]): string[] {
  const rule = header.map((_, column) => (column < names ? '---' : '---:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.map(markdownCell).join(' | ')} |`);
}
