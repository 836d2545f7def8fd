import { fixed } from '../../engine/quantities.js';
import { ABSENT } from '../format.js';
import { captionOf } from '../tables/caption.js';
import type { RecordedRuns } from '../tables/index.js';
import type { ClaimFinding, Verdict } from './finding.js';

/** The findings as a page: the verdicts at a glance, then each claim with its definition. */
export function findingsMarkdown(findings: readonly ClaimFinding[], run: RecordedRuns): string {
  const records = run.groups.flatMap(({ completed }) => completed);
  return [
    '# Findings',
    '',
    "What ZO-Bench claims, and what this run's records say of it. Definitions and thresholds are fixed in the code, the same for every run. A claim holds, or does not, where the whole 95 % interval lies on one side of the threshold; it is not decided where records are missing or the interval covers the threshold. Intervals are bootstrapped (fixed seed, widened as Student's t for few draws) over the seeds, paired, or over what the definition names; models, tasks and test items are taken as they are, and nothing is corrected for the number of claims.",
    '',
    ...captionOf(records).flatMap((sentence) => [sentence, '']),
    `${countsOf(findings)}.`,
    '',
    findingsTable(findings),
    '',
    ...findings.flatMap((one) => [`## ${one.claim}`, '', ...paragraphsOf(one).flatMap((text) => [text, ''])]),
  ].join('\n');
}

/** The verdicts at a glance, as Markdown. */
export function findingsTable(findings: readonly ClaimFinding[]): string {
  return [
    '| Claim | Source | Effect | 95 % interval | Holds where | Verdict |',
    '| --- | --- | ---: | ---: | --- | --- |',
    ...findings.map(
      (one) => `| ${[one.claim, one.source, effectText(one), intervalText(one), conditionText(one), `**${one.verdict}**`].join(' | ')} |`,
    ),
  ].join('\n');
}

/** A finding in sentences. */
export function paragraphsOf(finding: ClaimFinding): string[] {
  const { definition, source, verdict, basis, effect } = finding;
  const measured = effect === null ? '' : `: effect ${effectText(finding)}, 95 % interval ${intervalText(finding)}`;
  return [`${source}. ${definition}`, `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}${measured} (${basis}).`];
}

const VERDICTS: readonly Verdict[] = ['held', 'not held', 'not decided'];

const countsOf = (findings: readonly ClaimFinding[]): string =>
  VERDICTS.map((verdict) => `${findings.filter((one) => one.verdict === verdict).length} ${verdict}`).join(', ');

const effectText = ({ effect, unit }: ClaimFinding): string => (effect === null ? ABSENT : `${signed(effect)} ${unit}`);

const intervalText = ({ interval, unit }: ClaimFinding): string =>
  interval === null ? ABSENT : `${signed(interval[0])} to ${signed(interval[1])} ${unit}`;

const conditionText = ({ side, threshold, unit }: ClaimFinding): string =>
  `${side} ${threshold === 0 ? '0' : `${signed(threshold)} ${unit}`}`;

/** With one decimal and a true minus. */
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${fixed(Math.abs(value), 1)}`;
