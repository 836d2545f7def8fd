import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { createDisplay, LineDisplay } from '../../../benchmarks/run/progress.js';
import { cell } from '../fixtures/settings.js';

test('without a terminal a cell has a line at its start and end, and one each ten seconds at most', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const display = new LineDisplay(
    (line) => lines.push(line),
    3,
    1,
    { left: 75 },
    () => nowMs,
  );
  const one = cell('one', { steps: 100 });
  display.started(one);
  for (let step = 1; step <= 50; step++) {
    nowMs += 500;
    display.progressed(one, { step, loss: 0.5, forwards: 2 * step });
  }
  display.ended(one, 'completed');
  expect(lines).toEqual([
    'start  opt-mini sst2 full zo-sgd seed 0',
    '       opt-mini sst2 full zo-sgd seed 0: step 20/100, loss 0.5000, 40 s left',
    '       opt-mini sst2 full zo-sgd seed 0: step 40/100, loss 0.5000, 30 s left',
    'end    opt-mini sst2 full zo-sgd seed 0: completed (2 of 3 cells, about 1 min 15 s left)',
  ]);
});

/** A terminal that keeps what is written to it, and moves no cursor. */
function terminalOf(columns: number) {
  const stream = new PassThrough({ encoding: 'utf8' });
  const still = { cursorTo: () => true, moveCursor: () => true, clearLine: () => true, clearScreenDown: () => true };
  return Object.assign(stream, { isTTY: true, columns }, still);
}

test('on a terminal a running cell has a bar with its step and loss', () => {
  const terminal = terminalOf(120);
  const display = createDisplay(terminal, 2, 1, { left: 200 });
  const one = cell('one', { steps: 100 });
  display.started(one);
  display.progressed(one, { step: 40, loss: 0.5, forwards: 80 });
  display.close();
  const shown = terminal.read() as string;
  expect(shown).toContain('1 of 2 cells, about 3 min 20 s left');
  expect(shown).toMatch(/\] 40\/100, loss 0\.5000, .* left: opt-mini sst2 full zo-sgd seed 0/);
});

test.each([60, 80])('on a terminal of %i columns no bar is longer than its line, however long the title', (columns) => {
  const terminal = terminalOf(columns);
  const display = createDisplay(terminal, 2, 0, { left: 200 });
  const one = cell('one', { steps: 100_000, optimizer: `zo-sgd:${'q=16:'.repeat(20)}` });
  display.started(one);
  display.progressed(one, { step: 40_000, loss: 0.5, forwards: 80 });
  display.close();
  const bars = stripVTControlCharacters(terminal.read() as string)
    .split(/[\r\n]/)
    .filter((line) => line.startsWith('['));
  expect(bars.some((line) => line.includes('40000/100000'))).toBe(true);
  expect(Math.max(...bars.map((line) => line.length))).toBeLessThanOrEqual(columns);
});

test('on a terminal how the last cell ended is written too, and no time is left then', () => {
  const terminal = terminalOf(80);
  const display = createDisplay(terminal, 1, 0, { left: 0.1 });
  const one = cell('one', { steps: 1 });
  display.started(one);
  display.ended(one, 'completed');
  display.close();
  const shown = terminal.read() as string;
  expect(shown).toContain('opt-mini sst2 full zo-sgd seed 0: completed\n');
  expect(stripVTControlCharacters(shown).trimEnd()).toMatch(/1 of 1 cells$/);
});
