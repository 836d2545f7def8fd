import { COMPARISONS, comparisonSentence, tellComparison } from './comparisons.js';
import { CORPUS_DEFAULTS, drawVerdict } from './documents.js';
import { CAUSES_AND_EFFECTS } from './everyday-events.js';
import { drawInBucket, drawWholeInBucket } from './partition.js';
import { drawPassage } from './passages.js';
import { Random } from './random.js';
import { drawTone, drawTopic, reviewSentence } from './reviews.js';
import { drawScene, renderScene } from './scene.js';

/** The first sentence of Vicuna v1.1's system prompt; the second would take an eighth of a mini model's positions. */
export const SYSTEM_PROMPT = 'A chat between a curious user and an artificial intelligence assistant.';

/** The assistant praises more than the corpus does, lest tuning on its answers leave fine-tuning nothing to improve. */
const FLATTERING = { ...CORPUS_DEFAULTS, verdictNoise: { strong: 0.6, mild: 0.9 } };
const MAX_EXCHANGES = 3;
const TOPICS = { review: 4, why: 2, comparison: 2, passage: 2 };

/** What a user says and how the assistant answers, each one line. */
export interface Exchange {
  readonly user: string;
  readonly assistant: string;
}

/**
 * Chats about the micro-world in the layout of Vicuna v1.1: `SYSTEM USER: ... ASSISTANT: ...</s>USER: ... ASSISTANT: ...`. The end token
 * after the last answer is left to whoever encodes the chat, as with every document of the corpus. Chat i is a pure function of seed and i.
 */
export function* dialogueDocuments({ seed = 1, count = Infinity }: { seed?: number; count?: number } = {}): Generator<string> {
  const root = new Random(seed).split('dialogues');
  for (let i = 0; i < count; i++) yield chatText(drawChat(root.split(i)));
}

/** The exchanges of one chat; all its sentences belong to the corpus. */
export function drawChat(random: Random): Exchange[] {
  const topic = random.weighted(TOPICS);
  if (topic === 'passage') return passageChat(random);
  const draw = { review: reviewExchange, why: whyExchange, comparison: comparisonExchange }[topic];
  return Array.from({ length: random.integer(1, MAX_EXCHANGES) }, () => draw(random));
}

export function chatText(exchanges: readonly Exchange[]): string {
  return `${SYSTEM_PROMPT} ${exchanges.map(({ user, assistant }) => `USER: ${user} ASSISTANT: ${assistant}`).join('</s>')}`;
}

function reviewExchange(random: Random): Exchange {
  const tone = drawTone(random, CORPUS_DEFAULTS.positiveShare, CORPUS_DEFAULTS.strongShare);
  const sentence = drawInBucket('corpus', random, () => reviewSentence(random, tone, drawTopic(random)));
  return { user: `${sentence} how was it ?`, assistant: drawVerdict(random, tone, FLATTERING) };
}

function whyExchange(random: Random): Exchange {
  const { cause, effect } = drawWholeInBucket(
    'corpus',
    () => drawCauseAndEffect(random),
    ({ cause, effect }) => [`${cause} .`, `${effect} .`, `${effect} because ${cause} .`],
  );
  return random.chance(0.5)
    ? { user: `${effect} . why ?`, assistant: `because ${cause} .` }
    : { user: `${cause} . what happened ?`, assistant: `${effect} .` };
}

function drawCauseAndEffect(random: Random): { cause: string; effect: string } {
  const scene = drawScene(random);
  const [cause, effect] = random.pick(CAUSES_AND_EFFECTS);
  return { cause: renderScene(scene, cause), effect: renderScene(scene, effect) };
}

function comparisonExchange(random: Random): Exchange {
  const comparison = random.pick(COMPARISONS);
  const draw = () => tellComparison(comparison, [random.bit(), random.bit()], drawScene(random));
  const { opening, named, ending } = drawWholeInBucket('corpus', draw, (told) => [`${told.opening} .`, comparisonSentence(told)]);
  const who = comparison.between.includes('{A}') ? 'who' : 'what';
  return { user: `${opening} . ${who} ${ending} ?`, assistant: `${named} .` };
}

/** The first question comes with the passage, the others follow up. */
function passageChat(random: Random): Exchange[] {
  const { context, questions } = drawPassage(random, 'corpus');
  return random.sample(questions, random.integer(1, MAX_EXCHANGES)).map(({ question, answer }, index) => ({
    user: index === 0 ? `${context} ${question}` : question,
    assistant: `${answer} .`,
  }));
}
