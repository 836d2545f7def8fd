import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { AskedProcess, measuredBy } from '../../processes/asked-process.js';
import { InputError } from '../../engine/index.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-asked-'));
afterAll(() => rmSync(folder, { recursive: true }));

let programs = 0;
/** A program with `answer(line)`, which writes a line, and `asked`, which gets each question. */
function program(source: string): string {
  const file = join(folder, `${programs++}.mjs`);
  const ends = `import { Socket } from 'node:net';
    const parent = new Socket({ fd: 3 });
    parent.on('close', () => process.exit(1));
    const answer = (line) => parent.write(line + '\\n');
    const asked = (act) => parent.on('data', (line) => act(JSON.parse(line)));\n`;
  writeFileSync(file, ends + source);
  return file;
}

const echo = 'asked(({ number }) => answer(JSON.stringify({ answer: { doubled: 2 * number, pid: process.pid } })));';

test('what a process answers is the result', async () => {
  expect(await measuredBy(program(echo), { number: 21 })).toMatchObject({ doubled: 42 });
});

test.each([
  ['answers with an error', `asked(() => answer('{"error":"no such thing"}'))`, /^no such thing$/],
  ['ends before it is asked', 'process.exit(3)', /^its process exited with 3: it said nothing$/],
  ['throws before it is asked', `throw new Error('no')`, /^its process exited with 1: Error: no$/],
  ['is killed', `process.kill(process.pid, 'SIGKILL')`, /^killed with SIGKILL/],
  ['says what is no answer', `asked(() => answer('null'))`, /^its process sent a message that is no answer$/],
  ['says what is no JSON', `asked(() => answer('\\xff\\x00{'))`, /^its process sent a message that is no answer$/],
])('a process that %s is one line', async (_, source, says) => {
  const error = await measuredBy(program(source), {}).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(says);
});

describe('a process that is asked again', () => {
  test('answers in turn, and is the same', async () => {
    const asked = new AskedProcess(program(echo));
    const answers = await Promise.all([1, 2].map((number) => asked.ask({ number })));
    asked.end();
    const pid = (answers[0] as { pid: number }).pid;
    expect(answers).toEqual([
      { doubled: 2, pid },
      { doubled: 4, pid },
    ]);
  });

  test('after it was too slow or died is a new one', async () => {
    const source = `asked(({ number }) => { if (number === 0) for (;;); if (number === 1) process.exit(1); });\n${echo}`;
    const asked = new AskedProcess(program(source), { limitSeconds: 3 });
    await expect(asked.ask({ number: 0 })).rejects.toEqual(new InputError('no answer within 3 s'));
    await expect(asked.ask({ number: 1 })).rejects.toEqual(new InputError('its process exited with 1: it said nothing'));
    expect(await asked.ask({ number: 2 })).toMatchObject({ doubled: 4 });
    asked.end();
  });
});
