import type { Parameter, ParameterPlace } from '../../engine/index.js';

/** How finely a model is taken apart: equal blocks; attention and feed-forward layers; single linear layers. */
export type Level = 'block' | 'module' | 'linear';

/** Parameters that are probed together. */
export interface ParameterBlock<Member = Parameter> {
  readonly name: string;
  readonly parameters: ReadonlySet<Member>;
}

/** A stage of the model that is one of its equal blocks, with its number. */
const BLOCK = /^block\.(\d+)$/;

export const isEqualBlock = (stage: string): boolean => BLOCK.test(stage);

/** A tensor of a linear layer or a norm, and the factors that LoRA adds to a linear layer. */
const TENSOR = /(\.lora_[AB])?\.(weight|bias)$/;

/**
 * The blocks of these parameters, in the order in which the model uses them. Outside the model's equal blocks (embeddings, final norm,
 * head) every module is a block at every level, as in ZO-Bench's tables of names: 27 blocks for OPT-1.3B at level block.
 */
export function blocksOf<Member extends ParameterPlace>(parameters: readonly Member[], level: Level): readonly ParameterBlock<Member>[] {
  const blocks = new Map<string, Set<Member>>();
  for (const parameter of parameters) {
    const name = blockName(parameter, level);
    blocks.set(name, (blocks.get(name) ?? new Set<Member>()).add(parameter));
  }
  return [...blocks].map(([name, members]) => ({ name, parameters: members }));
}

function blockName({ stage, local }: ParameterPlace, level: Level): string {
  const inner = isEqualBlock(stage);
  if (inner && level === 'block') return stage;
  const [module = local] = local.split('.');
  return `${stage}/${inner && level === 'linear' ? local.replace(TENSOR, '') : module}`;
}

/**
 * The parameters used before the equal block of that number: those of earlier blocks, and the embeddings unless the number is 0. Beyond
 * the last block it is all parameters. A parameter of no stage counts as a block of its own.
 */
export function usedBefore(all: readonly Parameter[], number: number): (parameter: Parameter) => boolean {
  const numbers = new Map<Parameter, number>();
  let blocks = 0;
  for (const parameter of all) {
    const [, block] = BLOCK.exec(parameter.stage) ?? [];
    numbers.set(parameter, block === undefined ? blocks : Number(block));
    if (block !== undefined) blocks = Number(block) + 1;
    else if (parameter.stage === '') blocks += 1;
  }
  return (parameter) => (numbers.get(parameter) ?? Infinity) < number;
}
