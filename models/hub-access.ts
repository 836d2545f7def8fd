import { join } from 'node:path';
import { HubApiError } from '@huggingface/hub';
import { InputError } from '../engine/errors.js';
import { readTextIfThere } from '../engine/text-file.js';
import { hubCacheFolder, huggingFaceHome, variable, type HubModel } from './hub-cache.js';

/** Where the hub is, and who asks. */
export interface HubAccess {
  readonly hubUrl: string;
  readonly accessToken?: string;
}

const OFFLINE_VARIABLES = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'];

/** HF_ENDPOINT, and the token of HF_TOKEN or of a login. */
export function hub(): HubAccess {
  const hubUrl = (variable('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
  const accessToken = token();
  return { hubUrl, ...(accessToken !== undefined && { accessToken }) };
}

function token(): string | undefined {
  const given = variable('HF_TOKEN');
  const file = variable('HF_TOKEN_PATH') ?? join(huggingFaceHome(), 'token');
  const found = given ?? readTextIfThere(file)?.trim() ?? '';
  if (found === '') return undefined;
  if (!found.startsWith('hf_'))
    throw new InputError(`${given === undefined ? file : 'HF_TOKEN'} is no token of the Hugging Face hub: they begin with hf_`);
  return found;
}

/**
 * Does what needs the hub.
 * @throws InputError in one line where the hub may not be asked, cannot be reached or refuses.
 */
export async function explained<T>(model: HubModel, act: () => Promise<T>): Promise<T> {
  const offline = OFFLINE_VARIABLES.find((name) => /^(1|true|yes|on)$/i.test(variable(name) ?? ''));
  if (offline !== undefined) throw new InputError(`${notHere(model)}, and ${offline} is set`);
  try {
    return await act();
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(complaint(model, error).replace(/\s+/g, ' '));
  }
}

const notHere = ({ id }: HubModel): string => `${id} is neither a folder nor wholly in the Hugging Face cache (${hubCacheFolder()})`;

function complaint(model: HubModel, error: unknown): string {
  if (error instanceof HubApiError) return refusal(model, error);
  // Not by instanceof: a stream that breaks gives its reason as a string.
  const { message = String(error), cause } = error as Partial<Error>;
  const { code } = (cause ?? {}) as { readonly code?: string };
  if (message !== 'fetch failed' || code === undefined) return `the download of ${model.id} broke off (${message}): try again`;
  return `${notHere(model)}, and ${hub().hubUrl} cannot be reached (${code})`;
}

const GATED = /gated|restricted|awaiting a review|ask for access/i;

function refusal({ id, revision }: HubModel, { statusCode, data }: HubApiError): string {
  const { hubUrl, accessToken } = hub();
  const hasToken = accessToken !== undefined;
  const { error, message: says } = (data ?? {}) as { readonly error?: string; readonly message?: string };
  const message = error ?? says ?? 'nothing';
  if (GATED.test(message)) {
    const who = hasToken ? 'the account of your token has no access' : 'no token is given';
    return `${id} is gated and ${who}: ask for access at ${hubUrl}/${id}, and set HF_TOKEN to a token of that account`;
  }
  if ([401, 403, 404].includes(statusCode)) {
    const what = revision === undefined ? `${id} is neither a folder nor a model` : `there is no model ${id} with revision ${revision}`;
    return `${what} on ${hubUrl}, or it is private${hasToken ? ' and your token has no access' : ': then set HF_TOKEN'}`;
  }
  return `${hubUrl} answers ${statusCode} for ${id}: ${message}`;
}
