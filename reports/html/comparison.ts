import { percent } from '../../engine/quantities.js';
import type { Interval } from '../../statistics/index.js';
import { shortName } from '../panels.js';
import { markup, type Markup } from './markup.js';
import type { Section } from './sections.js';
import { dataTable, type Column } from './table.js';

/** A difference of test scores, candidate minus baseline, as shares. */
interface Difference {
  readonly mean: number;
  readonly interval: Interval | null;
}

/** What the page says of a comparison: `compare/` has it. */
export interface ComparedOnPage {
  /** The answer to each comparison, and what it rests on. */
  readonly verdicts: readonly { readonly answer: string; readonly basis: string }[];
  /** What it must be read with. */
  readonly conditions: readonly string[];
  readonly cells: readonly {
    readonly candidate: string;
    readonly baseline: string;
    readonly model: string;
    readonly task: string;
    readonly scheme: string;
    readonly pairs: number;
    readonly difference: Difference;
    readonly outcome: string;
  }[];
  /** The plot. */
  readonly svg: string;
}

type Cell = ComparedOnPage['cells'][number];

const points = (share: number): string => percent(share).replace('-', '−');

const CELLS: readonly Column<Cell>[] = [
  { title: 'Candidate', value: ({ candidate }) => candidate, shown: ({ candidate }) => shortName(candidate), isFilter: true },
  {
    title: 'Difference (points)',
    value: ({ difference }) => sortedBy(difference.mean),
    shown: ({ difference }) => points(difference.mean),
  },
  { title: 'Baseline', value: ({ baseline }) => baseline, shown: ({ baseline }) => shortName(baseline), isFilter: true },
  { title: 'Model', value: ({ model }) => model, shown: ({ model }) => shortName(model), isFilter: true },
  { title: 'Task', value: ({ task }) => task, isFilter: true },
  { title: 'Scheme', value: ({ scheme }) => scheme, isFilter: true },
  {
    title: '95 % interval',
    value: ({ difference }) => difference.interval?.[0] ?? null,
    shown: ({ difference }) => difference.interval?.map(points).join(' to ') ?? '',
  },
  { title: 'Pairs', value: ({ pairs }) => pairs },
  { title: 'Outcome', value: ({ outcome }) => outcome, isFilter: true },
];

const sortedBy = (share: number): number | null => (Number.isNaN(share) ? null : 100 * share);

export function comparisonSection({ verdicts, conditions, cells, svg }: ComparedOnPage): Section {
  const image = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const body: Markup = markup`
${verdicts.map(({ answer, basis }) => markup`<p><strong>${answer}</strong> ${basis}</p>`)}
<ul>${conditions.map((line) => markup`<li>${line}</li>`)}</ul>
<figure><img class="drawn" src="${image}" alt="Differences with their intervals, as the table below has them"></figure>
${dataTable({ id: 'comparison-table', caption: 'A row per comparison and cell: candidate minus baseline', columns: CELLS, rows: cells })}
<p class="note">compare.md has the method, costs and budgets.</p>`;
  return { id: 'comparison', title: 'Comparison', body };
}
