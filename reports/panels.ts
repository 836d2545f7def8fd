import type { CompletedRecord } from '../records/record.js';
import type { Spread } from './error-bars.js';
import { partition, type Group } from './groups.js';
import { mean, sampleStd } from '../statistics/moments.js';
import { countStates } from './summary.js';
import { unique } from './chart-style.js';

/** What one plot shows: the groups of one model on one task. */
export interface Panel {
  /** For titles, such as `opt-mini on sst2`. */
  label: string;
  /** For file names. */
  slug: string;
  groups: [Group, ...Group[]];
}

/** Splits a run into panels; names the data only where a run used several sources. */
export function panelsOf(groups: readonly Group[]): Panel[] {
  const namesData = unique(groups.map(({ data }) => data)).length > 1;
  return partition(groups, ({ model, task, data }) => JSON.stringify([model, task, data])).map((members) => {
    const { model, task, data } = members[0];
    const label = `${shortName(model)} on ${task}` + (namesData ? `, ${data} data` : '');
    return { label, slug: slugOf([model, task, ...(namesData ? [data] : [])].join(' ')), groups: members };
  });
}

/** What of the panel is trained, in parts whose losses are of one objective; their names tell them apart already. */
export function byObjective(panel: Panel): Panel[] {
  const parts = partition(
    panel.groups.filter(({ trained }) => trained),
    ({ objective }) => objective,
  );
  return parts.map((groups) => ({ ...panel, slug: parts.length > 1 ? `${panel.slug}-${groups[0].objective}` : panel.slug, groups }));
}

/** The panel itself, or where it has more groups than can be named in one plot, one of each scheme. */
export function bySchemeIfMany(panel: Panel): Panel[] {
  if (panel.groups.length <= MOST_NAMED) return [panel];
  return partition(panel.groups, ({ scheme }) => scheme).map((groups) => {
    const { scheme } = groups[0];
    return { label: `${panel.label}, ${scheme}`, slug: slugOf(`${panel.slug} ${scheme}`), groups };
  });
}

const MOST_NAMED = 32;

/** The end of a path or address, which is what tells it from others. */
export function shortName(text: string): string {
  return text.split('/').slice(-2).join('/');
}

/** Model names may be paths or hub names. */
function slugOf(text: string): string {
  return text.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
}

/** Subtitle lines of a panel: what is drawn, on which data and checkpoint, and what is missing from it. */
export function subtitleOf({ groups }: Panel, drawn: string): string[] {
  const records = groups.flatMap(({ completed }) => completed);
  const missing = Object.entries(countStates(groups.flatMap(({ ended }) => ended))).map(([state, count]) => `${count} ${state}`);
  return [drawn, [...provenance(records), ...(missing.length > 0 ? [`not shown: ${missing.join(', ')}`] : [])].join('  ·  ')];
}

/** Where the data and the checkpoints of some records are from. */
export function provenance(records: readonly CompletedRecord[]): string[] {
  const data = records.map(({ generatedData, dataSource }) => (generatedData ? 'generated data' : `data: ${shortName(dataSource)}`));
  const models = records.map(({ checkpoint }) =>
    checkpoint.bundled ? 'bundled mini model' : `checkpoint: ${shortName(checkpoint.source)}`,
  );
  return [unique(data).join(', '), unique(models).join(', ')];
}

/** How many seeds the groups rest on, such as `mean over 3 seeds`. */
export function seedsText(groups: readonly Group[]): string {
  const counts = groups.map(({ completed }) => completed.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) return 'one seed';
  return `mean over ${least === most ? most : `${least} to ${most}`} seeds`;
}

/** The same where whiskers are drawn, which takes several seeds. */
export function spreadText(groups: readonly Group[]): string {
  const hasSpread = groups.some(({ completed }) => completed.length > 1);
  return seedsText(groups) + (hasSpread ? ', whisker: ± 1 sample std' : '');
}

/** Test accuracies of a group in percent; null where no seed completed. */
export function scoreSpread({ completed }: Group): Spread | null {
  const seeds = completed.map(({ final }) => 100 * final.test.score);
  return seeds.length > 0 ? { mean: mean(seeds), std: sampleStd(seeds), seeds } : null;
}

/** What the scores of some groups are: of one task, so of one metric. */
export const metricText = (groups: readonly Group[]): string =>
  groups.some(({ completed }) => completed.some(({ metric }) => metric === 'f1')) ? 'F1' : 'accuracy';
