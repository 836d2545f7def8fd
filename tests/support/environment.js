import process from 'node:process';
import { TestEnvironment } from 'jest-environment-node';

// As engine/sessions/cpu.ts does, where tests have only a copy of the process's environment.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** ONNX Runtime's native code checks for the process's own typed arrays; tests run in a realm of their own, so they are handed the process's. */
export default class SharedArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const type of [ArrayBuffer, Float32Array, Float64Array, BigInt64Array, Int32Array, Uint8Array, Uint16Array, Uint32Array]) {
      this.global[type.name] = type;
    }
  }
}
