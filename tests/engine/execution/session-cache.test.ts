import { expect, test } from '@jest/globals';
import { Graph, type Backend } from '../../../engine/index.js';
import { SessionCache } from '../../../engine/execution/session-cache.js';

function countingBackend(): { backend: Backend; compiled: () => number; released: () => number } {
  let [compiled, released] = [0, 0];
  const backend: Backend = {
    name: 'counting',
    version: '1',
    threads: 1,
    allocate: (count) => new Float32Array(count),
    compile() {
      compiled += 1;
      return Promise.resolve({ run: () => Promise.resolve({}), release: () => Promise.resolve(void (released += 1)) });
    },
  };
  return { backend, compiled: () => compiled, released: () => released };
}

test('a graph is built and compiled once for a key, also for callers at the same time, and released with the others', async () => {
  const { backend, compiled, released } = countingBackend();
  const cache = new SessionCache<{ graph: Graph; note: string }>(backend);
  const build = (note: string) => () => ({ graph: new Graph(), note });
  const [first, again, other] = await Promise.all([
    cache.get('a', build('first')),
    cache.get('a', build('again')),
    cache.get('b', build('other')),
  ]);
  expect([first.note, again.note, other.note]).toEqual(['first', 'first', 'other']);
  expect(again.session).toBe(first.session);
  expect(compiled()).toBe(2);
  await cache.release();
  expect(released()).toBe(2);
  expect((await cache.get('a', build('new'))).note).toBe('new');
});
