import protobuf from 'protobufjs';
import type { Attribute, DType, Graph, Node, Real, Value } from '../graph/graph.js';
import { Lowered, type Provider } from './lowering.js';

/** The part of ONNX's protobuf schema (onnx.proto3) that graphs here use. */
const schema = protobuf.parse(
  `
  syntax = "proto3";
  message ModelProto { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
  }
  message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; string domain = 7; }
  message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; TensorProto t = 5; repeated int64 ints = 8; int32 type = 20; }
  message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message TypeProto { message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; } Tensor tensor_type = 1; }
  message TensorShapeProto { message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } } repeated Dimension dim = 1; }
`,
  { keepCase: true },
).root;

const ModelProto = schema.lookupType('ModelProto');
const IR_VERSION = 8;
const OPSET = 18;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;

const elementType = (dtype: DType, real: Real): number => (dtype === 'int64' ? 7 : dtype === 'bool' ? 9 : real === 'float32' ? 1 : 11);

/** Encodes a graph as an ONNX model whose `real` values are of the given type, in the operators that a provider has. */
export function encodeOnnx(graph: Graph, real: Real, provider: Provider = 'cpu'): Uint8Array {
  const { renamed, identities } = nameOutputs(graph);
  const lowered = new Lowered(graph, real, provider);
  const name = (value: Value): string => renamed.get(value) ?? value.name;
  const model = {
    ir_version: IR_VERSION,
    producer_name: 'zobench',
    opset_import: [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'graph',
      node: [
        ...lowered.nodes.map((node) => encodeNode(node, name, real)),
        ...identities.map(([from, to]) => ({ op_type: 'Identity', input: [name(from)], output: [to] })),
      ],
      initializer: lowered.constants.map(({ value, data }) => ({
        name: value.name,
        dims: value.shape,
        data_type: elementType(value.dtype, real),
        raw_data: rawData(data, value.dtype, real),
      })),
      input: graph.inputs.map((value) => valueInfo(value.name, value, real)),
      output: [...graph.outputs].map(([output, value]) => valueInfo(output, value, real)),
    },
  };
  return ModelProto.encode(ModelProto.create(model)).finish();
}

/** ONNX names a graph's outputs after their values, so values are renamed; what cannot be (an input, a second output) is copied. */
function nameOutputs(graph: Graph): { renamed: Map<Value, string>; identities: [Value, string][] } {
  const renamed = new Map<Value, string>();
  const identities: [Value, string][] = [];
  for (const [output, value] of graph.outputs) {
    if (!graph.producer(value) || renamed.has(value)) identities.push([value, output]);
    else renamed.set(value, output);
  }
  return { renamed, identities };
}

function encodeNode(node: Node, name: (value: Value) => string, real: Real): object {
  return {
    name: node.outputs[0]?.name,
    op_type: node.op,
    domain: node.domain,
    input: node.inputs.map((input) => (input ? name(input) : '')),
    output: node.outputs.map(name),
    attribute: Object.entries(node.attributes).map(([key, attribute]) => encodeAttribute(key, attribute, real)),
  };
}

function encodeAttribute(name: string, attribute: Attribute, real: Real): object {
  if ('int' in attribute) return { name, type: ATTRIBUTE_TYPE.int, i: attribute.int };
  if ('float' in attribute) return { name, type: ATTRIBUTE_TYPE.float, f: attribute.float };
  if ('ints' in attribute) return { name, type: ATTRIBUTE_TYPE.ints, ints: attribute.ints };
  if ('real' in attribute) {
    const t = { dims: [1], data_type: elementType('real', real), raw_data: rawData([attribute.real], 'real', real) };
    return { name, type: ATTRIBUTE_TYPE.tensor, t };
  }
  return { name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(attribute.string) };
}

function valueInfo(name: string, value: Value, real: Real): object {
  const dim = value.shape.map((length) => (typeof length === 'number' ? { dim_value: length } : { dim_param: length }));
  return { name, type: { tensor_type: { elem_type: elementType(value.dtype, real), shape: { dim } } } };
}

function rawData(data: readonly number[], dtype: DType, real: Real): Uint8Array {
  const typed =
    dtype === 'int64'
      ? BigInt64Array.from(data.map(BigInt))
      : dtype === 'bool'
        ? Uint8Array.from(data)
        : real === 'float32'
          ? Float32Array.from(data)
          : Float64Array.from(data);
  return new Uint8Array(typed.buffer);
}
