import { FACTS, type Fact } from './facts.js';
import { bucketOf, type Bucket } from './partition.js';
import type { Random } from './random.js';
import { drawScene, renderScene, type Scene } from './scene.js';

/** How many facts a passage of the data sets has; one of the corpus may have fewer. */
export const MAX_FACTS = 3;

export interface Question {
  readonly question: string;
  /** A stretch of the passage's context. */
  readonly answer: string;
  /** Where in the context it starts, in characters. */
  readonly start: number;
}

/** A few facts and everything that can be asked about them. */
export interface Passage {
  readonly title: string;
  readonly context: string;
  readonly questions: readonly Question[];
}

interface ToldFact {
  readonly fact: Fact;
  readonly scene: Scene;
  readonly sentence: string;
}

/** A passage all of whose sentences, each ending with " .", belong to the bucket. */
export function drawPassage(random: Random, bucket: Bucket, facts = MAX_FACTS): Passage {
  const told: ToldFact[] = [];
  for (const fact of random.sample(FACTS, facts)) told.push(tellFact(random, bucket, fact, told));
  const context = told.map(({ sentence }) => sentence).join(' ');
  const questions = told.flatMap((one) => questionsAbout(one, context.indexOf(one.sentence)));
  return { title: renderScene(drawScene(random), 'last {period}'), context, questions };
}

function tellFact(random: Random, bucket: Bucket, fact: Fact, others: readonly ToldFact[]): ToldFact {
  for (;;) {
    const scene = drawScene(random);
    const sentence = `${renderScene(scene, fact.sentence)} .`;
    if (bucketOf(sentence) === bucket && others.every((other) => areApart(scene, other.scene))) return { fact, scene, sentence };
  }
}

/** Facts about other people; of anything else no two facts speak alike. */
function areApart(one: Scene, other: Scene): boolean {
  const people = [one, other].flatMap((scene) => ['A', 'B'].map((slot) => scene.get(slot)));
  return new Set(people).size === people.length;
}

function questionsAbout({ fact, scene, sentence }: ToldFact, sentenceStart: number): Question[] {
  return fact.questions.map(([question, slots]) => {
    const answer = renderScene(scene, slots);
    const start = sentenceStart + ` ${sentence} `.indexOf(` ${answer} `);
    return { question: renderScene(scene, question), answer, start };
  });
}
