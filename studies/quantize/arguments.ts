import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { type CommandLine, count, flag, oneOf, text, wholeNumber } from '../../command-line/index.js';

export const METHODS = ['rtn', 'gptq', 'codebook'] as const;

const schema = z.strictObject({
  model: text().optional().describe('a model, a folder in Hugging Face layout, or an id on the hub'),
  method: oneOf(METHODS).default('gptq').describe('rtn (to the nearest), gptq (default; by calibration texts) or codebook (k-means)'),
  bits: wholeNumber(2).default(4).describe('of a weight: 2, 4 (default) or 8'),
  group: text().default('128').describe('inputs that share a scale, or column for all of them; default: 128'),
  asymmetric: flag().describe('zero points of their own'),
  ordered: flag().describe('gptq: inputs in the order of their sizes (desc_act)'),
  task: text().default('sst2').describe('whose training items are the calibration texts; default: sst2'),
  data: text().default('bundled').describe("bundled (default) or a folder with the tasks' files"),
  items: count().default(128).describe('calibration texts; default: 128'),
  seed: wholeNumber(0).default(0).describe('of the calibration texts; default: 0'),
  threads: count().default(availableParallelism()).describe('default: the cores'),
  out: text().optional().describe('folder; default: <model>-<method>-<bits>bit in the current one'),
});

export type QuantizeOptions = z.output<typeof schema>;

export const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'zobench quantize',
  usage: "Quantises the linear layers of a model's blocks, and writes a folder in the layout of GPTQ, or of AQLM for codebooks.",
  schema,
  examples: [
    ['--model opt-mini --method gptq --bits 4 --out opt-mini-4bit', 'then: zobench run --model ./opt-mini-4bit'],
    ['--model opt-mini --method codebook --bits 2', 'about two bits a weight'],
  ],
};
