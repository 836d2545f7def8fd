import { choiceBatch, exactMatch, newTokens, tokenF1, type EncodedExample } from '../tasks/index.js';
import type { AnswerWriter } from './answers.js';
import type { Engines } from './engines.js';
import { choicesOf } from './objectives.js';
import { mean, normalInterval, wilsonInterval } from '../statistics/index.js';
import type { Evaluation } from '../records/index.js';

/** Tokens a batch of the evaluation holds at most, so that its memory stays below a training step's. */
export const BATCH_TOKENS = 512;

/** How some items were answered: where they are right or wrong, each by itself too. */
export interface Judgement {
  readonly evaluation: Evaluation;
  readonly answers?: readonly boolean[];
}

/** How good the model is at theta: by the answers that it writes where it has a writer, else by those it chooses. Throws DivergedError. */
export async function judge(engines: Engines, examples: readonly EncodedExample[], padId: number): Promise<Judgement> {
  if (engines.writer) return { evaluation: await evaluateWritten(engines, engines.writer, examples) };
  return judgementOf(await answersTo(engines, examples, padId));
}

/** The same without the single answers. */
export const evaluate = async (...asked: Parameters<typeof judge>): Promise<Evaluation> => (await judge(...asked)).evaluation;

/** Whether the right candidate scores highest, example by example; those of similar length are judged together. Throws DivergedError. */
export async function answersTo(engines: Engines, examples: readonly EncodedExample[], padId: number): Promise<boolean[]> {
  const right = new Map<EncodedExample, boolean>();
  const size = ({ trunk, branches }: EncodedExample): number => branches.reduce((sum, { tokens }) => sum + tokens.length, trunk.length);
  const sorted = [...examples].sort((a, b) => a.trunk.length - b.trunk.length);
  for (const group of evaluationBatches(sorted, size)) {
    const batch = choiceBatch(engines.model, group, padId);
    const [result] = await engines.staged.run(engines.model.stages(batch.objective), batch.tensors);
    const judged = choicesOf(result ?? {}, batch).map(({ chosen, answer }) => chosen === answer);
    group.forEach((example, index) => right.set(example, judged[index] === true));
  }
  return examples.map((example) => right.get(example) === true);
}

/** The share of right answers with its interval. */
export function judgementOf(answers: readonly boolean[]): Judgement {
  const correct = answers.filter(Boolean).length;
  const total = answers.length;
  return { evaluation: { score: correct / total, correct, total, interval: wilsonInterval(correct, total) }, answers };
}

/** Mean F1 of the answers' words; `correct` are those that match exactly. */
async function evaluateWritten(engines: Engines, writer: AnswerWriter, examples: readonly EncodedExample[]): Promise<Evaluation> {
  const answerTokens = newTokens(engines.model.architecture.dimensions.maxLength);
  const questions = examples.flatMap(({ question }) => question ?? []).sort((a, b) => a.prompt.length - b.prompt.length);
  const scores: number[] = [];
  let correct = 0;
  for (const group of evaluationBatches(questions, ({ prompt }) => prompt.length + answerTokens)) {
    const answers = await writer.write(engines.staged, group);
    group.forEach(({ golds }, k) => {
      scores.push(tokenF1(answers[k] ?? '', golds));
      correct += Number(exactMatch(answers[k] ?? '', golds));
    });
  }
  return { score: mean(scores), correct, total: scores.length, interval: normalInterval(scores) };
}

/** Items in their order, in groups that an evaluation takes at once. */
export function evaluationBatches<Item>(items: readonly Item[], size: (item: Item) => number): Item[][] {
  const all: Item[][] = [];
  let tokens = Infinity;
  for (const item of items) {
    tokens += size(item);
    if (tokens > BATCH_TOKENS) {
      all.push([]);
      tokens = size(item);
    }
    all.at(-1)?.push(item);
  }
  return all;
}
