import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import { commandLine } from '../benchmarks/plan/arguments.js';
import { parseCommandLine } from '../command-line/command-line.js';
import { projectFolder } from '../engine/index.js';
import { resolveOptimizer } from '../optimizers/index.js';
import { readRecords } from '../records/read.js';
import { resultsText } from '../reports/index.js';
import { PACKED_RUNS, PAGES, withTables } from '../scripts/readme-tables.js';
import { contractBowls, Quadratic } from './support/quadratic.js';

const readme = readFileSync(join(projectFolder, 'README.md'), 'utf8');
const scripts = Object.keys((JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { scripts: object }).scripts);
const temporary = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** The code blocks of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code = '']) => code);
}

const commands = blocks('sh').flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'));

test('README has commands, and every npm script in them exists', () => {
  const run = commands.flatMap((command) => [...command.matchAll(/npm run (\S+)/g)].map(([, script = '']) => script));
  expect(run).toContain('bench');
  expect(run.filter((script) => !scripts.includes(script))).toEqual([]);
});

test.each(commands.filter((command) => command.startsWith('npm run bench --')))('the command line takes %s', (command) => {
  const words = command.replace(/#.*/, '').match(/'[^']*'|\S+/g) ?? [];
  const argv = words.slice(4).map((word) => word.replace(/^'(.*)'$/, '$1'));
  expect(() => parseCommandLine(commandLine, argv)).not.toThrow();
});

test('every file that README names or links to is there', () => {
  const linked = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
  const named = [...readme.matchAll(/`([a-z]+\/|[A-Z]+\.md)`/g)].map(([, path = '']) => path);
  expect([...linked, ...named].filter((path) => path !== 'results/' && !existsSync(join(projectFolder, path)))).toEqual([]);
});

test.each(PAGES)('the tables of %s are those of the committed runs (npm run readme makes them anew)', (file) => {
  const page = readFileSync(join(projectFolder, file), 'utf8');
  expect(withTables(page)).toBe(page);
  expect(page.match(/<!-- table: /g)?.length).toBeGreaterThan(1);
});

describe.each(PACKED_RUNS.map((run) => ({ run, name: basename(run) })))('the packed reference run $name', ({ run }) => {
  test('has the results.csv that its records give (npm run readme makes it anew)', () => {
    const { records, problems } = readRecords(run);
    expect(problems).toEqual([]);
    expect(readFileSync(join(run, 'results.csv'), 'utf8') === resultsText(records)).toBe(true);
  });
});

test("README's own optimizer loads, costs what it says and descends on a quadratic", async () => {
  const [source = ''] = blocks('ts');
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
