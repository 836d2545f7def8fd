import { z } from 'zod';
import { firstIssue, InputError } from '../engine/errors.js';
import { hub, HubRefusal } from './hub-access.js';
import { ask, type Paged } from './hub-fetch.js';
import type { Announced } from './hub-part.js';

// What the hub is asked about a model.

const inquiry = (id: string, what: string): string => `${hub().hubUrl}/api/models/${id}/${what}`;

/** Where a file is to be had. */
export const fileAddress = (id: string, commit: string, name: string): string =>
  `${hub().hubUrl}/${id}/resolve/${commit}/${encodeURIComponent(name)}`;

/**
 * The commit that a branch, a tag or a commit stands for.
 * @throws InputError, HubRefusal, or whatever fetch throws, as all of these do.
 */
export async function commitOf(id: string, revision: string): Promise<string> {
  const { value } = await ask(inquiry(id, `revision/${encodeURIComponent(revision)}`), z.object({ sha: z.string() }));
  // It becomes a folder's name.
  if (!/^[0-9a-f]{40}$/.test(value.sha)) throw new InputError(`the hub gives ${JSON.stringify(value.sha)} as a commit of ${id}`);
  return value.sha;
}

const listedSchema = z.looseObject({ path: z.string() });

/** An entry of a list of files. More than its name matters only if it is fetched. */
export type ListedFile = z.infer<typeof listedSchema>;

/** Of a thousand files each. */
const MOST_PAGES = 50;

/** A model's files at a commit, by name; those in folders left out. */
export async function listedFiles(id: string, commit: string): Promise<ReadonlyMap<string, ListedFile>> {
  const files = new Map<string, ListedFile>();
  let page: string | undefined = inquiry(id, `tree/${commit}`);
  for (let count = 0; page !== undefined; count++) {
    if (count === MOST_PAGES) throw new InputError(`the hub's list of the files of ${id} has more than ${MOST_PAGES} pages`);
    const answer: Paged<readonly ListedFile[]> = await ask(page, z.array(listedSchema));
    for (const file of answer.value) files.set(file.path, file);
    page = answer.next;
  }
  return files;
}

const bytes = z.int().min(0);
const announcedSchema = z.object({
  type: z.literal('file'),
  size: bytes,
  oid: z.string().regex(/^[0-9a-f]{40}$/, 'a SHA-1 is needed'),
  lfs: z.object({ size: bytes, oid: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is needed') }).optional(),
});

/**
 * The length and the hash that a file is listed with.
 * @throws InputError where there is none.
 */
export function announced(listed: ListedFile, title: string): Announced {
  const { data, error } = announcedSchema.safeParse(listed);
  if (error) throw new InputError(`the hub's list has no usable entry for ${title}: ${firstIssue(error)}`);
  return data.lfs ? { bytes: data.lfs.size, hash: data.lfs.oid } : { bytes: data.size, hash: data.oid };
}

const CONVERSION = { title: 'Adding `safetensors` variant of this model', author: 'sfconvertbot' };

const discussionsSchema = z.object({
  discussions: z.array(
    z
      .object({ num: z.int().min(1), title: z.string(), isPullRequest: z.boolean(), status: z.string() })
      .extend({ author: z.object({ name: z.string() }).partial().nullable() })
      .partial(),
  ),
});

/** The number of the open pull request by which the hub's bot offers a model's weights as safetensors. Anybody may give theirs the same title. */
export async function conversionOf(id: string): Promise<number | undefined> {
  const url = inquiry(id, 'discussions?type=pull_request&status=open&author=SFconvertbot');
  const answer = await ask(url, discussionsSchema).catch(unlessRefused);
  return answer?.value.discussions.find(
    ({ title, isPullRequest, status, author }) =>
      title === CONVERSION.title && isPullRequest && status === 'open' && author?.name?.toLowerCase() === CONVERSION.author,
  )?.num;
}

/** Mirrors know no discussions. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof HubRefusal)) throw error;
}
