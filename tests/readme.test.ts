import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import { all } from '../commands/all.js';
import { runGroup } from '../commands/command.js';
import { readGridFile } from '../benchmarks/plan/index.js';
import { projectFolder } from '../engine/index.js';
import { resolveOptimizer } from '../optimizers/index.js';
import { PAGES, withTables } from '../scripts/readme-tables.js';
import { contractBowls, Quadratic } from './support/quadratic.js';

const readme = readFileSync(join(projectFolder, 'README.md'), 'utf8');
/** README and all of docs/, by path. */
const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(projectFolder, 'docs')).map((name) => `docs/${name}`)].map(
  (file): [file: string, text: string] => [file, readFileSync(join(projectFolder, file), 'utf8')],
);
const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
  scripts: Record<string, string | undefined>;
};
const temporary = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** The code blocks of a language on a page. */
const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code = '']) => code);

/** Commands in blocks, and those that stand in a sentence; the latter may have a word in angle brackets for any. */
const commands = pages.flatMap(([file, page]) => {
  const inBlocks = blocksOf(page, 'sh').flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'));
  const inText = [...page.matchAll(/`((?:npm run|npx zobench) [^`]*)`/g)].map(([, command = '']) => command.replaceAll('\n', ' '));
  return [...inBlocks, ...inText.filter((command) => !command.includes('<command>'))].map((command): [string, string] => [file, command]);
});

/** A command's words, but for its comment, as a shell has them. */
const wordsOf = (command: string): string[] =>
  (command.replace(/ #.*/, '').match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));

/** What `zobench` is given by a command; undefined where another program is called. */
function argumentsOf(command: string): string[] | undefined {
  const [program, first, name = '', ...rest] = wordsOf(command);
  if (program === 'npx') return [name, ...rest];
  const [, zobench] = /^node dist\/commands\/zobench\.js (.+)$/.exec(scripts[name] ?? '') ?? [];
  if (first !== 'run' || zobench === undefined) return undefined;
  // npm keeps what stands before the two dashes for itself.
  if (rest.length > 0 && rest[0] !== '--') throw new Error(`npm takes ${rest.join(' ')} for its own`);
  return [...zobench.split(' '), ...rest.slice(1)];
}

test('pages have commands, and every npm script in them exists', () => {
  const run = commands.flatMap(([, command]) => [...command.matchAll(/npm run (\S+)/g)].map(([, script = '']) => script));
  expect(run).toContain('bench');
  expect(run.filter((script) => scripts[script] === undefined)).toEqual([]);
});

test.each(commands.filter(([, command]) => argumentsOf(command) !== undefined))('%s: zobench takes %s', async (_, command) => {
  const output = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof output) => ({ write: (text: unknown) => ((output[name] += String(text)), true) });
  // Options are read before help is given.
  const argv = [...(argumentsOf(command) ?? []).filter((word) => word !== '--help'), '--help'];
  const code = await runGroup(all, argv, { stdout: stream('stdout'), stderr: stream('stderr') as never, calledAs: 'zobench' });
  expect([code, output.stderr]).toEqual([0, '']);
  expect(output.stdout).toContain('Usage: ');
});

test.each(pages)('every file that %s names or links to is there', (file, page) => {
  const linked = [...page.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => join(dirname(file), path));
  const named = [...page.matchAll(/`([a-z]+\/|[A-Z]+\.md)`/g)].map(([, path = '']) => path);
  const made = ['results/', 'records/'];
  expect([...linked, ...named].filter((path) => !made.includes(path) && !existsSync(join(projectFolder, path)))).toEqual([]);
});

test('README is read in two minutes', () => {
  expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1200);
});

test.each(PAGES)('the tables of %s are those of the committed runs (npm run readme makes them anew)', (file) => {
  const page = readFileSync(join(projectFolder, file), 'utf8');
  expect(withTables(page)).toBe(page);
  expect(page.match(/<!-- table: /g)?.length).toBeGreaterThan(0);
});

test('the grid file of docs/cli.md makes the requests that the page says', () => {
  const [grid = ''] = blocksOf(readFileSync(join(projectFolder, 'docs/cli.md'), 'utf8'), 'yaml');
  const file = join(temporary, 'grid.yaml');
  writeFileSync(file, grid);
  const requests = readGridFile(file).map(({ optimizer, learningRate, forwards, steps }) => [
    optimizer?.length,
    learningRate,
    forwards ?? steps,
  ]);
  expect(requests).toEqual([
    [2, 1e-4, 2000],
    [2, 3e-4, 2000],
    [2, 1e-3, 2000],
    [1, undefined, 60],
  ]);
});

test("README's own optimizer loads, costs what it says and descends on a quadratic", async () => {
  const [source = ''] = blocksOf(readme, 'ts');
  const { code } = transformSync(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } });
  const file = join(temporary, 'readme.mjs');
  writeFileSync(file, code);
  const optimizer = await resolveOptimizer(file);
  const problem = new Quadratic(contractBowls);
  const state = optimizer.init(problem.parameters);
  const start = problem.loss();
  const steps = 300;
  for (let step = 0; step < steps; step++) await optimizer.step(problem.context(0, step, { learningRate: 0.02, epsilon: 1e-3 }), state);
  expect(problem.loss()).toBeLessThan(start / 4);
  expect(problem.forwards).toBe(steps * optimizer.cost.forwards);
});
