import type { Point, ForwardRunner } from '../engine/index.js';
import { generateGreedily, type LanguageModel, type Limits, type Tokenizer } from '../models/index.js';
import { newTokens, type Question } from '../tasks/index.js';

/** Has a model write its own answers: up to a line break or the end of the text, and without spaces at either end. */
export class AnswerWriter {
  readonly #limits: Limits;

  constructor(
    readonly model: LanguageModel,
    readonly tokenizer: Tokenizer,
  ) {
    // Its last token, as in MeZO: SentencePiece may put a space before it.
    const lineBreak = tokenizer.encode('\n', { specialTokens: false }).at(-1);
    const stopIds = [lineBreak, tokenizer.eosId].filter((id) => id !== undefined);
    this.#limits = { maxNewTokens: newTokens(model.architecture.dimensions.maxLength), stopIds };
  }

  /** The answers to one batch of questions at a point, or at theta. Throws DivergedError, UsageError for a masked language model. */
  async write(runner: ForwardRunner, questions: readonly Question[], point?: Point): Promise<string[]> {
    const prompts = questions.map(({ prompt }) => prompt);
    const texts = await generateGreedily(runner, this.model, prompts, this.#limits, point);
    return texts.map((text) => this.tokenizer.decode(text, { specialTokens: false }).trim());
  }
}
