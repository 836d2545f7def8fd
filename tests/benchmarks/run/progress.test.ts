import { PassThrough } from 'node:stream';
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

test('on a terminal a running cell has a bar with its step and loss', () => {
  const terminal = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 120, cursorTo: () => true });
  const display = createDisplay(
    Object.assign(terminal, { moveCursor: () => true, clearLine: () => true, clearScreenDown: () => true }),
    2,
    1,
    { left: 200 },
  );
  const one = cell('one', { steps: 100 });
  display.started(one);
  display.progressed(one, { step: 40, loss: 0.5, forwards: 80 });
  display.close();
  const shown = terminal.read() as string;
  expect(shown).toContain('1 of 2 cells, about 3 min 20 s left');
  expect(shown).toContain('opt-mini sst2 full zo-sgd seed 0: step 40/100, loss 0.5000');
});
