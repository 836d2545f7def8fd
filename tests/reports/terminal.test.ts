import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { summarise, terminalTable } from '../../reports/index.js';
import { completedRecord, endedRecord } from './fake-records.js';

const widest = (table: string): number => Math.max(...tableLines(table).map((line) => stringWidth(line)));
/** Below the line that says what all rows share. */
const tableLines = (table: string): string[] => table.split('\n\n')[1]?.split('\n') ?? [];

describe('terminalTable', () => {
  test('says once what is the same everywhere, and sets titles and numbers one below the other', () => {
    const records = ['zo-sgd', 'fo-adam'].map((optimizer, index) =>
      completedRecord(
        { optimizer },
        { testAccuracy: 0.75, stepMs: 1234.5 / (1 + index), peakBytes: 2000 * 2 ** 20, generatedData: false, bundled: false },
      ),
    );
    expect(terminalTable(summarise(records), 80).split('\n')).toEqual([
      'Model: opt-mini, Task: sst2, Data: bundled, Scheme: full, Seeds: 1',
      'Not completed: –',
      '',
      '               Test                      Peak',
      '           accuracy  Zero-shot   Step  memory  Forward',
      'Optimizer       (%)        (%)   (ms)   (MiB)   passes',
      '---------  --------  ---------  -----  ------  -------',
      'fo-adam        75.0       60.0    617   2,000      400',
      'zo-sgd         75.0       60.0  1,235   2,000      400',
      '',
    ]);
  });

  test.each([
    ['many rows', Array.from({ length: 6 }, (_, seed) => completedRecord({ seed, scheme: `lora:rank=${seed}`, task: `task-${seed}` }))],
    ['long names', [completedRecord({ model: '/home/somebody/models/a-very-long-folder/opt' }), completedRecord({ optimizer: 'zo-sgd:q=4:sides=one:distribution=sphere' })]], // prettier-ignore
    ['wide characters', [completedRecord({ task: '感情分析の課題', model: '模型'.repeat(20) }), completedRecord({ task: 'café' })]],
    ['failures', [completedRecord({ optimizer: 'fo-sgd' }), endedRecord({ optimizer: 'adam' }, 'out-of-memory')]],
  ])('%s fit 80 and 120 characters, and every row is as wide as its columns', (_, records) => {
    for (const width of [80, 120]) expect(widest(terminalTable(summarise(records), width))).toBeLessThanOrEqual(width);
  });

  test('where there is room, nothing is cut; where there is not, the end of a name stays', () => {
    const model = '/home/somebody/models/a-very-long-folder/opt';
    const summary = summarise([completedRecord({ model }), completedRecord({ task: 'rte' })]);
    expect(terminalTable(summary, 200)).toContain(model);
    expect(terminalTable(summary, 90)).toMatch(/^….*folder\/opt {2}/m);
  });

  test('columns of wide characters line up with those below them', () => {
    const summary = summarise(['感情分析', 'rte'].map((task) => completedRecord({ task })));
    const starts = tableLines(terminalTable(summary, 100)).flatMap((line) => {
      const at = line.indexOf('zo-sgd');
      return at < 0 ? [] : [stringWidth(line.slice(0, at))];
    });
    expect(starts).toHaveLength(2);
    expect(new Set(starts).size).toBe(1);
  });

  test('a single row keeps its numbers and what did not complete', () => {
    const table = terminalTable(summarise([completedRecord({}, { stepMs: 2.345 }), endedRecord({ seed: 2 }, 'timed-out')]), 100);
    expect(table).toMatch(/zo-sgd .*2\.35.*1 timed-out$/m);
    expect(table).not.toContain('|');
  });
});
