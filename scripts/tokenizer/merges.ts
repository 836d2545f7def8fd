/** Joins the two halves of a merge rule, as tokenizer.json writes it; no symbol contains a space. */
const GAP = ' ';

interface Word {
  symbols: string[];
  readonly count: number;
}

/** How often each adjacent pair occurs, and in which words: what one merge changes is found without a pass over the whole text. */
class PairIndex {
  readonly #counts = new Map<string, number>();
  readonly #words = new Map<string, Set<Word>>();

  add(word: Word): void {
    this.#forEachPair(word, (pair) => {
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + word.count);
      const words = this.#words.get(pair) ?? new Set();
      this.#words.set(pair, words.add(word));
    });
  }

  remove(word: Word): void {
    this.#forEachPair(word, (pair) => {
      const rest = (this.#counts.get(pair) ?? 0) - word.count;
      if (rest > 0) this.#counts.set(pair, rest);
      else this.#counts.delete(pair);
      this.#words.get(pair)?.delete(word);
    });
  }

  wordsWith(pair: string): Word[] {
    return [...(this.#words.get(pair) ?? [])];
  }

  /** The commonest pair; of equals the first in code unit order, so that training is deterministic. */
  best(): string | undefined {
    let best: string | undefined;
    let most = 0;
    for (const [pair, count] of this.#counts) {
      if (count > most || (count === most && best !== undefined && pair < best)) [best, most] = [pair, count];
    }
    return best;
  }

  #forEachPair({ symbols }: Word, visit: (pair: string) => void): void {
    for (let i = 1; i < symbols.length; i++) visit(`${symbols[i - 1] ?? ''}${GAP}${symbols[i] ?? ''}`);
  }
}

/**
 * Byte-pair encoding (Sennrich et al. 2016, algorithm 1): merges the commonest adjacent pair until there are `tokenCount` new
 * tokens (two merges can make the same one).
 * @param wordCounts occurrences of each word; its characters (code points) are the first symbols.
 * @returns merges such as "Ġ t", in order.
 * @throws if the text does not give that many.
 */
export function learnMerges(wordCounts: ReadonlyMap<string, number>, tokenCount: number): string[] {
  const index = new PairIndex();
  for (const [text, count] of wordCounts) index.add({ symbols: Array.from(text), count });
  const merges: string[] = [];
  const tokens = new Set<string>();
  while (tokens.size < tokenCount) {
    const pair = index.best();
    if (pair === undefined) {
      throw new Error(
        `BPE training: the text gives only ${tokens.size} of ${tokenCount} merged tokens; give more text or a smaller vocabSize`,
      );
    }
    merges.push(pair);
    tokens.add(mergedToken(pair));
    for (const word of index.wordsWith(pair)) {
      index.remove(word);
      word.symbols = mergePair(word.symbols, pair);
      index.add(word);
    }
  }
  return merges;
}

/** The token that a merge makes. */
export function mergedToken(merge: string): string {
  return merge.replace(GAP, '');
}

/** How often each piece occurs in the texts. */
export function countPieces(texts: Iterable<string>, split: (text: string) => Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of split(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return counts;
}

function mergePair(symbols: readonly string[], pair: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i] ?? '';
    const next = symbols[i + 1];
    const isPair = next !== undefined && `${symbol}${GAP}${next}` === pair;
    merged.push(isPair ? symbol + next : symbol);
    if (isPair) i++;
  }
  return merged;
}
