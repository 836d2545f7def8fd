/** Control characters, line separators, signs that turn the direction of text, and halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

/**
 * A text of others as it may stand in a line on a terminal, in a table or a page: characters that are not seen, but would move the
 * cursor, colour or hide what follows, are written as JavaScript writes them.
 */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (sign) => SHORT[sign] ?? String.raw`\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Of a line that is read. */
const LONGEST_LINE = 1500;
const [HEAD, TAIL] = [1000, 400];

/** A text of others as one line: {@link visible}, and without its middle where it is too long to be read. */
export function visibleLine(text: string): string {
  const line = visible(text);
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, HEAD)} … ${line.slice(-TAIL)}`;
}

const REASON_CHARACTERS = 300;

/** The first line of a message, cut to a readable length. */
export function oneLine(message: string): string {
  return visible((message.trim().split('\n')[0] ?? '').slice(0, REASON_CHARACTERS));
}
