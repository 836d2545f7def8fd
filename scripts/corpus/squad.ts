import type { Bucket } from './partition.js';
import { drawPassage, type Passage } from './passages.js';
import { Random } from './random.js';

const QUESTIONS_PER_PASSAGE = 2;
const TRAIN_PASSAGES = 800;
const TEST_PASSAGES = 500;

/** A file of SQuAD 1.1. */
export interface SquadFile {
  readonly version: '1.1';
  readonly data: readonly { readonly title: string; readonly paragraphs: readonly SquadParagraph[] }[];
}

interface SquadParagraph {
  readonly context: string;
  readonly qas: readonly {
    readonly id: string;
    readonly question: string;
    readonly answers: readonly { readonly text: string; readonly answer_start: number }[];
  }[];
}

/** 1,600 and 1,000 questions on 800 and 500 passages, whose sentences belong to the bucket of their file. */
export function generateSquad(seed: number): { readonly train: SquadFile; readonly test: SquadFile } {
  const random = new Random(seed).split('squad');
  return { train: drawFile(random.split('train'), 'train', TRAIN_PASSAGES), test: drawFile(random.split('test'), 'test', TEST_PASSAGES) };
}

function drawFile(random: Random, bucket: Bucket, count: number): SquadFile {
  const byTitle = new Map<string, SquadParagraph[]>();
  for (let i = 0; i < count; i++) {
    const passage = drawPassage(random, bucket);
    byTitle.set(passage.title, [...(byTitle.get(passage.title) ?? []), toParagraph(random, passage, `${bucket}-${i}`)]);
  }
  return { version: '1.1', data: [...byTitle].map(([title, paragraphs]) => ({ title, paragraphs })) };
}

function toParagraph(random: Random, { context, questions }: Passage, id: string): SquadParagraph {
  const asked = random.sample(questions, QUESTIONS_PER_PASSAGE);
  const qas = asked.map(({ question, answer, start }, index) => ({
    id: `${id}-${index}`,
    question,
    answers: [{ text: answer, answer_start: start }],
  }));
  return { context, qas };
}
