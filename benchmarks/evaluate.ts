import { choiceBatch, type EncodedExample } from '../tasks/index.js';
import type { Engines } from './engines.js';
import { choicesOf } from './objectives.js';
import type { Evaluation } from '../reports/index.js';

/** Tokens a batch of the evaluation holds at most, so that its memory stays below a training step's. */
const BATCH_TOKENS = 512;

/** Share of examples whose right candidate scores highest at theta. Throws DivergedError. */
export async function evaluate(engines: Engines, examples: readonly EncodedExample[], padId: number): Promise<Evaluation> {
  return evaluationOf(await answersTo(engines, examples, padId));
}

/** Whether the right candidate scores highest, example by example; those of similar length are judged together. Throws DivergedError. */
export async function answersTo(engines: Engines, examples: readonly EncodedExample[], padId: number): Promise<boolean[]> {
  const right = new Map<EncodedExample, boolean>();
  for (const group of groups([...examples].sort((a, b) => a.trunk.length - b.trunk.length))) {
    const batch = choiceBatch(engines.model, group, padId);
    const [result] = await engines.staged.run(engines.model.stages(batch.objective), batch.tensors);
    const judged = choicesOf(result ?? {}, batch).map(({ chosen, answer }) => chosen === answer);
    group.forEach((example, index) => right.set(example, judged[index] === true));
  }
  return examples.map((example) => right.get(example) === true);
}

/** The share of right answers with its interval. */
export function evaluationOf(answers: readonly boolean[]): Evaluation {
  const correct = answers.filter(Boolean).length;
  const total = answers.length;
  return { accuracy: correct / total, correct, total, interval: wilsonInterval(correct, total) };
}

function groups(examples: readonly EncodedExample[]): EncodedExample[][] {
  const all: EncodedExample[][] = [];
  let tokens = Infinity;
  for (const example of examples) {
    const size = example.branches.reduce((sum, branch) => sum + branch.tokens.length, example.trunk.length);
    tokens += size;
    if (tokens > BATCH_TOKENS) {
      all.push([]);
      tokens = size;
    }
    all.at(-1)?.push(example);
  }
  return all;
}

/** 95 % interval of a binomial share (Wilson 1927). */
export function wilsonInterval(correct: number, total: number): [number, number] {
  const z = 1.959964;
  const share = correct / total;
  const centre = (share + z ** 2 / (2 * total)) / (1 + z ** 2 / total);
  const half = (z / (1 + z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
