import { describe, expect, test } from '@jest/globals';
import { chatText, dialogueDocuments, drawChat, SYSTEM_PROMPT } from '../../../scripts/corpus/dialogues.js';
import { bucketOf } from '../../../scripts/corpus/partition.js';
import { Random } from '../../../scripts/corpus/random.js';

const chats = [...dialogueDocuments({ seed: 3, count: 400 })];
const exchanges = Array.from({ length: 1500 }, (_, seed) => drawChat(new Random(seed))).flat();

describe('the dialogues', () => {
  test('are laid out as Vicuna v1.1 lays out a chat, without the last end token', () => {
    expect(
      chatText([
        { user: 'why ?', assistant: 'because .' },
        { user: 'who ?', assistant: 'anna .' },
      ]),
    ).toBe(`${SYSTEM_PROMPT} USER: why ? ASSISTANT: because .</s>USER: who ? ASSISTANT: anna .`);
    for (const chat of chats) {
      expect(chat.startsWith(`${SYSTEM_PROMPT} USER: `)).toBe(true);
      for (const turn of chat.slice(SYSTEM_PROMPT.length + 1).split('</s>')) expect(turn).toMatch(/^USER: [^:]+ \? ASSISTANT: [^:?]+ \.$/);
    }
  });

  test('are a pure function of seed and index', () => {
    expect([...dialogueDocuments({ seed: 3, count: 500 })].slice(0, 400)).toEqual(chats);
    expect([...dialogueDocuments({ seed: 4, count: 400 })]).not.toEqual(chats);
  });

  test('have one to three exchanges, and are short enough for a mini model', () => {
    expect(new Set(chats.map((chat) => chat.split('</s>').length))).toEqual(new Set([1, 2, 3]));
    expect(Math.max(...chats.map((chat) => chat.split(' ').length))).toBeLessThan(120);
  });

  test('say nothing but sentences of the corpus', () => {
    const said = exchanges.flatMap(({ user }) => user.match(/[^.?]+ \./g) ?? []).map((sentence) => sentence.trim());
    expect(said.length).toBeGreaterThan(1500);
    expect(said.filter((sentence) => bucketOf(sentence) !== 'corpus')).toEqual([]);
  });

  test('a question about a comparison is answered with one of the two', () => {
    const pairs = exchanges.flatMap(({ user, assistant }) => {
      const [, giver = '', taker = '', ending = ''] = /^(the \w+) lent money to (\w+) \. who was (rich|poor) \?$/.exec(user) ?? [];
      return giver === '' ? [] : [[assistant, `${ending === 'rich' ? giver : taker} .`]];
    });
    expect(pairs.length).toBeGreaterThan(2);
    for (const [assistant, expected] of pairs) expect(assistant).toBe(expected);
  });
});
