import { isOwnCode } from '../../own-code/index.js';
import { readdirSync, statSync } from 'node:fs';
import { z } from 'zod';
import { firstIssue, InputError, UsageError } from '../../engine/index.js';
import { visible } from '../../engine/visible.js';
import {
  fetchModel,
  knownAs,
  loadModel,
  openCheckpoint,
  readJsonObject,
  saveModel,
  type Checkpoint,
  type ReportDownload,
} from '../../models/index.js';
import { resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import { schemeNamed, type Scheme } from '../../schemes/index.js';
import { cellTitle, located, downloadLines, sayWarnings, triedOptimizer, triedScheme } from '../../benchmarks/plan/index.js';
import { type CommandLine, text, runProgram, type Output } from '../../command-line/index.js';
import { notAllowed, withOptionsOf } from '../../benchmarks/run/index.js';
import { schemeSeed, otherVersion, parametersSha256, SeedPlayer, seedLogSchema, type SeedLog } from '../../training/index.js';

const schema = z.strictObject({
  out: text().optional().describe("folder to write the model to; default: the log's path without .json"),
  model: text().optional().describe('the base checkpoint, or its folder; default: where the run had it'),
  optimizer: text().optional().describe('the file of an optimizer of your own that the run was made with: a log alone has no code run'),
  scheme: text().optional().describe('the same for a scheme of your own'),
});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run replay --',
  usage: 'Makes the trained parameters of a run again from its seed log and the base checkpoint, without a forward pass.',
  operands: '<log>',
  schema,
  examples: [['results/quick-1a2b3c4d/seed-logs/c0a2c79d8b741fc0.json --out trained', 'the model of that cell, as a folder']],
};

interface Request {
  readonly file: string;
  readonly out: string;
  readonly model: string | undefined;
  readonly optimizer: string | undefined;
  readonly scheme: string | undefined;
}

/** Makes the trained parameters of a cell again from its seed log, without a forward pass; returns the process's exit code. */
export function runReplay(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (options, files, reply) => {
    const request = requestOf(options, files, output.calledAs);
    const log = readSeedLog(request.file);
    const [title, told] = [cellTitle(log.settings), { cell: log.cell, steps: log.step, out: request.out }];
    if (reply.dryRun) {
      requireNew(request.out);
      reply.result(`${title}: ${log.step} steps to be replayed, to ${visible(request.out)}`, told);
      return 0;
    }
    const { folder, warnings } = await replay(log, request, downloadLines(reply.progress));
    sayWarnings(warnings, output.stderr);
    reply.result(
      `${title}: ${log.step} steps replayed on ${visible(folder)}, every parameter as it was, bit for bit: ${visible(request.out)}`,
      { ...told, base: folder },
    );
    return 0;
  });
}

function requestOf(
  { out: folder, model, optimizer, scheme }: z.output<typeof schema>,
  [file, ...more]: readonly string[],
  program = commandLine.scriptName,
): Request {
  if (file === undefined || more.length > 0) {
    throw new UsageError(`one seed log is needed: ${program} <run folder>/seed-logs/<cell>.json`);
  }
  const out = folder ?? file.replace(/\.json$/, '');
  if (out === file) throw new UsageError(`${file}: where shall the model be written? Give a folder with --out`);
  return { file, out, model, optimizer, scheme };
}

/** @throws InputError naming file and field. */
function readSeedLog(file: string): SeedLog {
  const parsed = seedLogSchema.safeParse(readJsonObject(file));
  if (parsed.success) return parsed.data;
  throw new InputError(`${file} is no seed log: ${firstIssue(parsed.error)}`);
}

/** Replays the steps, checks what they come to and saves it; gives the folder of the base checkpoint, and what nobody knows of its configuration. */
async function replay(log: SeedLog, request: Request, report: ReportDownload): Promise<{ folder: string; warnings: readonly string[] }> {
  const { settings, step: steps } = log;
  const { out, model: given = located(log).model } = request;
  requireNew(out);
  const optimizer = await optimizerOf(log, request);
  const adaptation = (await schemeOf(log, request)).adaptation(schemeSeed(settings.seed));
  const checkpoint = openCheckpoint(await fetchModel(given, report, [adaptation]));
  checkSame(checkpoint, log);
  const model = await loadModel(checkpoint, adaptation);
  const player = new SeedPlayer(settings, log.scalars);
  const state = optimizer.init(model.parameters);
  for (let step = 0; step < steps; step++) await optimizer.step(player.context(model.parameters, step), state);
  if (!player.isAtEnd) throw otherVersion(`the log tells more than ${steps} steps ask for`);
  if (parametersSha256(model.parameters) !== log.parametersSha256) throw otherVersion('the replayed parameters are not those of the run');
  saveModel(out, model, checkpoint, adaptation, knownAs(given, checkpoint.folder));
  return { folder: checkpoint.folder, warnings: model.architecture.warnings };
}

/**
 * The run's optimizer; one of the user's own from the file that the command line gives, for a log has no code run. Its options are the
 * log's, unless some are given.
 * @throws UsageError where none is given, or another.
 */
async function optimizerOf({ settings, places }: SeedLog, { file, optimizer: given }: Request): Promise<Optimizer> {
  const named = places.optimizer ?? settings.optimizer;
  if (!isOwnCode(named)) {
    if (given !== undefined) throw new UsageError(`--optimizer ${given}: the run was made with ${named}, which comes with zobench`);
    return resolveOptimizer(named);
  }
  if (given === undefined) throw notAllowed('optimizer', file, [named]);
  const optimizer = await triedOptimizer(withOptionsOf(named, given));
  if (optimizer.id === settings.optimizer || named === settings.optimizer) return optimizer;
  throw new UsageError(`--optimizer ${given} is ${optimizer.id}, the run was made with ${settings.optimizer}`);
}

/** The run's scheme, in the same way. @throws UsageError */
async function schemeOf({ settings, places }: SeedLog, { file, scheme: given }: Request): Promise<Scheme> {
  const named = places.scheme ?? settings.scheme;
  if (!isOwnCode(named)) {
    if (given !== undefined) throw new UsageError(`--scheme ${given}: the run was made with ${named}, which comes with zobench`);
    return schemeNamed(named);
  }
  if (given === undefined) throw notAllowed('scheme', file, [named]);
  const scheme = await triedScheme(withOptionsOf(named, given));
  if (scheme.id === settings.scheme) return scheme;
  throw new UsageError(`--scheme ${given} is ${scheme.id}, the run was made with ${settings.scheme}`);
}

/** @throws UsageError where something would be overwritten. */
function requireNew(out: string): void {
  const there = statSync(out, { throwIfNoEntry: false });
  if (!there || (there.isDirectory() && readdirSync(out).length === 0)) return;
  throw new UsageError(`${out} is there already: name a new folder with --out`);
}

/** @throws InputError where the run began elsewhere. */
function checkSame(base: Checkpoint, { checkpoint }: SeedLog): void {
  const sha256 = base.sha256();
  if (sha256 === checkpoint.sha256) return;
  const hashes = `its SHA-256 is ${sha256}, the log's ${checkpoint.sha256}`;
  throw new InputError(`${base.folder} is not the checkpoint of the run: ${hashes} (--model names another folder)`);
}
