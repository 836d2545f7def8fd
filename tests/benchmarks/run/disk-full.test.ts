import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { runBench } from '../../../benchmarks/run/run.js';
import { writeReport } from '../../../reports/index.js';
import { canMount } from '../../support/small-disk.js';
import { fakeParts } from '../fixtures/parts.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'disk-full-'));
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => {
  jest.restoreAllMocks();
});

/** A tiny run with its whole report: two cells, one of which leaves a seed log. */
async function bench(folder: string, seeds = '1'): Promise<{ code: number; stderr: string }> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const cells = [
    '--model',
    'opt-mini',
    '--scheme',
    'full',
    '--optimizer',
    'zo-sgd',
    '--seeds',
    seeds,
    '--steps',
    '5',
    '--task',
    'logs,sst2',
  ];
  const report = async (of: string) => ({ text: `${(await writeReport(of)).summary.length} rows`, data: null });
  const code = await runBench([...cells, '--out', folder], { ...fakeParts, report, stdout, stderr });
  return { code, stderr: (stderr.read() as string | null) ?? '' };
}

const filesIn = (folder: string): Map<string, string> => {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.filter((name) => statSync(path.join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(folder, name), 'latin1')]));
};

const ENDS: Readonly<Record<string, RegExp>> = {
  '.json': /\}\n$/,
  '.csv': /\n$/,
  '.html': /<\/html>\s*$/,
  '.svg': /<\/svg>\s*$/,
  '.png': /IEND....$/s,
};

/** Every file is one that was there before, or ends as its kind does; nothing else is left. */
function expectWhole(folder: string, before: ReadonlyMap<string, string>): void {
  for (const [name, content] of filesIn(folder)) {
    const isKept = before.get(name) === content;
    expect([name, isKept || ENDS[path.extname(name)]?.test(content)]).toEqual([name, true]);
  }
}

/** Lets so many writes happen; the next one gets a half of its bytes to the disk, and after that there is no room. Gives how many there were. */
function failAfter(writes: number): () => number {
  const write = fs.writeSync.bind(fs) as (descriptor: number, bytes: Uint8Array, offset: number, length: number) => number;
  let count = 0;
  jest.spyOn(fs, 'writeSync').mockImplementation(((descriptor: number, bytes: Uint8Array, offset: number, length: number) => {
    count++;
    if (count <= writes) return write(descriptor, bytes, offset, length);
    if (count === writes + 1 && length > 1) return write(descriptor, bytes, offset, Math.floor(length / 2));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  }) as typeof fs.writeSync);
  return () => count;
}

test('a disk that gets full at any write of a run or of its report leaves whole files, old or new, a line and a failure', async () => {
  // Modules that are loaded late are compiled now: jest writes those down through the same function.
  await bench(path.join(scratch, 'loaded'));
  const first = path.join(scratch, 'first');
  const countOf = failAfter(Infinity);
  expect((await bench(first)).code).toBe(0);
  const writes = countOf();
  jest.restoreAllMocks();
  expect(writes).toBeGreaterThanOrEqual(15);
  for (let allowed = 0; allowed < writes; allowed++) {
    const folder = path.join(scratch, `full-${allowed}`);
    failAfter(allowed);
    const { code, stderr } = await bench(folder);
    jest.restoreAllMocks();
    expect([allowed, code]).toEqual([allowed, stderr.includes('the report failed') ? 1 : 2]);
    expect(stderr).toMatch(/^(zobench|the records are written, but the report failed): .*full-\d+\/\S+: no space is left on its disk$/m);
    expectWhole(folder, new Map());
  }
});

(canMount ? describe : describe.skip)('on a disk of', () => {
  const disk = path.join(scratch, 'disk');
  beforeAll(() => {
    mkdirSync(disk);
  });
  afterEach(() => {
    execFileSync('umount', [disk]);
  });

  test.each([16, 32, 64, 128, 256, 400])('%i KiB the report of one more cell is whole or the old one', async (kib) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    const folder = path.join(disk, 'run');
    await bench(folder);
    const before = filesIn(folder);
    const used = Number(execFileSync('du', ['-sk', disk], { encoding: 'utf8' }).split('\t')[0]);
    execFileSync('mount', ['-o', `remount,size=${used + kib}k`, disk]);
    const { code, stderr } = await bench(folder, '2');
    expectWhole(folder, before);
    if (code !== 0) expect(stderr).toMatch(/: no space is left on its disk$/m);
    else expect(filesIn(folder).get('results.csv')?.split('\n')).toHaveLength(6);
  });
});
