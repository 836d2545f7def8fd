import { readFileSync } from 'node:fs';
import type { CopaItem } from '../../scripts/corpus/copa.js';
import { normalise } from '../../scripts/corpus/partition.js';
import type { SquadFile } from '../../scripts/corpus/squad.js';
import type { WinoGrandeItem } from '../../scripts/corpus/winogrande.js';

const read = (path: string): string => readFileSync(`tasks/bundled/${path}`, 'utf8');
const lines = (path: string): unknown[] =>
  read(path)
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

/** The committed files: what dev and train sets are drawn from, and the test sets. */
export const copa = {
  train: lines('COPA/train.jsonl') as CopaItem[],
  test: lines('COPA/val.jsonl') as CopaItem[],
};
export const winogrande = {
  train: lines('WinoGrande/train_m.jsonl') as WinoGrandeItem[],
  test: lines('WinoGrande/dev.jsonl') as WinoGrandeItem[],
};
export const squad = {
  train: JSON.parse(read('SQuAD/train-v1.1.json')) as SquadFile,
  test: JSON.parse(read('SQuAD/dev-v1.1.json')) as SquadFile,
};

export const paragraphsOf = ({ data }: SquadFile) => data.flatMap(({ paragraphs }) => paragraphs);

export const otherChoice = (item: CopaItem): string => (item.label === 0 ? item.choice2 : item.choice1);
export const rightChoice = (item: CopaItem): string => (item.label === 0 ? item.choice1 : item.choice2);
export const rightOption = (item: WinoGrandeItem): string => (item.answer === '1' ? item.option1 : item.option2);

/** One spelling for the corpus ("word .") and the items ("word."). */
export const spelled = (sentence: string): string => normalise(sentence).replace(/ \.$/, '.');
/** The sentences of a text, each with its full stop. */
export const sentencesIn = (text: string): string[] => (text.match(/[^.]+\./g) ?? []).map(spelled);

/**
 * Share of the test items that naive Bayes (add-one smoothing) gets right when it sees a set of features for each candidate and was
 * trained on the right and the wrong candidates of the training items.
 */
export function naiveBayes(train: readonly Candidates[], test: readonly Candidates[]): number {
  const [right, wrong] = [countsOf(train.map((item) => item.right)), countsOf(train.map((item) => item.wrong))];
  const score = (features: readonly string[]): number =>
    features.reduce((sum, feature) => sum + Math.log((right.get(feature) ?? 0) + 1) - Math.log((wrong.get(feature) ?? 0) + 1), 0);
  const points = test.map((item) => (Math.sign(score(item.right) - score(item.wrong)) + 1) / 2); // a tie is half right
  return points.reduce((sum, point) => sum + point, 0) / test.length;
}

export interface Candidates {
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}

function countsOf(all: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const feature of all.flat()) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  return counts;
}
