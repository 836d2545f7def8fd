import { z } from 'zod';

/** Ids that a file may give: those of the largest vocabularies are below a million. */
export const LARGEST_ID = 2 ** 31 - 1;

/** A tokenizer.json's model, whose ids and merges the library takes as they come; the reference refuses what is refused here. */
export const modelWithVocabulary = z.looseObject({}).superRefine(({ vocab, merges, continuing_subword_prefix: prefix }, context) => {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) return; // Unigram's pieces, or nothing: others complain.
  const wrong = Object.entries(vocab).find(([, id]) => !isId(id));
  if (wrong) {
    const message = `the id of ${JSON.stringify(wrong[0])} is no whole number from 0 to ${LARGEST_ID}`;
    context.addIssue({ code: 'custom', path: ['vocab'], message });
  }
  const odd = Array.isArray(merges) ? merges.findIndex((merge) => !isMerge(merge, vocab, typeof prefix === 'string' ? prefix : '')) : -1;
  if (odd < 0) return;
  const message = 'two tokens of the vocabulary are needed that together are a third';
  context.addIssue({ code: 'custom', path: ['merges', odd], message });
});

const isId = (id: unknown): boolean => Number.isInteger(id) && Number(id) >= 0 && Number(id) <= LARGEST_ID;

/** "a b", or a list of the two. */
function isMerge(merge: unknown, vocabulary: object, prefix: string): boolean {
  const pair: readonly unknown[] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
  const [left, right, ...more] = pair;
  if (typeof left !== 'string' || typeof right !== 'string' || more.length > 0) return false;
  return [left, right, left + right.slice(prefix.length)].every((token) => Object.hasOwn(vocabulary, token));
}
