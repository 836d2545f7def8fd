import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { summarise, writeReport } from '../../reports/index.js';
import { completedRecord, endedRecord, runFolder } from './fake-records.js';

describe('writeReport', () => {
  test('writes tables and plots, and returns summary and problems', async () => {
    const records = [completedRecord(), completedRecord({ seed: 2 }), endedRecord({ seed: 3 }), endedRecord({ seed: 4 }, 'out-of-memory')];
    const folder = runFolder(records);
    writeFileSync(join(folder, 'records', 'cut.json'), '{');
    const report = await writeReport(folder);
    expect(report.summary).toEqual(summarise(records));
    expect(report.problems).toEqual([expect.stringContaining('records/cut.json')]);
    expect(readdirSync(folder).sort()).toEqual(['curves.csv', 'plots', 'records', 'report.html', 'results.csv']);
    expect(readdirSync(join(folder, 'plots'))).toHaveLength(6);
  });

  test('reports a run of which nothing completed', async () => {
    const folder = runFolder([endedRecord()]);
    expect((await writeReport(folder)).summary).toMatchObject([{ ended: { diverged: 1 } }]);
    expect(readdirSync(join(folder, 'plots'))).toEqual([]);
  });

  test('writes nothing into a folder that holds no run', async () => {
    const folder = join(runFolder([]), 'elsewhere');
    await expect(writeReport(folder)).rejects.toThrow('no folder "records"');
    expect(existsSync(folder)).toBe(false);
  });
});
