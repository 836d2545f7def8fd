import { InputError, isOutOfMemory, processorMs, TimeUpError, withinTime } from '../engine/index.js';
import type { Tokenizer } from './tokenizer-interface.js';
import { LARGEST_ID } from './tokenizer-vocabulary.js';

/*
 * A tokenizer from elsewhere brings patterns of its own, which a regular expression's engine may not finish in this world's time, and rules
 * that make a text as long as they like. What it takes is limited, and what it gives is looked at.
 */

/** A tokenizer may take so long, of the processor's time, beyond what its file and its texts are allowed. */
const SLACK_MS = 2000;
/** A tenth of this speed or less is seen on a busy machine; tokenizers encode about a million. */
const CHARACTERS_PER_SECOND = 10_000;
/** To read and to take in; some megabytes are usual. */
const BYTES_PER_SECOND = 1_000_000;

/**
 * Opens a tokenizer and has it work within limits of time.
 * @param source names it in complaints
 * @param bytes of its files
 * @param slackMs what it may take for empty files and texts
 * @throws InputError where it cannot be opened, or not in time; so do its methods where they fail.
 */
export function limitedTokenizer(source: string, bytes: number, open: () => Tokenizer, slackMs = SLACK_MS): Tokenizer {
  const allowance = new Allowance(source, slackMs);
  const tokenizer = allowance.spend('open', bytes / BYTES_PER_SECOND, () => checked(source, open()));
  return {
    ...tokenizer,
    encode: (text, options) =>
      allowance.spend('encode a text', text.length / CHARACTERS_PER_SECOND, () => wholeIds(tokenizer.encode(text, options))),
    decode: (ids, options) => allowance.spend('decode a text', ids.length / CHARACTERS_PER_SECOND, () => tokenizer.decode(ids, options)),
  };
}

/** The time that is left to a tokenizer: what it spends on a text is missing for the next, beyond what each is allowed. */
class Allowance {
  readonly #source: string;
  readonly #slackMs: number;
  #leftMs: number;

  constructor(source: string, slackMs: number) {
    this.#source = source;
    this.#slackMs = slackMs;
    this.#leftMs = slackMs;
  }

  spend<T>(task: string, seconds: number, act: () => T): T {
    const limitMs = Math.min(this.#leftMs, this.#slackMs) + 1000 * seconds;
    const started = processorMs();
    try {
      return withinTime(limitMs, act);
    } catch (error) {
      throw this.#complaint(task, error);
    } finally {
      this.#leftMs = limitMs - (processorMs() - started);
    }
  }

  /** The library complains in many ways, and where memory is out is nobody's fault but the file's. */
  #complaint(task: string, error: unknown): Error {
    if (error instanceof InputError) return error;
    if (error instanceof TimeUpError)
      return new InputError(`${this.#source}: it takes too long to ${task}: its patterns or rules are no use`);
    if (isOutOfMemory(error)) return error as Error;
    const reason = error instanceof Error ? error.message : String(error);
    return new InputError(
      `${this.#source} is no tokenizer that can be used: it fails to ${task} (${reason.replace(/\s+/g, ' ').slice(0, 200)})`,
    );
  }
}

function checked(source: string, tokenizer: Tokenizer): Tokenizer {
  const { vocabularySize } = tokenizer;
  if (Number.isInteger(vocabularySize) && vocabularySize > 0 && vocabularySize - 1 <= LARGEST_ID) return tokenizer;
  throw new InputError(`${source}: an id of its tokens is no number from 0 to ${LARGEST_ID}, or there is no token`);
}

function wholeIds(ids: number[]): number[] {
  if (ids.every((id) => Number.isInteger(id) && id >= 0 && id <= LARGEST_ID)) return ids;
  throw new Error(`it gives a token without an id from 0 to ${LARGEST_ID}`);
}

/** A normalizer's result may be so many times as long as the text, and so much longer; Unicode's forms make up to 18 characters of one. */
const GROWTH = { times: 20, characters: 10_000 };

interface Normalizing {
  normalize(text: string): string;
}

/** Has a normalizer fail where it makes a text far longer. */
export function limitGrowth<N extends Normalizing>(normalizer: N): N {
  const normalize = normalizer.normalize.bind(normalizer);
  normalizer.normalize = (text) => grown(text, normalize(text));
  return normalizer;
}

/** The same for one after another: of several that double a text none does much. */
export const normalizeInTurn = (normalizers: readonly (Normalizing | null)[], text: string): string =>
  normalizers.reduce<string>((sofar, normalizer) => grown(text, normalizer?.normalize(sofar) ?? sofar), text);

function grown(text: string, result: string): string {
  if (result.length <= GROWTH.times * text.length + GROWTH.characters) return result;
  throw new Error(`its normalizer makes ${result.length} characters of ${text.length}`);
}
