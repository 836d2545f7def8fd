import { DivergedError, float32Of, type Tensors } from '../engine/index.js';
import type { CellSettings } from '../records/index.js';
import { exactMatch, tokenF1, type Batch } from '../tasks/index.js';

/** Which candidate of an example scores highest, and which is right: the chosen one where several are and it is among them. */
export interface Choice {
  readonly chosen: number;
  readonly answer: number;
}

/** Takes in what a model puts out on batches that are judged as one, and gives their loss. */
export interface Tally {
  add(made: Tensors, batch: Batch): void;
  loss(): number;
}

/** What training minimises, as a sum over the batches of a step. */
export const tallies: Readonly<Record<CellSettings['objective'], () => Tally>> = {
  'cross-entropy': () => {
    const mean = new WeightedMean();
    return { add: (made, { count }) => mean.add(scalarOf(made, 'loss'), count), loss: () => mean.value };
  },
  accuracy: () => choiceTally((choices) => -accuracy(choices)),
  f1: () => choiceTally((choices) => -macroF1(choices)),
};

/** The mean of values that count as often as their weights say; of a single value, that value to the last bit. */
export class WeightedMean {
  #sum = 0;
  #weights = 0;

  add(value: number, weight: number): void {
    this.#sum += weight * value;
    this.#weights += weight;
  }

  get value(): number {
    return this.#sum / this.#weights;
  }
}

function choiceTally(lossOf: (choices: readonly Choice[]) => number): Tally {
  const choices: Choice[] = [];
  return { add: (made, batch) => void choices.push(...choicesOf(made, batch)), loss: () => lossOf(choices) };
}

/** What an answer that the model wrote is worth, from 0 to 1: the F1 of its words, or whether it is one of the right ones. */
export const judgeAnswer = (metric: CellSettings['objective'], answer: string, golds: readonly string[]): number =>
  metric === 'f1' ? tokenF1(answer, golds) : Number(exactMatch(answer, golds));

/** Share of the examples whose right candidate is chosen. */
export function accuracy(choices: readonly Choice[]): number {
  return choices.filter(({ chosen, answer }) => chosen === answer).length / choices.length;
}

/** F1 = 2 hits / (times chosen + times right) of each candidate's number as a label, averaged over those that are chosen or right somewhere. */
export function macroF1(choices: readonly Choice[]): number {
  const labels = [...new Set(choices.flatMap(({ chosen, answer }) => [chosen, answer]))];
  const count = (is: (choice: Choice) => boolean): number => choices.filter(is).length;
  const scores = labels.map((label) => {
    const hits = count(({ chosen, answer }) => chosen === label && answer === label);
    return (2 * hits) / (count(({ chosen }) => chosen === label) + count(({ answer }) => answer === label));
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** The choices in the `scores` [examples, candidates] of a batch. Throws DivergedError where they are not numbers. */
export function choicesOf(made: Tensors, { right = [] }: Pick<Batch, 'right'>): Choice[] {
  const scores = float32Of(made, 'scores');
  if (!scores.every(Number.isFinite)) throw new DivergedError('the scores are not numbers');
  const [, candidates = 0] = made.scores?.dims ?? [];
  return right.map((own, example) => {
    const chosen = argmax(scores.subarray(example * candidates, (example + 1) * candidates));
    return { chosen, answer: own.includes(chosen) ? chosen : (own[0] ?? NaN) };
  });
}

/** A scalar output. Throws DivergedError where it is not a number. */
export function scalarOf(made: Tensors, name: string): number {
  const value = float32Of(made, name)[0] ?? NaN;
  if (!Number.isFinite(value)) throw new DivergedError(`the ${name} is ${value}`);
  return value;
}

/** The first of the largest. */
function argmax(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}
