import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { oneLine } from '../../engine/visible.js';
import { shellQuoted } from '../../command-line/shell.js';

test.each(["{text} It's", 'results/my run', '$HOME `ls` "x" \\ !', './mine.ts,zo-sgd:q=4', '', '*', 'a\nb'])(
  '%j comes through a shell as it is',
  (part) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuoted(part)}`], { encoding: 'utf8' })).toBe(part);
  },
);

test('what needs no quotes has none', () => {
  expect(shellQuoted('results/quick-1a:b=0.5,c@d')).toBe('results/quick-1a:b=0.5,c@d');
});

test('of a message its first line is kept, cut to 300 characters', () => {
  expect(oneLine('  a b\nc')).toBe('a b');
  expect(oneLine('x'.repeat(400))).toHaveLength(300);
});
