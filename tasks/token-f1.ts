// SQuAD's metrics (Rajpurkar et al. 2016, arXiv:1606.05250, and its official evaluation script for version 1.1).

const PUNCTUATION = /[!-/:-@[-`{-~]/g; // ASCII's
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** In lower case, without punctuation and articles, as words. */
export function answerWords(text: string): readonly string[] {
  const bare = text.toLowerCase().replace(PUNCTUATION, '').replace(ARTICLES, ' ');
  return bare.split(/\s+/).filter((word) => word !== '');
}

/** F1 = 2 common / (words said + words right) with the gold answer that gives the most; words count as often as they occur. */
export function tokenF1(text: string, golds: readonly string[]): number {
  const said = answerWords(text);
  return Math.max(...golds.map((gold) => wordF1(said, answerWords(gold))));
}

/** Whether the words are those of a gold answer, in its order. */
export function exactMatch(text: string, golds: readonly string[]): boolean {
  const said = answerWords(text).join(' ');
  return golds.some((gold) => answerWords(gold).join(' ') === said);
}

function wordF1(said: readonly string[], right: readonly string[]): number {
  const left = [...right];
  const common = said.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
  return common === 0 ? 0 : (2 * common) / (said.length + right.length);
}
