import { describe, expect, test } from '@jest/globals';
import { commandLine, optionsSchema, type Options } from '../../../benchmarks/plan/arguments.js';
import { helpOf, parseCommandLine } from '../../../command-line/command-line.js';
import { UsageError } from '../../../engine/errors.js';

const parseArguments = (argv: readonly string[]): Options => parseCommandLine(commandLine, argv).options;

function complaint(...argv: string[]): string {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
  }
  return 'no UsageError';
}

describe('the command line', () => {
  test('gives typed values, and nothing for what is not given', () => {
    const argv = ['--optimizer', 'a,b', '--optimizer=c', '--steps', '5', '--learning-rate', '1e-3', '--data', '7', '--plan'];
    expect(parseArguments(argv)).toEqual({ optimizer: ['a', 'b', 'c'], steps: 5, learningRate: 0.001, data: '7', plan: true });
  });

  test('takes a schedule, a share of nothing and an objective', () => {
    const argv = [
      '--schedule',
      'cosine',
      '--warmup',
      '0',
      '--weight-decay',
      '0',
      '--objective',
      'f1',
      '--accumulate',
      '4',
      '--forwards',
      '99',
    ];
    const wanted = { schedule: 'cosine', warmup: 0, weightDecay: 0, objective: 'f1', accumulate: 4, forwards: 99 };
    expect(parseArguments(argv)).toEqual(wanted);
  });

  test("takes what is said about a task of one's own with its spaces", () => {
    const own = ['--task', './mine.jsonl', '--prompt', '{text} It was', '--candidates', ' bad, great', '--label', 'label'];
    expect(parseArguments([...own, '--template', 'aligned,plain', '--per-class', '16'])).toEqual({
      task: ['./mine.jsonl'],
      prompt: '{text} It was',
      candidates: ' bad, great',
      label: 'label',
      template: ['aligned', 'plain'],
      perClass: 16,
    });
  });

  test('takes a name that is given twice once', () => {
    expect(parseArguments(['--scheme', 'lora,full,lora'])).toEqual({ scheme: ['lora', 'full'] });
  });

  test.each([
    [['--steps', 'many'], '--steps many: a whole number of at least 1 is needed'],
    [['--steps', '0'], '--steps 0: a whole number of at least 1 is needed'],
    [['--steps', '1.5'], '--steps 1.5: a whole number of at least 1 is needed'],
    [['--steps', '-3'], '--steps -3: a whole number of at least 1 is needed'],
    [['--learning-rate', '-1e-3'], '--learning-rate -1e-3: a number above 0 is needed'],
    [['--epsilon', '1e-300'], '--epsilon 1e-300: a number that float32 can hold is needed'],
    [['--learning-rate', '1e-46'], '--learning-rate 1e-46: a number that float32 can hold is needed'],
    [['--learning-rate', '1e39'], '--learning-rate 1e39: a number that float32 can hold is needed'],
    [['--epsilon', 'Infinity'], '--epsilon Infinity: a number above 0 is needed'],
    [['--warmup', '1'], '--warmup 1: a share of the steps is needed, from 0 to below 1'],
    [['--weight-decay', '-0.1'], '--weight-decay -0.1: a number of at least 0 is needed'],
    [['--schedule', 'linaer'], '--schedule linaer: one of constant, linear, cosine is needed'],
    [['--objective', 'recall'], '--objective recall: one of cross-entropy, accuracy, f1 is needed'],
    [['--template', 'plian'], '--template plian: aligned, plain or both are needed'],
    [['--per-class', '0'], '--per-class 0: a whole number of at least 1 is needed'],
    [['--optimizer', 'a,,b'], '--optimizer a,,b: names separated by commas are needed'],
    [['--seeds', '1', '--seeds', '2'], '--seeds is given 2 times: give it once'],
  ])('%j is refused with what to do', (argv, message) => {
    expect(complaint(...argv)).toBe(message);
  });

  test('an option without its value is refused in one line', () => {
    expect(complaint('--steps')).toBe('--steps needs a value (see --help)');
  });

  test('an unknown option is refused with the nearest one', () => {
    expect(complaint('--optimzer', 'zo-sgd')).toMatch(/^unknown option --optimzer: did you mean --optimizer\? [^\n]+$/);
  });

  test('the help names every option and what can be given, and has examples', async () => {
    const help = await helpOf({ ...commandLine, names: { Tasks: ['sst2', 'rte'] } });
    expect(help).toContain('Tasks: sst2, rte\n');
    for (const name of optionsSchema.keyof().options) {
      expect(help).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} `);
    }
    expect(help.match(/npm run bench -- --/g)?.length).toBeGreaterThanOrEqual(4);
  });
});
