import { float32Of, floats, integers, ForwardRunner, type Backend } from '../../engine/index.js';
import { logitsStage, type LanguageModel } from '../../models/index.js';
import type { EncodedExample } from '../../tasks/index.js';

/** A model's probabilities the plain way: one sequence at a time, all logits of all positions, the softmax in float64. */
export class BruteForce {
  readonly #runner: ForwardRunner;

  constructor(
    backend: Backend,
    readonly model: LanguageModel,
  ) {
    this.#runner = new ForwardRunner(backend, model.parameters);
  }

  /** log p of each token but the first, given those before it. */
  async logProbabilities(tokens: readonly number[]): Promise<number[]> {
    const logits = await this.logits(tokens);
    return tokens.slice(1).map((token, position) => logSoftmax(logits[position] ?? [])[token] ?? NaN);
  }

  /** log p of every token of the vocabulary in the place of a mask. */
  async logProbabilitiesAt(tokens: readonly number[], mask: number): Promise<number[]> {
    return logSoftmax((await this.logits(tokens))[mask] ?? []);
  }

  /** Mean log p of a candidate's own tokens: the last `scored` of the sequence. */
  async score(tokens: readonly number[], scored: number): Promise<number> {
    return mean((await this.logProbabilities(tokens)).slice(-scored));
  }

  /** The score of each candidate, each as a sequence of its own. */
  async scores({ trunk, branches }: EncodedExample): Promise<number[]> {
    const all: number[] = [];
    for (const { tokens, scored } of branches) all.push(await this.score([...trunk, ...tokens], scored));
    return all;
  }

  /** Logits [position][vocabulary] of one sequence by itself. */
  async logits(tokens: readonly number[]): Promise<number[][]> {
    const length = tokens.length;
    const order = Array.from({ length }, (_, position) => position);
    const mask = order.flatMap((to) => order.map((from) => (this.model.architecture.attends(to - from) ? 0 : -1e30)));
    const [made] = await this.#runner.run([...this.model.architecture.stages, logitsStage(this.model.architecture)], {
      ...this.model.tokenInputs(Int32Array.from(tokens), 1, length),
      attention_bias: floats([1, length, length], new Float32Array(mask)),
      ...this.model.positionInputs(new Int32Array(order), 1, length),
      read_positions: integers([length], order),
    });
    const values = float32Of(made ?? {}, 'logits');
    const vocabulary = values.length / length;
    return order.map((position) => [...values.subarray(position * vocabulary, (position + 1) * vocabulary)]);
  }
}

function logSoftmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const normaliser = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
  return logits.map((logit) => logit - normaliser);
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The first of the largest. */
export const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));
