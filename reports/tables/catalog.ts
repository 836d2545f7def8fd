import type { ChartConfiguration } from 'chart.js';
import { appearanceOf } from '../chart-style.js';
import { panelsOf } from '../panels.js';
import { accuracyChart } from '../plot-accuracy.js';
import { buildTable, type TableDefinition } from './build.js';
import { fourSchemes, zoBenchOptimizers } from './lines.js';
import { mezoMemory, mezoTime } from './papers/mezo-costs.js';
import { mezoTable1 } from './papers/mezo-table-1.js';
import { mezoTable18 } from './papers/mezo-table-18.js';
import { mezoTable3 } from './papers/mezo-table-3.js';
import { qzoTable1, qzoTable3 } from './papers/qzo.js';
import { zoBenchAlignment } from './papers/zo-bench-alignment.js';
import { zoBenchBlockWise } from './papers/zo-bench-block-wise.js';
import { zoBenchEfficiency } from './papers/zo-bench-efficiency.js';
import { harderTasks, zoBenchFigure1, zoBenchTable3 } from './papers/zo-bench-harder-tasks.js';
import { zoBenchMemoryByLength } from './papers/zo-bench-memory-length.js';
import { zoBenchHybrid, zoBenchQueries, zoBenchSparsity } from './papers/zo-bench-sweeps.js';
import { zoBenchTable2, zoBenchTable2Memory } from './papers/zo-bench-table-2.js';
import { settingsOf, type RecordedRuns } from './run.js';
import { sweepCharts } from './sweep-chart.js';
import { sweepTable, type Sweep } from './sweep.js';
import type { Table } from './table.js';

/** Charts by what their file is called. */
export type Charts = Readonly<Record<string, ChartConfiguration>>;

/** A table or a figure of a paper; a figure's table holds its numbers. */
export interface Exhibit {
  readonly make: (run: RecordedRuns) => Table;
  /** None where there is nothing to draw. */
  readonly charts?: (table: Table, run: RecordedRuns) => Charts;
}

const table = (definition: TableDefinition): Exhibit => ({ make: (run) => buildTable(definition, run) });
const figure = (sweep: Sweep): Exhibit => ({ ...table(sweepTable(sweep)), charts: (own: Table) => curves(own, sweep.doubles) });

/** In the papers' order. */
export const exhibits: readonly Exhibit[] = [
  ...[table(zoBenchTable2), table(zoBenchTable2Memory), { ...table(zoBenchFigure1), charts: dots }, table(zoBenchTable3)],
  ...[
    table(zoBenchEfficiency),
    { make: zoBenchMemoryByLength, charts: (own: Table) => curves(own) },
    figure(zoBenchQueries),
    table(zoBenchAlignment),
  ],
  ...[table(zoBenchBlockWise), figure(zoBenchHybrid), figure(zoBenchSparsity)],
  ...[table(mezoTable1), table(mezoTable3), table(mezoTable18), table(mezoMemory), table(mezoTime)],
  ...[table(qzoTable1), table(qzoTable3)],
];

function curves(own: Table, doubles = false): Charts {
  const charts = Object.values(sweepCharts(own, doubles));
  return Object.fromEntries(charts.map((chart, index) => [charts.length > 1 ? `${own.id}-${index + 1}` : own.id, chart]));
}

/** A panel for each model that stands in for OPT, and each of the two tasks. */
function dots({ id }: Table, run: RecordedRuns): Charts {
  const shown = run.groups.filter((group) => {
    const settings = settingsOf(group);
    if (!settings || group.completed.length === 0 || !zoBenchFigure1.scope(settings)) return false;
    const isOpt = run.subjects.some(({ model, data, family }) => model === group.model && data === group.data && family === 'opt');
    return isOpt && [harderTasks, fourSchemes, zoBenchOptimizers].every((lines) => lines.some(({ matches }) => matches(settings)));
  });
  const look = appearanceOf(shown);
  return Object.fromEntries(panelsOf(shown).map((panel) => [`${id}-${panel.slug}`, accuracyChart(panel, look)]));
}
