import { bytesText, duration, grouped } from '../../engine/quantities.js';
import { countsText, demonstrationsText } from '../format.js';
import { partition } from '../groups.js';
import { unique } from '../chart-style.js';
import { shortName } from '../panels.js';
import type { CellRecord } from '../../records/record.js';
import { countStates, summarise } from '../summary.js';
import { FAILURE_COLUMNS } from './columns.js';
import { markup, type Markup } from './markup.js';
import { dataTable } from './table.js';

/** Something that was found out about a run, for its page. */
export interface Finding {
  heading: string;
  /** A paragraph each. */
  text: string[];
  /** Whether the run has enough to say so. */
  isDecided: boolean;
}

export interface Section {
  id: string;
  title: string;
  body: Markup;
}

/** What the run's results rest on, as far as it limits what they say. */
export function labelsOf(records: readonly CellRecord[]): string[] {
  const completed = records.filter((record) => record.state === 'completed');
  const generated = unique(completed.filter(({ generatedData }) => generatedData).map(({ settings }) => settings.task));
  const minis = unique(completed.filter(({ checkpoint }) => checkpoint.bundled).map(({ settings }) => settings.model));
  const written = unique(completed.filter(({ metric }) => metric === 'f1').map(({ settings }) => settings.task));
  const cut = demonstrationsText(summarise(records));
  return [
    ...(generated.length > 0 ? [`Generated data: ${generated.join(', ')}`] : []),
    ...(minis.length > 0 ? [`Bundled mini model: ${minis.join(', ')}`] : []),
    ...(written.length > 0 ? [`Mean F1 of written answers instead of accuracy: ${written.join(', ')}`] : []),
    ...(cut ? [`Demonstrations that the context held, on average: ${cut}`] : []),
  ];
}

/** What was run, and how much of it completed. */
export function overview(records: readonly CellRecord[]): Section {
  const ended = records.filter((record) => record.state !== 'completed');
  const settings = records.map((record) => record.settings);
  const started = records.map(({ startedAt }) => startedAt).sort();
  const facts: [string, string][] = [
    ['Cells completed', `${records.length - ended.length} of ${records.length}`],
    ['Not completed', countsText(countStates(ended)) || 'none'],
    ['Models', list(settings.map(({ model }) => shortName(model)))],
    ['Tasks', list(settings.map(({ task }) => task))],
    ['Data', list(settings.map(({ data }) => shortName(data)))],
    ['Schemes', list(settings.map(({ scheme }) => scheme))],
    [`Optimizers (${unique(settings.map(({ optimizer }) => optimizer)).length})`, list(settings.map(({ optimizer }) => optimizer))],
    ['Seeds', list(settings.map(({ seed }) => String(seed)))],
    ['Steps per cell', rangeText(settings.map(({ steps }) => steps))],
    ['First cell started', started[0]?.replace(/T(.{5}).*/, ' $1 UTC') ?? 'none'],
    ['Time of all cells', duration(records.reduce((sum, { seconds }) => sum + seconds, 0))],
  ];
  return { id: 'overview', title: 'Overview', body: definitions(facts) };
}

/** What was decided, each with its figures; the rest in one line. */
export function findingsSection(findings: readonly Finding[]): Section {
  const [decided, open] = [true, false].map((isDecided) => findings.filter((finding) => finding.isDecided === isDecided));
  const body = decided?.map(({ heading, text }) => markup`<h3>${heading}</h3>${text.map((line) => markup`<p>${line}</p>`)}`) ?? [];
  const names = open?.map(({ heading }) => heading).join(' · ') ?? '';
  const rest = names === '' ? '' : markup`<p class="note">Not decided by this run: ${names}</p>`;
  return { id: 'findings', title: 'Findings', body: markup`${body}${rest}` };
}

/** @param problems One line per record file that could not be used. */
export function failures(records: readonly CellRecord[], problems: readonly string[]): Section {
  const rows = records.filter((record) => record.state !== 'completed');
  const table = dataTable({ id: 'failure-table', caption: 'Cells that did not complete', columns: FAILURE_COLUMNS, rows });
  const files = markup`<h3>Record files that could not be used</h3><ul>${problems.map((problem) => markup`<li>${problem}</li>`)}</ul>`;
  const body = markup`${rows.length > 0 ? table : markup`<p>Every cell completed.</p>`}${problems.length > 0 ? files : ''}`;
  return { id: 'failures', title: 'Failures', body };
}

/** The machines and versions that the cells ran with, each once. */
export function environment(records: readonly CellRecord[]): Section {
  const kinds = partition(records, ({ machine, versions }) => JSON.stringify([machine, versions]));
  const body = kinds.map(([{ machine, versions }, ...others]) =>
    definitions([
      ['Processor', `${machine.cpu}, ${machine.cores} cores`],
      ['Memory', bytesText(machine.memoryBytes)],
      ['Platform', machine.platform],
      ['zobench', versions.zobench],
      ['Commit', versions.commit ?? 'unknown'],
      ['Backend', versions.backend],
      ['Node.js', versions.node],
      ['Cells', String(others.length + 1)],
    ]),
  );
  return { id: 'environment', title: 'Environment', body: markup`${body}` };
}

function definitions(facts: readonly [string, string][]): Markup {
  return markup`<dl>${facts.map(([term, text]) => markup`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`;
}

function list(texts: readonly string[]): string {
  return unique(texts).join(', ');
}

function rangeText(values: readonly number[]): string {
  if (values.length === 0) return 'none';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
}
