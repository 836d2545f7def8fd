import { float32Of, floats, integers, UsageError, type Point, type ForwardRunner, type Tensors } from '../engine/index.js';
import { OWN, PAST } from './decoding.js';
import { KeyValueCache } from './key-value-cache.js';
import { HIDDEN } from './layers.js';
import type { LanguageModel } from './model.js';
import { logitsStage } from './objectives.js';

/** Tokens [rows, sequence], one text per row, ragged ones padded; padding is at place -1. */
interface Step {
  readonly ids: Int32Array;
  readonly places: Int32Array;
  readonly sequence: number;
  /** Of each row's last token among all. */
  readonly last: readonly number[];
}

/**
 * Reads texts a few tokens at a time, each token running through the model once: keys and values of those before it are kept. All that is
 * read is read at one point, theta or theta + scale z.
 */
export class Decoder {
  readonly #cache: KeyValueCache;
  readonly #lengths: number[];

  /**
   * For so many texts of at most `capacity` tokens, the scheme's virtual ones not counted.
   * @throws UsageError for a masked language model, RangeError where the model does not take so many tokens.
   */
  constructor(
    readonly runner: ForwardRunner,
    readonly model: LanguageModel,
    rows: number,
    capacity: number,
    readonly point?: Point,
  ) {
    const { attends, dimensions, virtualTokens } = model.architecture;
    if (attends(-1)) throw new UsageError('a masked language model cannot generate text: take a model that predicts the next token');
    if (capacity > dimensions.maxLength) throw new RangeError(`${capacity} tokens are to be read, the model takes ${dimensions.maxLength}`);
    this.#cache = new KeyValueCache(rows, virtualTokens.length + capacity, dimensions);
    this.#lengths = Array.from({ length: rows }, () => 0);
  }

  /** Numbers that are kept of what was read. */
  get keptElements(): number {
    return this.#cache.elements;
  }

  /** Reads the next tokens of each text, at least one; gives the logits [rows, vocabulary] of what comes after. Good until the next call. */
  async read(tokens: readonly (readonly number[])[]): Promise<readonly Float32Array[]> {
    const { architecture } = this.model;
    const step = this.#step(this.#cache.slots === 0 ? tokens.map((own) => [...architecture.virtualTokens, ...own]) : tokens);
    let flow = this.#inputs(step);
    for (const stage of [...architecture.decodingStages, logitsStage(architecture)]) {
      const [made = {}] = await this.runner.run([stage], { ...flow, ...this.#cache.past(stage.name) }, this.point ? [this.point] : []);
      const { [OWN.keys]: keys, [OWN.values]: values, ...others } = made;
      if (keys && values) this.#cache.keep(stage.name, made, step.places);
      flow = others;
    }
    const logits = float32Of(flow, 'logits');
    const vocabulary = logits.length / tokens.length;
    return tokens.map((_, row) => logits.subarray(row * vocabulary, (row + 1) * vocabulary));
  }

  #step(tokens: readonly (readonly number[])[]): Step {
    const sequence = Math.max(...tokens.map((own) => own.length));
    const ids = new Int32Array(tokens.length * sequence);
    const places = new Int32Array(ids.length).fill(-1);
    tokens.forEach((own, row) => {
      const start = this.#lengths[row] ?? 0;
      ids.set(own, row * sequence);
      places.set(
        own.map((_, at) => start + at),
        row * sequence,
      );
      this.#lengths[row] = start + own.length;
    });
    return { ids, places, sequence, last: tokens.map((own, row) => row * sequence + own.length - 1) };
  }

  #inputs({ ids, places, sequence, last }: Step): Tensors {
    const { rows, slots } = this.#cache;
    return {
      ...this.model.tokenInputs(ids, rows, sequence),
      ...this.model.positionInputs(places, rows, sequence),
      attention_bias: floats([rows, sequence, sequence], this.#ownBias(places, sequence)),
      [PAST.bias]: floats([rows, 1, sequence, slots], this.#pastBias(places, sequence)),
      read_positions: integers([rows], last),
    };
  }

  /** What the tokens of a step see of each other. */
  #ownBias(places: Int32Array, sequence: number): Float32Array {
    const { attends } = this.model.architecture;
    const bias = new Float32Array(places.length * sequence).fill(HIDDEN);
    places.forEach((place, token) => {
      const start = token - (token % sequence);
      for (let at = 0; at <= token - start; at++) {
        if (place >= 0 && attends(token - start - at)) bias[token * sequence + at] = 0;
      }
    });
    return bias;
  }

  /** What they see of the slots, of which only those before the row's first token of the step are filled. */
  #pastBias(places: Int32Array, sequence: number): Float32Array {
    const { attends } = this.model.architecture;
    const { slots } = this.#cache;
    const bias = new Float32Array(places.length * slots).fill(HIDDEN);
    places.forEach((place, token) => {
      const filled = Math.min(slots, places[token - (token % sequence)] ?? 0);
      for (let slot = 0; slot < filled; slot++) {
        if (place >= 0 && attends(place - slot)) bias[token * slots + slot] = 0;
      }
    });
    return bias;
  }
}
