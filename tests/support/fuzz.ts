import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { complaintOf } from '../../command-line/program.js';
import { withinTime } from '../../engine/index.js';

/** How many times as many inputs as usual are tried. */
const TIMES = Number(process.env.ZOBENCH_FUZZ ?? 1);
const SEED = 16;
const TEST_LIMIT_MS = 120_000;
/** For what takes some milliseconds, on busy machines. */
const LIMIT_MS = 10_000;
const MOST_GROWTH_MIB = 1024;

/**
 * Tries changed inputs, the same in every run. The property takes one and says whether it was accepted: both must happen, or it shows
 * nothing.
 */
export function fuzz<T>(name: string, inputs: fc.Arbitrary<T>, count: number, accepts: (input: T) => boolean | Promise<boolean>): void {
  const act = async (): Promise<void> => {
    const before = peakMib();
    let [accepted, refused] = [0, 0];
    const property = fc.asyncProperty(inputs, async (input) => {
      if (await accepts(input)) accepted++;
      else refused++;
    });
    await fc.assert(property, { numRuns: Math.ceil(count * TIMES), seed: SEED });
    expect(Math.min(accepted, refused)).toBeGreaterThan(0);
    expect(peakMib() - before).toBeLessThan(MOST_GROWTH_MIB);
  };
  test(`${name}: an answer or one line`, act, TEST_LIMIT_MS * Math.max(1, TIMES));
}

const peakMib = (): number => process.resourceUsage().maxRSS / 1024;

/**
 * What comes of an input: an answer, or undefined where it is refused as the command line refuses, in a line. Throws where zobench has
 * another error, or takes too long.
 */
export async function answerTo<T>(act: () => T | Promise<T>): Promise<T | undefined> {
  const started = performance.now();
  const answer = await Promise.resolve().then(act).catch(requireLine);
  expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  return answer;
}

/** The same for what does not wait, and is ended where it loops. */
export const quickAnswerTo = <T>(act: () => T): Promise<T | undefined> => answerTo(() => withinTime(LIMIT_MS, act));

function requireLine(error: unknown): undefined {
  const complaint = complaintOf(error);
  if (complaint === undefined) throw error;
  expectLine(complaint);
}

/** One line of a length that is read. */
export function expectLine(complaint: string): void {
  expect(complaint).not.toMatch(/[\n\r]/);
  expect(complaint.length).toBeLessThan(2000);
}
