import { UsageError } from '../engine/errors.js';
import { modelTable } from './model-list.js';
import { orComplain } from './program.js';

// The program behind `npm run models`.

process.exitCode = await orComplain(process.stderr, async () => {
  const [argument] = process.argv.slice(2);
  if (argument !== undefined) throw new UsageError(`unexpected argument ${argument}: npm run models takes none`);
  console.log(await modelTable());
  return 0;
});
