import type { CellRecord } from '../../records/record.js';
import { summarise, type SummaryRow } from '../summary.js';
import { cellColumns, groupColumns } from './columns.js';
import { jsonContent, Markup, markup } from './markup.js';
import { runDataOf } from './run-data.js';
import { environment, failures, findingsSection, labelsOf, overview, type Finding, type Section } from './sections.js';
import { dataTable } from './table.js';

export interface PageInput {
  /** What the run is called. */
  name: string;
  /** In report order. */
  records: readonly CellRecord[];
  /** One line per record file that could not be used. */
  problems: readonly string[];
  findings: readonly Finding[];
  /** Where the run is one. */
  comparison?: Section;
}

/** What `npm run build:page` made of `client/`. */
export interface Assets {
  script: string;
  style: string;
}

/** Nothing may be loaded, from anywhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** The whole page of a run, as one HTML text that needs no other file. */
export function renderPage(input: PageInput, { script, style }: Assets): string {
  const { name, records } = input;
  const sections = sectionsOf(input);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} – zobench report</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<p class="suite">zobench report</p>
<h1>${name}</h1>
<ul class="labels">${labelsOf(records).map((label) => markup`<li>${label}</li>`)}</ul>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
${sections.map(({ id, title, body }) => markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>\n`)}
</main>
<script type="application/json" id="run-data">${jsonContent(runDataOf(records))}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}

function sectionsOf({ records, problems, findings, comparison }: PageInput): Section[] {
  return [
    overview(records),
    ...(comparison ? [comparison] : []),
    { id: 'groups', title: 'Results', body: groupTable(records) },
    {
      id: 'plots',
      title: 'Plots',
      body: markup`<noscript><p>The plots are drawn by a script; the folder plots has them as images.</p></noscript>`,
    },
    {
      id: 'cells',
      title: 'Cells',
      body: dataTable({ id: 'cell-table', caption: 'A row per cell', columns: cellColumns(records), rows: records }),
    },
    ...(findings.length > 0 ? [findingsSection(findings)] : []),
    failures(records, problems),
    environment(records),
  ];
}

function groupTable(records: readonly CellRecord[]): Markup {
  const rows = bestFirst(summarise(records));
  const caption = 'Best first for each model and task; means over the seeds, ± their sample standard deviation';
  const note =
    'Where several learning rates or epsilons were tried, the row shows the one that did best on dev. Peak memory is the largest over the seeds.';
  return markup`${dataTable({ id: 'group-table', caption, columns: groupColumns(rows), rows })}<p class="note">${note}</p>`;
}

/** By model and task, in report order; then by score. */
function bestFirst(rows: readonly SummaryRow[]): SummaryRow[] {
  const places = [...new Set(rows.map(placeOf))];
  const score = ({ measured }: SummaryRow): number => measured?.testScoreMean ?? -1;
  return rows.toSorted((a, b) => places.indexOf(placeOf(a)) - places.indexOf(placeOf(b)) || score(b) - score(a));
}

const placeOf = ({ model, task, data }: SummaryRow): string => JSON.stringify([model, task, data]);
