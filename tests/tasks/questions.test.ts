import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodeExample, taskNamed, type Example, type Source } from '../../tasks/index.js';
import { complaint, folderWith } from '../support/data-folder.js';
import { sharedFolder } from '../support/shared.js';
import { wordTokenizer } from '../support/word-tokenizer.js';

const load = (task: string, folder: string): Promise<Source> => taskNamed(task).load(folder, { kind: 'causal', template: 'aligned' });

const realFolder = join(sharedFolder, 'data');
const hasReal = existsSync(join(realFolder, 'SQuAD')) && existsSync(join(realFolder, 'DROP'));
if (!hasReal) console.warn(`no real questions: ${realFolder} has no SQuAD and DROP`);
const ifReal = hasReal ? describe : describe.skip;

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** What the fields of the files come to, by other means than the task's. */
function* plainSquad(file: string): Generator<Omit<Example, 'place'>> {
  const { data } = json(file) as { data: { title: string; paragraphs: { context: string; qas: Asked[] }[] }[] };
  for (const { title, paragraphs } of data) {
    for (const { context, qas } of paragraphs) {
      for (const { question, answers } of qas) {
        const lines = ['Title: ' + title, 'Context: ' + context, 'Question: ' + question, 'Answer:'];
        const golds = answers.map(({ text }) => text);
        yield { prompt: lines.join('\n'), candidates: [' ' + (golds[0] ?? '') + '\n'], answer: 0, golds };
      }
    }
  }
}

interface Asked {
  readonly question: string;
  readonly answers: readonly { readonly text: string }[];
}

const withoutPlace = ({ prompt, candidates, answer, golds }: Example): Omit<Example, 'place'> =>
  ({ prompt, candidates, answer, golds }) as Omit<Example, 'place'>;

ifReal('real questions', () => {
  test('SQuAD’s original files have MeZO’s prompts, in their order', async () => {
    const folder = folderWith({});
    symlinkSync(join(realFolder, 'SQuAD/squad.json'), join(folder, 'train-v1.1.json'));
    symlinkSync(join(realFolder, 'SQuAD/xquad.en.json'), join(folder, 'dev-v1.1.json'));
    const { train, test: held } = await load('squad', folder);
    expect([train.length, held.length]).toEqual([5, 1190]);
    expect(train.map(withoutPlace)).toEqual([...plainSquad(join(folder, 'train-v1.1.json'))]);
    expect(held.map(withoutPlace)).toEqual([...plainSquad(join(folder, 'dev-v1.1.json'))]);
  });

  test('of XQuAD alone a fifth of the passages are the test set, with all of their questions', async () => {
    const { train, test: held } = await load('squad', realFolder);
    const passages = (items: readonly Example[]): Set<string> => new Set(items.map(({ prompt }) => prompt.split('\nQuestion: ')[0] ?? ''));
    const [of, among] = [passages(held), passages(train)];
    expect(train.length + held.length).toBe(1190);
    expect(of.size + among.size).toBe(240);
    expect([...of].filter((passage) => among.has(passage))).toEqual([]);
    expect(of.size).toBeGreaterThan(30);
    expect(of.size).toBeLessThan(66);
  });

  test('DROP’s answers are numbers, spans or dates', async () => {
    const folder = folderWith({});
    for (const split of ['train', 'dev']) symlinkSync(join(realFolder, 'DROP/drop.json'), join(folder, `drop_dataset_${split}.json`));
    const { train } = await load('drop', folder);
    const passages = json(join(folder, 'drop_dataset_dev.json')) as Record<string, { passage: string }>;
    expect(train.length).toBe(19);
    const of = (at: number): Example | undefined => train[at];
    const prompt = (id: string, question: string): string =>
      ['Passage: ' + (passages[id]?.passage ?? ''), 'Question: ' + question, 'Answer:'].join('\n');
    expect(of(0)).toMatchObject({
      prompt: prompt(
        'history_319',
        'What happened second: the sixth terminal planned on opening or the closure of the Charleston Naval Shipyard?',
      ),
      candidates: [' sixth terminal\n'],
      golds: ['sixth terminal'],
    });
    expect(of(1)).toMatchObject({
      prompt: prompt('history_720', 'How many contenders were there for the Swedish throne in 1611?'),
      candidates: [' 2\n'],
      golds: ['2'],
    });
    expect(of(4)).toMatchObject({
      prompt: prompt('nfl_653', 'How many games did the Chiefs win in their last four?'),
      candidates: [' 0\n'],
      golds: ['0'],
    });
  });
});

const paragraph = (...qas: unknown[]): unknown => ({ title: 'Fruit', paragraphs: [{ context: 'Apples are red.', qas }] });
const asked = { question: 'What colour?', answers: [{ text: 'red', answer_start: 11 }, { text: 'are red' }] };

/** A folder with the task's files, the same for both splits. */
function folderOf(task: 'squad' | 'drop', content: unknown): { folder: string; trainFile: string } {
  const names = { squad: ['train-v1.1.json', 'dev-v1.1.json'], drop: ['drop_dataset_train.json', 'drop_dataset_dev.json'] }[task];
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const folder = folderWith(Object.fromEntries(names.map((name) => [name, text])));
  return { folder, trainFile: join(folder, names[0] ?? '') };
}

test('every answer counts as right, and the first is trained on', async () => {
  const data = { version: '1.1', data: [paragraph(asked)] };
  const { train } = await load('squad', folderOf('squad', data).folder);
  expect(train).toMatchObject([
    {
      prompt: 'Title: Fruit\nContext: Apples are red.\nQuestion: What colour?\nAnswer:',
      candidates: [' red\n'],
      golds: ['red', 'are red'],
    },
  ]);
});

test('a date of DROP is its parts, several spans are answers each', async () => {
  const answers = [
    { number: '', spans: [], date: { day: '1', month: 'March', year: '1617' } },
    { number: '', spans: [], date: { day: '', month: '', year: '1617' } },
    { number: '', spans: ['Sweden', 'Russia'], date: {} },
  ];
  const data = { one: { passage: 'Once.', qa_pairs: answers.map((answer) => ({ question: 'When?', answer })) } };
  const { train } = await load('drop', folderOf('drop', data).folder);
  expect(train.map(({ golds }) => golds)).toEqual([['1 March 1617'], ['1617'], ['Sweden', 'Russia']]);
});

test.each([
  [
    'squad',
    'no answer',
    { data: [paragraph(asked), paragraph(asked, { question: 'Why?', answers: [] })] },
    'data.1.paragraphs.0.qas.1.answers: there is no answer',
  ],
  [
    'squad',
    'an empty answer',
    { data: [paragraph({ question: 'Why?', answers: [{ text: ' ' }] })] },
    'data.0.paragraphs.0.qas.0.answers.0.text: is empty',
  ],
  ['squad', 'no question', { data: [paragraph({ answers: [{ text: 'red' }] })] }, 'data.0.paragraphs.0.qas.0.question: text is needed'],
  ['squad', 'no articles', [asked], 'an object is needed, not a list of 1'],
  ['squad', 'half a file', '{\n"data":\n[\n1 2', 'no JSON: '],
  [
    'drop',
    'no DROP answer',
    { one: { passage: 'Once.', qa_pairs: [{ question: 'When?', answer: { number: '', spans: [], date: {} } }] } },
    'one.qa_pairs.0.answer: is neither a number nor spans nor a date',
  ],
  ['drop', 'no passage', { one: { qa_pairs: [] } }, 'one.passage: text is needed'],
] as const)('%s: %s is refused, with the file and where in it', async (task, _, content, says) => {
  const { folder, trainFile } = folderOf(task, content);
  const said = await complaint(load(task, folder));
  expect(said).toContain(`${trainFile}: ${says}`);
  expect(said).not.toContain('\n');
});

test('masked language models have no prompt for them', async () => {
  await expect(taskNamed('squad').load('nowhere', { kind: 'masked', template: 'aligned' })).rejects.toThrow(
    'task squad has no aligned prompt for masked language models (there are: aligned for causal language models)',
  );
});

test('a long prompt loses its beginning, so that it leaves room for what is generated; its first special token stays', () => {
  const prompt = Array.from({ length: 40 }, (_, at) => `word${at}`).join(' ');
  const example = { prompt, candidates: [' red\n'], answer: 0, golds: ['red'] };
  const tokenizer = wordTokenizer();
  const within = (maxLength: number) => ({ maxLength, vocabularySize: 1e6 });
  const whole = encodeExample(tokenizer, example, within(400)).question;
  expect(whole).toEqual({ prompt: tokenizer.encode(prompt), golds: ['red'] });
  // 32 tokens, of which a quarter are kept free.
  const cut = encodeExample(tokenizer, example, within(32)).question;
  expect(cut?.prompt).toEqual([0, ...tokenizer.encode(prompt).slice(-23)]);
  // MeZO's 50.
  expect(encodeExample(wordTokenizer(), { ...example, prompt: `${prompt} `.repeat(60) }, within(2048)).question?.prompt.length).toBe(1998);
});
