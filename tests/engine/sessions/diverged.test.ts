import { describe, expect, test } from '@jest/globals';
import { ForwardRunner } from '../../../engine/index.js';
import { familyNames, lossOf, tinyBatch, tinyModel } from '../../support/engine-models.js';
import { otherBackends } from '../../support/other-backends.js';

const backends = await otherBackends();
/** What their numbers pass through on the way to the loss: a softmax, an activation. */
const weights = [/0\..*(k_proj|key)\.weight/, /1\..*(fc1|up_proj|intermediate\.dense)\.weight/];

const cases = backends.flatMap((backend) => familyNames.map((family) => ({ name: backend.name, backend, family })));

describe.each(cases)('$family on $name', ({ backend, family }) => {
  test.each(weights)('has no loss where the weights %s are not numbers', async (which) => {
    const model = tinyModel(family);
    const broken = model.parameters.all.filter(({ name }) => which.test(name));
    expect(broken).toHaveLength(1);
    for (const parameter of broken) model.parameters.values(parameter).fill(NaN);
    const runner = new ForwardRunner(backend, model.parameters);
    const [made] = await runner.run(model.stages('tokens'), tinyBatch(model));
    await runner.release();
    expect(Number.isFinite(lossOf(made))).toBe(false);
  });
});
