import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadTokenizer, type Tokenizer } from '../../models/index.js';
import { encodeExample, taskIds, taskNamed, type Example, type ModelKind, type Template } from '../../tasks/index.js';
import { folderWith } from '../support/data-folder.js';
import { sharedFolder } from '../support/shared.js';

/*
 * The papers' prompts, written out once more over the rows of the original files: MeZO's and ZO-Bench's templates.py (class names below),
 * and for masked language models the templates of MeZO's run_fewshot.sh.
 */

const data = join(sharedFolder, 'data');
const tokenizers = join(sharedFolder, 'tokenizers');
const areThere = existsSync(join(data, 'RTE/val.jsonl')) && existsSync(join(tokenizers, 'roberta-base/tokenizer.json'));
if (!areThere) console.warn(`skipped: the prompts of real items need ${data} and ${tokenizers}`);

type Plain = Pick<Example, 'prompt' | 'candidates' | 'answer'>;

interface Case {
  readonly id: string;
  readonly kind?: ModelKind;
  readonly template?: Template;
  /** The test items' file in the shared data. */
  readonly file: string;
  /** What stands in for files that are not there in full: name in the data set's folder, and which of its files. */
  readonly standIns?: Readonly<Record<string, string>>;
  /** The items of a line. */
  readonly plain: (line: string) => Plain[];
}

/** A line is a JSON object, and an item. */
const json =
  (plain: (row: never) => Plain) =>
  (line: string): Plain[] => [plain(JSON.parse(line) as never)];

interface Sentence {
  readonly text: string;
  readonly label: number;
}
const glue =
  (plain: (row: Sentence) => Plain) =>
  (line: string): Plain[] => {
    const [text = '', label = ''] = line.split('\t');
    return [plain({ text: text.trim(), label: Number(label) })];
  };

interface Pair {
  readonly premise: string;
  readonly hypothesis: string;
  readonly label: string;
}
const lower = (s: string): string => s.charAt(0).toLowerCase() + s.substring(1);
const inference = (words: Readonly<Record<string, string>>) =>
  json((r: Pair) => ({
    prompt: r.premise.substring(0, r.premise.length - 1) + '?<mask>, ' + lower(r.hypothesis),
    candidates: Object.values(words),
    answer: Object.keys(words).indexOf(r.label),
  }));
const three = { entailment: ' Yes', neutral: ' Maybe', contradiction: ' No' };

interface Alternatives extends Record<'premise' | 'choice1' | 'choice2' | 'question', string> {
  readonly label: number;
}
const copa = (conjunctions: Readonly<Record<string, string>>) =>
  json((r: Alternatives) => ({
    prompt: (r.premise.endsWith('.') ? r.premise.slice(0, -1) : r.premise) + (conjunctions[r.question] ?? ''),
    candidates: [r.choice1, r.choice2].map((choice) => {
      const [first = '', ...more] = choice.split(' ');
      return ' ' + [first === 'I' ? 'I' : first.toLowerCase(), ...more].join(' ');
    }),
    answer: r.label,
  }));

const cases: readonly Case[] = [
  // SST2Template, SST2TemplateEmpty
  {
    id: 'sst2',
    file: 'SST-2/dev.tsv',
    plain: glue((r) => ({ prompt: r.text + ' It was', candidates: [' terrible', ' great'], answer: r.label })),
  },
  {
    id: 'sst2',
    template: 'plain',
    file: 'SST-2/dev.tsv',
    plain: glue((r) => ({ prompt: r.text, candidates: [' terrible', ' great'], answer: r.label })),
  },
  // *cls**sent_0*_It_was*mask*.*sep+*
  {
    id: 'sst2',
    kind: 'masked',
    file: 'SST-2/dev.tsv',
    plain: glue((r) => ({ prompt: r.text + ' It was<mask>.', candidates: [' terrible', ' great'], answer: r.label })),
  },
  {
    id: 'sst5',
    kind: 'masked',
    file: 'SST-5/test.jsonl',
    plain: json((r: Record<'text' | 'label_text', string>) => ({
      prompt: r.text + ' It was<mask>.',
      candidates: [' terrible', ' bad', ' okay', ' good', ' great'],
      answer: ['very negative', 'negative', 'neutral', 'positive', 'very positive'].indexOf(r.label_text),
    })),
  },
  // RTETemplate, RTETemplateEmpty; *cls**sent-_0*?*mask*,*+sentl_1**sep+*
  {
    id: 'rte',
    file: 'RTE/val.jsonl',
    plain: json((r: Pair) => ({
      prompt: r.premise + '\nDoes this mean that "' + r.hypothesis + '" is true? Yes or No?\n',
      candidates: ['Yes', 'No'],
      answer: r.label === 'entailment' ? 0 : 1,
    })),
  },
  {
    id: 'rte',
    template: 'plain',
    file: 'RTE/val.jsonl',
    plain: json((r: Pair) => ({
      prompt: r.premise + '\n"' + r.hypothesis + '"\n',
      candidates: ['Yes', 'No'],
      answer: r.label === 'entailment' ? 0 : 1,
    })),
  },
  { id: 'rte', kind: 'masked', file: 'RTE/val.jsonl', plain: inference({ entailment: ' Yes', not_entailment: ' No' }) },
  { id: 'snli', kind: 'masked', file: 'SNLI/dev.jsonl', standIns: { 'train.jsonl': 'dev.jsonl' }, plain: inference(three) },
  { id: 'mnli', kind: 'masked', file: 'MNLI/dev.jsonl', standIns: { 'train.jsonl': 'dev.jsonl' }, plain: inference(three) },
  // *cls**mask*:*+sent_0**sep+*
  {
    id: 'trec',
    kind: 'masked',
    file: 'TREC/test.txt',
    plain: (line) => [
      {
        prompt: '<mask>: ' + line.substring(line.indexOf(' ') + 1),
        candidates: [' Expression', ' Entity', ' Description', ' Human', ' Location', ' Number'],
        answer: ['ABBR', 'ENTY', 'DESC', 'HUM', 'LOC', 'NUM'].indexOf(line.substring(0, line.indexOf(':'))),
      },
    ],
  },
  // CBTemplate
  {
    id: 'cb',
    file: 'CB/val.jsonl',
    plain: json((r: Pair) => ({
      prompt: 'Suppose ' + r.premise + ' Can we infer that "' + r.hypothesis + '"? Yes, No, or Maybe?\n',
      candidates: ['Yes', 'No', 'Maybe'],
      answer: ['entailment', 'contradiction', 'neutral'].indexOf(r.label),
    })),
  },
  // BoolQTemplateV3
  {
    id: 'boolq',
    file: 'BoolQ/val.jsonl',
    plain: json((r: { passage: string; question: string; label: boolean }) => ({
      prompt: r.passage + ' ' + r.question.charAt(0).toUpperCase() + r.question.substring(1) + '?\n',
      candidates: ['Yes', 'No'],
      answer: r.label ? 0 : 1,
    })),
  },
  // WSCTemplate
  {
    id: 'wsc',
    file: 'WSC/val.jsonl',
    plain: json((r: { text: string; target: Record<'span1_text' | 'span2_text', string>; label: boolean }) => ({
      prompt: `${r.text}\nIn the previous sentence, does the pronoun "${r.target.span2_text.toLowerCase()}" refer to ${r.target.span1_text}? Yes or No?\n`,
      candidates: ['No', 'Yes'],
      answer: r.label ? 1 : 0,
    })),
  },
  // WICTemplate
  {
    id: 'wic',
    file: 'WiC/val.jsonl',
    plain: json((r: { word: string; sentence1: string; sentence2: string; label: boolean }) => ({
      prompt: `Does the word "${r.word}" have the same meaning in these two sentences? Yes, No?\n${r.sentence1}\n${r.sentence2}\n`,
      candidates: ['No', 'Yes'],
      answer: r.label ? 1 : 0,
    })),
  },
  // MultiRCTemplate
  {
    id: 'multirc',
    file: 'MultiRC/val.jsonl',
    plain: (line) => {
      const { passage } = JSON.parse(line) as { passage: { text: string; questions: { question: string; answers: Sentence[] }[] } };
      return passage.questions.flatMap(({ question, answers }) =>
        answers.map(({ text, label }) => ({
          prompt: `${passage.text}\nQuestion: ${question}\nI found this answer "${text}". Is that correct? Yes or No?\n`,
          candidates: ['No', 'Yes'],
          answer: label,
        })),
      );
    },
  },
  // CopaTemplate, CopaTemplateEmpty
  { id: 'copa', file: 'COPA/val.jsonl', plain: copa({ effect: ' so', cause: ' because' }) },
  { id: 'copa', template: 'plain', file: 'COPA/val.jsonl', plain: copa({}) },
  // WinoGrandeTemplate
  {
    id: 'winogrande',
    file: 'WinoGrande/dev.jsonl',
    plain: json((r: Record<'sentence' | 'option1' | 'option2' | 'answer', string>) => ({
      prompt: r.sentence.substring(0, r.sentence.indexOf('_') - 1),
      candidates: [r.option1, r.option2].map((option) => ' ' + option + r.sentence.substring(r.sentence.indexOf('_') + 1)),
      answer: Number(r.answer) - 1,
    })),
  },
  // ReCoRDTemplateGPT3
  {
    id: 'record',
    file: 'ReCoRD/dev32.jsonl',
    standIns: { 'train.jsonl': 'train.jsonl', 'val.jsonl': 'dev32.jsonl' },
    plain: (line) => {
      const { passage, qas } = JSON.parse(line) as {
        passage: { text: string; entities: { start: number; end: number }[] };
        qas: { query: string; answers: { text: string }[] }[];
      };
      const spans = passage.entities.map(({ start, end }) => passage.text.substring(start, end + 1));
      const entities = spans.filter((span, index) => spans.indexOf(span) === index);
      return qas.map(({ query, answers }) => ({
        prompt: passage.text.split('@highlight\n').join('- ') + '\n-',
        candidates: entities.map((entity) => ' ' + query.split('@placeholder').join(entity)),
        answer: entities.indexOf(answers.map(({ text }) => text).sort()[0] ?? ''),
      }));
    },
  },
];

const ITEMS = 5;
/** More than any of the five has. */
const ROOM = 2048;

const loaded = new Map<string, Tokenizer>();

function tokenizerOf(kind: ModelKind): Tokenizer {
  const name = kind === 'masked' ? 'roberta-base' : 'gpt2';
  const tokenizer = loaded.get(name) ?? loadTokenizer(join(tokenizers, name));
  loaded.set(name, tokenizer);
  return tokenizer;
}

/** The shared data, or a copy of a data set's folder in which files stand in for others. */
function folderOf({ file, standIns }: Case): string {
  const [folder = '', name = ''] = file.split('/');
  if (!standIns) return data;
  const names = { [name]: name, ...standIns };
  return folderWith(
    Object.fromEntries(Object.entries(names).map(([to, from]) => [`${folder}/${to}`, readFileSync(join(data, folder, from), 'utf8')])),
  );
}

test('every task that chooses is asked here; where the model writes, in questions.test.ts', () => {
  const choosing = taskIds.filter((id) => taskNamed(id).metric === 'accuracy');
  expect(choosing.filter((id) => !cases.some((one) => one.id === id))).toEqual([]);
});

(areThere ? describe.each(cases) : describe.skip.each(cases))('%j', (one) => {
  const { id, kind = 'causal', template = 'aligned', file, plain } = one;
  let items: readonly Example[];
  beforeAll(async () => {
    const { train, test: held } = await taskNamed(id).load(folderOf(one), { kind, template });
    expect(train.length).toBeGreaterThan(20);
    items = held.slice(0, ITEMS);
  });

  test("makes the paper's prompts of the first five real items", () => {
    const lines = readFileSync(join(data, file), 'utf8').split('\n');
    const header = file.endsWith('.tsv') ? 1 : 0;
    const wanted = lines
      .slice(header, header + ITEMS)
      .flatMap(plain)
      .slice(0, ITEMS);
    expect(items.map(({ prompt, candidates, answer }) => ({ prompt, candidates, answer }))).toEqual(wanted);
  });

  test("scores the candidates' own tokens, in a real tokenizer", () => {
    const tokenizer = tokenizerOf(kind);
    for (const example of items) {
      const { trunk, branches, mask } = encodeExample(tokenizer, example, { maxLength: ROOM, vocabularySize: 1e6 });
      branches.forEach(({ tokens, scored }, index) => {
        const whole = [...trunk, ...tokens];
        const own = tokenizer.decode(whole.slice(whole.length - scored));
        expect(own).toBe(example.candidates[index]);
        if (kind === 'masked') {
          expect(tokenizer.decode([trunk[mask ?? NaN] ?? NaN])).toBe('<mask>');
          expect(scored).toBe(1);
        } else {
          expect(tokenizer.decode(whole.slice(0, -scored))).toBe(example.prompt);
        }
      });
    }
  });
});
