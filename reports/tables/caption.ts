import { unique } from '../chart-style.js';
import { grouped } from '../../engine/quantities.js';
import { shortName } from '../panels.js';
import type { CompletedRecord } from '../../records/record.js';

/** What a table's cells rest on, a sentence each: the run, and how far its numbers compare with a paper's. */
export function captionOf(records: readonly CompletedRecord[]): string[] {
  if (records.length === 0) return ['No completed cell of this run belongs here.'];
  return [runText(records), ...writtenText(records), ...levelText(records)];
}

function runText(records: readonly CompletedRecord[]): string {
  const facts = [
    unique(records.map(modelText)).join(', '),
    unique(records.map(dataText)).join(', '),
    `${rangeText(records.map(({ settings }) => settings.steps))} steps, ${rangeText(records.map(({ forwards }) => forwards))} forward passes`,
    `seeds ${unique(records.map(({ settings }) => String(settings.seed))).join(', ')}`,
    unique(records.map(versionText)).join(', '),
  ];
  return `This run: ${facts.join('; ')}.`;
}

const modelText = ({ settings, checkpoint }: CompletedRecord): string =>
  shortName(settings.model) + (checkpoint.bundled ? ' (bundled mini model)' : '');

const dataText = ({ settings, generatedData, dataSource, splits }: CompletedRecord): string =>
  `${settings.task} (${generatedData ? 'generated data' : shortName(dataSource)}, ${grouped(splits.train)} train and ${grouped(splits.test)} test items)`;

const versionText = ({ versions }: CompletedRecord): string =>
  `zobench ${versions.zobench}, ${versions.commit === null ? 'commit unknown' : `commit ${shortCommit(versions.commit)}`}`;

/** A commit's first digits, and whether files were changed. */
const shortCommit = (commit: string): string => commit.replace(/^([0-9a-f]{10})[0-9a-f]*/, '$1');

function rangeText(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
}

function writtenText(records: readonly CompletedRecord[]): string[] {
  const written = unique(records.filter(({ metric }) => metric === 'f1').map(({ settings }) => settings.task));
  return written.length > 0 ? [`Mean F1 of written answers instead of accuracy: ${written.join(', ')}.`] : [];
}

function levelText(records: readonly CompletedRecord[]): string[] {
  const reasons = [
    ...(records.some(({ checkpoint }) => checkpoint.bundled) ? ['mini models'] : []),
    ...(records.some(({ generatedData }) => generatedData) ? ['generated data'] : []),
  ].join(', ');
  if (reasons === '') return [];
  return [`${reasons.charAt(0).toUpperCase()}${reasons.slice(1)}: not comparable in level with the published numbers.`];
}
