import { describe, expect, test } from '@jest/globals';
import { markdownTable, summarise } from '../../reports/index.js';
import { completedRecord, endedRecord, untrainedRecord } from './fake-records.js';

describe('markdownTable', () => {
  test('shows mean ± std, zero-shot, step time, memory, forward passes and seeds', () => {
    const records = [0.75, 1, 0.5].map((testAccuracy, index) =>
      completedRecord({ seed: index }, { testAccuracy, stepMs: 1234.5, peakBytes: 2000 * 2 ** 20, generatedData: false, bundled: false }),
    );
    expect(markdownTable(summarise(records))).toBe(
      [
        '| Model | Task | Data | Scheme | Optimizer | Test accuracy (%) | Zero-shot (%) | Step (ms) | Peak memory (MiB) | Forward passes | Seeds | Not completed |',
        '| --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
        '| opt-mini | sst2 | bundled | full | zo-sgd | 75.0 ± 25.0 | 60.0 | 1,235 | 2,000 | 400 | 3 | – |',
        '',
      ].join('\n'),
    );
  });

  test('shows no ± for a single seed', () => {
    expect(markdownTable(summarise([completedRecord({}, { stepMs: 2.345 })]))).toContain('| 80.0 | 60.0 | 2.35 | 200 | 400 | 1 | – |');
  });

  test('names the states of cells that did not complete, with and without completed seeds', () => {
    const table = markdownTable(
      summarise([
        completedRecord(),
        endedRecord({ seed: 2 }, 'timed-out'),
        endedRecord({ optimizer: 'adam' }, 'out-of-memory'),
        endedRecord({ optimizer: 'adam', seed: 2 }, 'out-of-memory'),
        endedRecord({ optimizer: 'adam', seed: 3 }, 'failed'),
      ]),
    );
    expect(table).toContain('| adam | – | – | – | – | – | 0 | 2 out-of-memory, 1 failed |');
    expect(table).toContain('| zo-sgd | 80.0 | 60.0 | 60.0 | 200 | 400 | 1 | 1 timed-out |');
  });

  test('says which tasks were generated and which models are bundled', () => {
    const table = markdownTable(
      summarise([
        completedRecord({ task: 'rte' }),
        completedRecord({ task: 'sst2' }, { generatedData: false }),
        completedRecord({ model: 'facebook/opt-1.3b', task: 'boolq' }, { generatedData: false, bundled: false }),
      ]),
    );
    expect(table).toMatch(/\n\nGenerated data: rte\.\n\nBundled mini models: opt-mini\.\n$/);
  });

  test('says which rows are F1', () => {
    const records = [completedRecord({ task: 'squad' }, { metric: 'f1' }), completedRecord({ task: 'sst2' })];
    expect(markdownTable(summarise(records))).toContain('Mean F1 of written answers instead of accuracy: squad.\n');
  });

  test('shows no step time of cells without steps, and how many demonstrations their context held where not all', () => {
    const icl = { ...untrainedRecord({ scheme: 'icl' }), demonstrations: { drawn: 32, fewest: 3, mean: 4.25 } };
    const all = { ...untrainedRecord({ scheme: 'icl:shots=2' }), demonstrations: { drawn: 2, fewest: 2, mean: 2 } };
    const table = markdownTable(summarise([icl, all]));
    expect(table).toContain('| icl | none | 80.0 | 60.0 | – | 200 | 0 | 1 | – |');
    expect(table).toContain('\n\nDemonstrations that the context held, on average: opt-mini sst2 icl 4.3 of 32.\n');
  });

  test('says when rows were chosen among settings', () => {
    const records = [1e-3, 1e-4].map((learningRate) => completedRecord({ learningRate }));
    expect(markdownTable(summarise(records))).toContain(
      'Where several learning rates or epsilons were tried, the row shows the one that did best on dev.',
    );
    expect(markdownTable(summarise(records.slice(1)))).not.toContain('were tried');
  });

  test('does not let a name break the table', () => {
    expect(markdownTable(summarise([completedRecord({ optimizer: './a|b.ts' })]))).toContain('| ./a\\|b.ts |');
  });
});
