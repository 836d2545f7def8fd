import { expect, test } from '@jest/globals';
import { taskNamed, type ModelKind, type Template } from '../../tasks/index.js';
import { folderWith } from '../support/data-folder.js';

test('short items, by hand', async () => {
  const folder = folderWith({
    'COPA/train.jsonl': '{"premise":"I wept. ","choice1":"I fell.","choice2":"The cat slept.","question":"cause","label":0}\n',
    'COPA/val.jsonl': '{"premise":"It rained.","choice1":"The street got wet.","choice2":"It dried.","question":"effect","label":0}\n',
    'WinoGrande/train_m.jsonl': '{"sentence":"_ won as he ran.","option1":"Al","option2":"Bo","answer":"2"}\n',
    'WinoGrande/dev.jsonl': '{"sentence":"The mug and the cup fell; the _ broke.","option1":"mug","option2":"cup","answer":"1"}\n',
    'WSC/train.jsonl':
      '{"text":"The dog chased the cat , and it ran.","target":{"span1_text":"The cat","span1_index":3,"span2_text":"It"},"label":true}\n',
    'WSC/val.jsonl': '{"text":"Al saw Bo as he left.","target":{"span1_text":"Al","span1_index":0,"span2_text":"he"},"label":false}\n',
  });
  const load = async (id: string, template: Template = 'aligned') => {
    const { train, test: held } = await taskNamed(id).load(folder, { kind: 'causal', template });
    return [...train, ...held].map(({ prompt, candidates, answer }) => [prompt, candidates, answer]);
  };
  expect(await load('copa')).toEqual([
    ['I wept because', [' I fell.', ' the cat slept.'], 0],
    ['It rained so', [' the street got wet.', ' it dried.'], 0],
  ]);
  expect((await load('copa', 'plain'))[1]).toEqual(['It rained', [' the street got wet.', ' it dried.'], 0]);
  expect(await load('winogrande')).toEqual([
    ['', ['Al won as he ran.', 'Bo won as he ran.'], 1],
    ['The mug and the cup fell; the', [' mug broke.', ' cup broke.'], 0],
  ]);
  expect(await load('wsc')).toEqual([
    // The span as the text has it, as in wsc.fixed.
    [
      'The dog chased the cat , and it ran.\nIn the previous sentence, does the pronoun "it" refer to the cat? Yes or No?\n',
      ['No', 'Yes'],
      1,
    ],
    ['Al saw Bo as he left.\nIn the previous sentence, does the pronoun "he" refer to Al? Yes or No?\n', ['No', 'Yes'], 0],
  ]);
});

test("a masked language model gets MeZO's 128 tokens of an item, 256 of a pair of sentences; others what their context holds", async () => {
  const pair = '{"premise":"It rained.","hypothesis":"The street got wet.","label":"entailment"}\n';
  const folder = folderWith({
    'SST-2/train.tsv': 'sentence\tlabel\nfine film\t1\n',
    'SST-2/dev.tsv': 'sentence\tlabel\nfine film\t1\n',
    'RTE/train.jsonl': pair,
    'RTE/val.jsonl': pair,
  });
  const limit = async (id: string, kind: ModelKind) =>
    (await taskNamed(id).load(folder, { kind, template: 'aligned' })).train.map(({ maxTokens }) => maxTokens);
  expect(await limit('sst2', 'masked')).toEqual([128]);
  expect(await limit('rte', 'masked')).toEqual([256]);
  expect(await limit('rte', 'causal')).toEqual([undefined]);
});
