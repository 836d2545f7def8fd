import path from 'node:path';
import { InputError } from '../engine/errors.js';
import {
  readAddedTokens,
  readAddedTokensDecoder,
  readNamedTokens,
  ROLES,
  SPECIAL,
  type AddedToken,
  type Role,
  type TokenDescription,
} from './tokenizer-special.js';

/** What a vocabulary without tokenizer.json brings along. */
export interface Vocabulary {
  /** To name in messages. */
  readonly source: string;
  readonly ids: ReadonlyMap<string, number>;
  /** Tokens that the vocabulary itself says are recognised as a whole. */
  readonly own: readonly TokenDescription[];
  /** The special tokens of its family, where the folder names no others. */
  readonly usual: Readonly<Partial<Record<Role, TokenDescription>>>;
}

/** Those of a folder without tokenizer.json. */
export interface AddedTokens {
  readonly tokens: readonly AddedToken[];
  /** The special tokens that have these roles, with their ids. */
  of(roles: readonly Role[]): ReadonlyMap<string, number>;
}

/**
 * The added tokens of a folder without tokenizer.json, as transformers 4.57.6 puts them together: those of added_tokens_decoder or else
 * of added_tokens.json, and those named as special, which come behind all ids where nothing gives them one. Unlike there, an id that
 * follows a gap is kept: its row was trained there.
 * @throws InputError where a file is broken, two contradict each other, an id is taken, or a usual special token is missing.
 */
export function addedTokens(folder: string, vocabulary: Vocabulary): AddedTokens {
  const special = specialTokens(folder, vocabulary);
  const given = givenTokens(folder, special.contents);
  const idOf = numbering(folder, vocabulary.ids, [...given.described, ...given.listed]);
  // Of several descriptions of a token, the last one counts.
  const layers = [...vocabulary.own, ...given.listed, ...special.named, ...given.described, ...special.usual];
  const descriptions = new Map(layers.map((token) => [token.content, token]));
  const tokens = Array.from(descriptions.values(), (token): AddedToken => {
    return { ...token, special: token.special || special.contents.has(token.content), id: idOf(token.content) };
  });
  return { tokens, of: (roles) => new Map(roles.flatMap((role) => special.byRole.get(role) ?? []).map((token) => [token, idOf(token)])) };
}

/** The tokens with a role and those without one: named by the folder, or else the family's usual ones. */
function specialTokens(folder: string, { source, ids, usual: ofFamily }: Vocabulary) {
  const { byRole, additional } = readNamedTokens(folder);
  const describe = (token: string | TokenDescription, usual?: TokenDescription): TokenDescription =>
    typeof token === 'string' ? { ...(usual ?? SPECIAL), content: token } : token;
  const roles = ROLES.flatMap((role) => {
    const named = byRole[role];
    const usual = ofFamily[role];
    if (named !== undefined) return [{ role, isNamed: true, token: describe(named, usual) }];
    return usual ? [{ role, isNamed: false, token: usual }] : [];
  });
  const usual = roles.filter(({ isNamed }) => !isNamed).map(({ token }) => token);
  const missing = usual.find(({ content }) => !ids.has(content));
  if (missing) throw new InputError(`${source} lacks the special token ${missing.content}`);
  const named = [...roles.filter(({ isNamed }) => isNamed).map(({ token }) => token), ...additional.map((token) => describe(token))];
  return {
    named,
    usual,
    contents: new Set([...named, ...usual].map(({ content }) => content)),
    byRole: new Map(roles.map(({ role, token }) => [role, token.content])),
  };
}

/** Those with an id of their own: added_tokens.json is an older form of added_tokens_decoder, and is asked where that is missing. */
function givenTokens(folder: string, special: ReadonlySet<string>) {
  const described = readAddedTokensDecoder(folder);
  const listed = readAddedTokens(folder);
  if (!described) return { described: [], listed: listed.map(([content, id]) => listedToken(content, id, special.has(content))) };
  const contradiction = listed.find(([content, id]) => !described.some((token) => token.content === content && token.id === id));
  if (!contradiction) return { described, listed: [] };
  const [content, id] = contradiction;
  throw new InputError(
    `${path.join(folder, 'added_tokens.json')}: ${JSON.stringify(content)} with the id ${id} is not so in added_tokens_decoder ` +
      'of tokenizer_config.json: correct one of them, or remove it',
  );
}

function listedToken(content: string, id: number, special: boolean): AddedToken {
  return { ...SPECIAL, id, content, special, normalized: !special };
}

/** The vocabulary's id of a token, or the one that a file gives it, or the next behind all of these. */
function numbering(folder: string, vocabulary: ReadonlyMap<string, number>, given: readonly AddedToken[]): (content: string) => number {
  const ids = new Map(vocabulary);
  const holders = new Map(Array.from(vocabulary, ([content, id]) => [id, content]));
  for (const { content, id } of given) {
    if (ids.has(content)) continue;
    const holder = holders.get(id);
    if (holder !== undefined) {
      throw new InputError(
        `${folder}: its added token ${JSON.stringify(content)} has the id ${id}, which is that of ${JSON.stringify(holder)}`,
      );
    }
    ids.set(content, id);
    holders.set(id, content);
  }
  let next = Array.from(holders.keys()).reduce((end, id) => Math.max(end, id + 1), 0);
  return (content) => {
    const id = ids.get(content) ?? next++;
    ids.set(content, id);
    return id;
  };
}
