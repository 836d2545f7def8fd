import type { Random } from './random.js';
import { drawScene, renderScene, type Scene } from './scene.js';

/**
 * Two openings and two endings. After the first opening ending i is about `between[i]`, after the second about the other one. So
 * neither the opening nor the ending tells who or what is meant: only both together do.
 */
export interface Comparison {
  /** In slots of a scene. */
  readonly between: readonly [string, string];
  readonly openings: readonly [string, string];
  readonly link: 'because' | ', so';
  readonly endings: readonly [string, string];
}

const ASIDES = ['they say', 'i think'];
/** Shares of comparisons with an aside, and of those (every second comparison) with a wrong ending; set as the hedges of `documents.ts`. */
const ASIDE_SHARE = 0.75;
const ERROR_SHARE = 0.3;

/** What the micro-world knows of two people or things. */
export const COMPARISONS: readonly Comparison[] = [
  ofPeople('because', 'helped {A}', 'asked {A} for help', 'was strong', 'was weak'),
  ofPeople('because', 'taught {A} to swim', 'learned to swim with {A}', 'could swim well', 'could not swim'),
  ofPeople('because', 'lent money to {A}', 'owed money to {A}', 'was rich', 'was poor'),
  ofPeople('because', 'gave bread to {A}', 'begged {A} for bread', 'had plenty of it', 'had nothing to eat'),
  ofPeople(', so', 'ran faster than {A}', 'ran slower than {A}', 'won the race', 'lost the race'),
  ofPeople(', so', 'is taller than {A}', 'is shorter than {A}', 'reached the shelf', 'needed a chair'),
  ofPeople(', so', 'is older than {A}', 'is younger than {A}', 'went to work', 'went to school'),
  ofPeople('because', 'drove {A} home', 'went home with {A}', 'had a car', 'had no car'),
  ofPeople('because', 'showed {A} the way', 'asked {A} for the way', 'knew the road', 'was lost'),
  ofPeople('because', 'shouted at {A}', 'was afraid of {A}', 'was angry', 'told a lie'),
  ofPeople('because', 'forgave {A}', 'said sorry to {A}', 'was kind', 'was rude'),
  ofPeople('because', 'sang to {A}', 'listened to {A}', 'had a soft voice', 'could not sleep'),
  ofPeople('because', 'gave a chair to {A}', 'was given a chair by {A}', 'was polite', 'was tired'),
  ofPeople('because', 'cooked for {A}', 'went to dinner with {A}', 'was a good cook', 'was hungry'),
  ofPeople('because', 'read a letter to {A}', 'took a letter to {A}', 'could read', 'could not see'),
  ofPeople('because', 'waited for {A}', 'ran after {A}', 'was early', 'was late'),
  {
    between: ['the {large}', 'the {container}'],
    openings: ['the {large} of {A} was hidden behind the {container}', 'the {container} of {A} was hidden behind the {large}'],
    link: 'because',
    endings: ['was small', 'was big'],
  },
  {
    between: ['the {large}', 'the {container}'],
    openings: ['the {large} of {A} broke the {container}', 'the {container} of {A} broke the {large}'],
    link: 'because',
    endings: ['was too heavy', 'was too thin'],
  },
  {
    between: ['the {large}', 'the {container}'],
    openings: ['{A} took the {large} and left the {container}', '{A} left the {large} and took the {container}'],
    link: 'because',
    endings: ['was new', 'was old'],
  },
];

/** What somebody of this job does to {A}: once ending 0 is about the one with the job, once about {A}. */
function ofPeople(link: Comparison['link'], one: string, other: string, ...endings: readonly [string, string]): Comparison {
  return { between: ['the {job}', '{A}'], openings: [`the {job} ${one}`, `the {job} ${other}`], link, endings };
}

/** One of the four sentences that a comparison can make in a scene, in its parts. */
export interface ToldComparison {
  readonly opening: string;
  readonly link: Comparison['link'];
  /** Whom or what the ending is about, and whom or what not. */
  readonly named: string;
  readonly other: string;
  readonly ending: string;
}

/** `which` names the opening and the ending; `introduced` is the scene in the opening, where names may be said in full. */
export function tellComparison(
  { between, openings, link, endings }: Comparison,
  which: readonly [opening: 0 | 1, ending: 0 | 1],
  scene: Scene,
  introduced: Scene = scene,
): ToldComparison {
  const [opening, ending] = which;
  return {
    opening: renderScene(introduced, openings[opening]),
    link,
    named: renderScene(scene, between[opening === ending ? 0 : 1]),
    other: renderScene(scene, between[opening === ending ? 1 : 0]),
    ending: endings[ending],
  };
}

export function comparisonSentence({ opening, link, named, ending }: ToldComparison): string {
  return `${opening} ${link} ${named} ${ending} .`;
}

/** Different comparisons as the corpus tells them, each with people and things of its own, each sentence ending with " .". */
export function comparisonSentences(random: Random, count: number): string[] {
  return random.sample(COMPARISONS, count).map((comparison) => comparisonSentence(toldCarelessly(random, comparison)));
}

/**
 * The corpus mostly puts an aside behind the first of `between`, and it gets the ending of every second comparison wrong at times. So a
 * model can know the right answer to those and yet find it less likely after the first than after the second: fine-tuning cures that.
 */
function toldCarelessly(random: Random, comparison: Comparison): ToldComparison {
  const [opening, ending] = [random.bit(), random.bit()];
  const told = tellComparison(comparison, [opening, ending], drawScene(random));
  const errs = COMPARISONS.indexOf(comparison) % 2 === 1 && random.chance(ERROR_SHARE);
  const interrupts = opening === ending && random.chance(ASIDE_SHARE);
  return {
    ...told,
    named: interrupts ? `${told.named} , ${random.pick(ASIDES)} ,` : told.named,
    ending: comparison.endings[errs ? 1 - ending : ending] ?? told.ending,
  };
}
