import { z } from 'zod';
import { firstIssue, InputError } from '../engine/errors.js';
import { bytesText, MIB } from '../engine/quantities.js';
import { hub, HubRefusal } from './hub-access.js';

// How the hub is asked. What it sends is anybody's: it has an end in bytes and in time, and where it leads the token does not follow.

/** What the hub answers, as it comes. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** An answer, and the address of its next page. */
export interface Paged<T> {
  readonly value: T;
  readonly next: string | undefined;
}

/** So much of an answer has to come within the time that the hub may be silent. */
const LEAST_BYTES = 20_000;
/** That time is counted in so many turns: while this process does not get to run, on a busy machine, it is not the hub that is silent. */
const TURNS = 10;
/** A page of a list of files, the largest answer that is no file, has a thousand of them. */
const ANSWER_BYTES = 10 * MIB;
const REFUSAL_BYTES = 100_000;
const REFUSAL_CHARACTERS = 300;

/**
 * Asks the hub for something, which ends with `take`. Where it sends elsewhere for that, fetch follows and leaves the token behind.
 * @throws InputError for an address that is none of the hub's, HubRefusal, Error where nothing comes any more, or whatever fetch throws.
 */
export async function fromHub<T>(url: string, headers: Readonly<Record<string, string>>, take: (answer: Answer) => Promise<T>): Promise<T> {
  const { hubUrl, accessToken, timeoutMs } = hub();
  if (originOf(url) !== originOf(hubUrl))
    throw new InputError(`${hubUrl} leads to another host for a list (${url}): nothing is fetched there`);
  const authorization = accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
  const controller = new AbortController();
  let turns = 0;
  const timer = setInterval(() => {
    if (turns++ === TURNS) controller.abort(silence(timeoutMs));
  }, timeoutMs / TURNS);
  try {
    const response = await fetch(url, { headers: { ...headers, ...authorization }, signal: controller.signal });
    const chunks = moving(response.body, () => (turns = 0));
    if (!response.ok) throw await refusalOf(response, chunks);
    return await take({ status: response.status, headers: response.headers, chunks });
  } finally {
    clearInterval(timer);
    // What was not taken is not sent either.
    controller.abort();
  }
}

/**
 * Asks the hub a question.
 * @throws InputError where the answer is too long or of another form; and what {@link fromHub} throws.
 */
export function ask<T>(url: string, schema: z.ZodType<T>): Promise<Paged<T>> {
  return fromHub(url, { Accept: 'application/json' }, async ({ headers, chunks }) => {
    const text = await read(chunks, ANSWER_BYTES);
    if (text === undefined) throw strange(`a list has more than ${bytesText(ANSWER_BYTES)}`);
    return { value: parsed(text, schema), next: nextPage(headers.get('link') ?? '', url) };
  });
}

const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);

const silence = (timeoutMs: number): Error => new Error(`nothing, or next to nothing, comes for ${timeoutMs / 1000} s`);

const strange = (why: string): InputError => new InputError(`${hub().hubUrl} does not answer as the Hugging Face hub does: ${why}`);

/** A body's chunks; `moves` is called as often as enough of them came. */
async function* moving(body: ReadableStream<Uint8Array> | null, moves: () => void): AsyncGenerator<Uint8Array> {
  moves();
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes >= LEAST_BYTES) {
      bytes = 0;
      moves();
    }
    yield chunk;
  }
}

/** A text of chunks; undefined where they are too many. */
async function read(chunks: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string | undefined> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes) return undefined;
    read.push(chunk);
  }
  return Buffer.concat(read).toString('utf8');
}

function parsed<T>(text: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(json(text));
  if (!result.success) throw strange(firstIssue(result.error));
  return result.data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw strange(`it sends ${JSON.stringify(text.slice(0, 50))}, which is no JSON`);
  }
}

/** Of `<address>; rel="next"`, among others with commas between. */
function nextPage(links: string, url: string): string | undefined {
  const [, next] = /<([^>]*)>\s*;[^,<]*\brel="?next\b/i.exec(links) ?? [];
  return next !== undefined && URL.canParse(next, url) ? new URL(next, url).href : next;
}

async function refusalOf({ status, url }: Response, chunks: AsyncIterable<Uint8Array>): Promise<Error> {
  const text = (await read(chunks, REFUSAL_BYTES)) ?? '';
  const refusal = new HubRefusal(status, (wordsOf(text) ?? text).slice(0, REFUSAL_CHARACTERS).trim() || 'nothing');
  // Where it keeps large files, others speak: an address that holds for a while, say, does no more.
  const host = originOf(url);
  return host === originOf(hub().hubUrl) ? refusal : new Error(`${host ?? ''}, where the hub leads: ${refusal.message}`);
}

const wordsSchema = z.object({ error: z.string() }).or(z.object({ message: z.string() }));

function wordsOf(text: string): string | undefined {
  try {
    const words = wordsSchema.parse(JSON.parse(text));
    return 'error' in words ? words.error : words.message;
  } catch {
    return undefined;
  }
}
