import { describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, Graph, JvpRunner, operators, type Backend } from '../../../engine/index.js';
import { Lowered } from '../../../engine/sessions/lowering.js';
import { familyNames, tinyBatch, tinyModel, type FamilyName } from '../../support/engine-models.js';
import { otherBackends } from '../../support/other-backends.js';
import { placements } from '../../support/placements.js';

const hasAdapter = (await otherBackends()).some(({ name }) => name === 'onnxruntime-webgpu');

/** The graphs of a model's loss, its gradient and its derivative along a direction. */
async function graphsOf(family: FamilyName): Promise<Graph[]> {
  const [model, cpu, graphs] = [tinyModel(family), cpuBackend(1), new Array<Graph>()];
  const watched: Backend = { ...cpu, compile: (graph, real) => (graphs.push(graph), cpu.compile(graph, real)) };
  const [tangent, backward] = [new JvpRunner(watched, model.parameters), new BackwardRunner(watched, model.parameters)];
  await tangent.run(model.stages('tokens'), tinyBatch(model), 5);
  await backward.run(model.stages('tokens'), tinyBatch(model), model.parameters.allocateBuffers());
  await Promise.all([tangent.release(), backward.release()]);
  return graphs;
}

/** The nodes that make other than integers, as {@link placements} writes them. */
function ofNumbers(graph: Graph): string[] {
  const { nodes } = new Lowered(graph, 'float32', 'webgpu');
  const computing = nodes.filter(({ outputs }) => outputs.some(({ dtype }) => dtype !== 'int64'));
  return computing.map(({ op, outputs }) => `${op} (${outputs[0]?.name ?? ''})`);
}

(hasAdapter ? describe : describe.skip)('by what ONNX Runtime logs of WebGPU', () => {
  test.each(familyNames)('nothing of a tiny %s but the arithmetic of shapes is left to the CPU', async (family) => {
    let onDevice = 0;
    for (const graph of await graphsOf(family)) {
      const [{ cpu, device }, nodes] = [placements(graph), ofNumbers(graph)];
      expect(nodes.filter((node) => cpu.includes(node))).toEqual([]);
      onDevice += nodes.filter((node) => device.includes(node)).length;
    }
    expect(onDevice).toBeGreaterThan(100);
  });

  test('nor the zeros of a tensor', () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', ['n', 3]);
    graph.output('zeros', operators.add(operators.zeros(x), x));
    expect(placements(graph).cpu).toEqual([]);
  });
});
