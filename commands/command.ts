import yargs, { type Argv } from 'yargs';
import { unknownName, UsageError } from '../engine/errors.js';
import { COMPLETION, orComplain, type Output } from '../command-line/index.js';
import { zobenchVersion } from '../engine/project.js';
import type { Terminal } from '../benchmarks/run/index.js';

/** Where a command writes, and what it goes by. */
export type CommandOutput = Output & { readonly stderr: Terminal };

/** Hands what follows the command's name to what does it; returns the process's exit code. */
export type CommandHandler = (argv: readonly string[], output: CommandOutput) => Promise<number>;

/** A command among others. */
export interface Command {
  readonly description: string;
  /** The npm script that runs it in zobench's own folder. */
  readonly npmScript?: string;
  /** Late, so that a command loads only what it needs. */
  load(): Promise<CommandHandler>;
}

/** Commands under one name, such as `zobench`. */
export interface CommandGroup {
  readonly usage: string;
  readonly commands: Readonly<Record<string, Command>>;
  readonly examples: readonly (readonly [command: string, description: string])[];
}

/** Runs the command that the first word names; returns the process's exit code. */
export function runGroup(group: CommandGroup, argv: readonly string[], output: Required<CommandOutput>): Promise<number> {
  return orComplain(output.stderr, async () => {
    if (argv[0] === COMPLETION) return complete(group, argv.slice(1), output);
    const [name, ...rest] = argv;
    if (name === '--help' || name === '-h') return print(output, `${await parser(group, output.calledAs).getHelp()}\n`);
    if (name === '--version') return print(output, `zobench ${zobenchVersion()}\n`);
    const command = commandNamed(group, name, output.calledAs);
    const run = await command.load();
    const { stdout, stderr } = output;
    return run(rest, { stdout, stderr, ...calledAs(command, `${output.calledAs} ${String(name)}`) });
  });
}

/** @throws UsageError */
function commandNamed({ commands }: CommandGroup, name: string | undefined, program: string): Command {
  const names = Object.keys(commands);
  if (name === undefined) throw new UsageError(`which command? There are ${names.join(', ')} (${program} --help says more)`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw unknownName('command', name, names);
  return command;
}

/** Programs go by their npm script where they are called by it. */
function calledAs({ npmScript }: Command, name: string): Pick<Output, 'calledAs'> {
  const { npm_package_name: project, npm_lifecycle_event: script } = process.env;
  return project === 'zobench' && script !== undefined && script === npmScript ? {} : { calledAs: name };
}

/** Of a command's name here, of what follows it by the command. */
async function complete(group: CommandGroup, words: readonly string[], output: Required<CommandOutput>): Promise<number> {
  const [name = '', ...rest] = words;
  if (rest.length > 0 && Object.hasOwn(group.commands, name)) {
    return (await commandNamed(group, name, output.calledAs).load())([COMPLETION, ...rest], output);
  }
  const completions = await parser(group, output.calledAs).getCompletion([...words]);
  return print(output, completions.map((word) => `${word}\n`).join(''));
}

function parser({ usage, commands, examples }: CommandGroup, program: string): Argv {
  const cli = yargs([])
    .scriptName(program)
    .usage(`${usage}\n\nUsage: $0 <command> [options]`)
    .locale('en')
    .updateStrings({ boolean: 'flag' })
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(110);
  for (const [name, { description }] of Object.entries(commands)) cli.command(name, description);
  for (const [command, description] of examples) cli.example(`$0 ${command}`, description);
  return cli
    .option('help', { alias: 'h', type: 'boolean', describe: "show this; behind a command's name, the command's own help" })
    .option('version', { type: 'boolean', describe: "show zobench's version" });
}

function print({ stdout }: Output, text: string): number {
  stdout.write(text);
  return 0;
}
