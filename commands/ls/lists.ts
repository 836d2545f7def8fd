import { z } from 'zod';
import { taskIds, taskNamed } from '../../tasks/index.js';
import { grids, aligned } from '../../benchmarks/plan/index.js';
import { modelTable } from './model-list.js';
import { runProgram, type Output } from '../../command-line/index.js';

/** A table's columns and rows, and what is said below it. */
interface List {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

/** A program that writes a table. */
async function runList(
  name: string,
  usage: string,
  argv: readonly string[],
  output: Output,
  list: () => List | Promise<List>,
): Promise<number> {
  const commandLine = { scriptName: name, usage, schema: z.strictObject({}), examples: [] };
  return runProgram(commandLine, argv, output, async (_, __, reply) => {
    const { columns, rows, note } = await list();
    const text = [...aligned([columns, ...rows]), ...(note === undefined ? [] : ['', note])].join('\n');
    reply.result(
      text,
      rows.map((row) => Object.fromEntries(row.map((value, index) => [columns[index] ?? index, value]))),
    );
    return 0;
  });
}

/** The models that are here, in the cache or known; returns the process's exit code. */
export function runModels(argv: readonly string[], output: Output): Promise<number> {
  const usage = 'Lists the models that are bundled, in the Hugging Face cache or known, with what they take on disk and to fine-tune.';
  return runList('npm run models --', usage, argv, output, modelTable);
}

/** Every task; returns the process's exit code. */
export function runTasks(argv: readonly string[], output: Output): Promise<number> {
  const usage = 'Lists the tasks, with what is reported and what training minimises.';
  return runList('zobench ls tasks', usage, argv, output, () => {
    const rows = taskIds
      .map((id) => taskNamed(id))
      .map(({ id, metric, training, version }) => [id, metric, TRAINING[training], `${version}`]);
    return { columns: ['task', 'metric', 'training minimises', 'version'], rows };
  });
}

const TRAINING = { choice: "the candidates' cross-entropy", answer: "the right answer's cross-entropy" };

/** Every grid, a line for each of its parts; returns the process's exit code. */
export function runGrids(argv: readonly string[], output: Output): Promise<number> {
  return runList('zobench ls grids', 'Lists the grids, a line for each of their parts.', argv, output, () => {
    const rows = Object.entries(grids).flatMap(([name, parts]) =>
      parts.map(({ optimizers, schemes, tasks, models, seeds }) => [
        name,
        ...[optimizers, schemes, tasks, models].map((ids) => (ids === 'all' ? ids : counted(ids))),
        `${seeds}`,
      ]),
    );
    return { columns: ['grid', 'optimizers', 'schemes', 'tasks', 'models', 'seeds'], rows };
  });
}

/** The names, or their number where they would not fit in a column. */
const counted = (ids: readonly string[]): string => (ids.length > 3 ? `${ids.length}` : ids.join(','));
