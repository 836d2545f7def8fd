import { join } from 'node:path';
import { InputError, isSystemError } from '../engine/errors.js';
import { meantPath } from '../engine/near-path.js';
import { readTextIfThere } from '../engine/text-file.js';
import { hubCacheFolder, huggingFaceHome, variable, type HubModel } from './hub-cache.js';

/** Where the hub is, who asks, and for how long it may be silent. */
export interface HubAccess {
  readonly hubUrl: string;
  readonly accessToken: string | undefined;
  readonly timeoutMs: number;
}

/** The hub does not give what it is asked for. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';

  /** @param says - its own words, where it has some */
  constructor(
    readonly status: number,
    readonly says: string,
  ) {
    super(`it answers ${status}: ${says}`);
  }
}

const OFFLINE_VARIABLES = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'];
/** huggingface_hub's */
const TIMEOUT_S = 10;

/**
 * HF_ENDPOINT, the token of HF_TOKEN or of a login, HF_HUB_DOWNLOAD_TIMEOUT.
 * @throws InputError where one of them is none.
 */
export function hub(): HubAccess {
  const hubUrl = (variable('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
  if (!URL.canParse(hubUrl) || !/^https?:/i.test(hubUrl))
    throw new InputError(`HF_ENDPOINT: an address such as https://huggingface.co is needed, not ${hubUrl}`);
  return { hubUrl, accessToken: token(), timeoutMs: timeoutMs() };
}

function timeoutMs(): number {
  const given = variable('HF_HUB_DOWNLOAD_TIMEOUT');
  const seconds = given === undefined ? TIMEOUT_S : Number(given);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new InputError(`HF_HUB_DOWNLOAD_TIMEOUT: a number of seconds from 0 to 86400 is needed, not ${given ?? ''}`);
}

function token(): string | undefined {
  const given = variable('HF_TOKEN');
  const file = variable('HF_TOKEN_PATH') ?? join(huggingFaceHome(), 'token');
  const found = given ?? readTextIfThere(file)?.trim() ?? '';
  if (found === '') return undefined;
  // Another character could not be sent.
  if (!/^hf_[\x21-\x7e]*$/.test(found))
    throw new InputError(`${given === undefined ? file : 'HF_TOKEN'} is no token of the Hugging Face hub: they begin with hf_`);
  return found;
}

/**
 * Does what needs the hub.
 * @throws InputError in one line where the hub may not be asked, cannot be reached or refuses; the operating system's error, with `path`,
 * where the cache cannot be written.
 */
export async function explained<T>(model: HubModel, act: () => Promise<T>): Promise<T> {
  const offline = OFFLINE_VARIABLES.find((name) => /^(1|true|yes|on)$/i.test(variable(name) ?? ''));
  if (offline !== undefined) throw new InputError(`${notHere(model)}, and ${offline} is set`);
  try {
    return await act();
  } catch (error) {
    if (error instanceof InputError || isSystemError(error)) throw error;
    throw new InputError(complaint(model, error).replace(/\s+/g, ' '));
  }
}

const notHere = ({ id }: HubModel): string => `${id} is neither a folder nor wholly in the Hugging Face cache (${hubCacheFolder()})`;

function complaint(model: HubModel, error: unknown): string {
  if (error instanceof HubRefusal) return refusal(model, error);
  // Not by instanceof: what fetch throws is of another realm in tests.
  const { message, cause } = error as Error;
  const { code, message: reason = message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  if (message !== 'fetch failed' || HUNG_UP.includes(code ?? '')) return `the download of ${model.id} broke off (${reason}): try again`;
  return `${notHere(model)}, and ${hub().hubUrl} cannot be reached (${code ?? reason})`;
}

/** It was reached. */
const HUNG_UP = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

const GATED = /gated|restricted|awaiting a review|ask for access/i;

function refusal({ id, revision }: HubModel, { status, says }: HubRefusal): string {
  const { hubUrl, accessToken } = hub();
  const hasToken = accessToken !== undefined;
  if (GATED.test(says)) {
    const who = hasToken ? 'the account of your token has no access' : 'no token is given';
    return `${id} is gated and ${who}: ask for access at ${hubUrl}/${id}, and set HF_TOKEN to a token of that account`;
  }
  if ([401, 403, 404].includes(status)) {
    const what = revision === undefined ? `${id} is neither a folder nor a model` : `there is no model ${id} with revision ${revision}`;
    return `${what} on ${hubUrl}, or it is private${hasToken ? ' and your token has no access' : ': then set HF_TOKEN'}${meantPath(id)}`;
  }
  return `${hubUrl} answers ${status} for ${id}: ${says}`;
}
