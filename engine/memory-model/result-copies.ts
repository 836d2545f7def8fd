/** Tensors handed in and out until Node next collects short-lived objects; measured (processes/node-options.ts: every MiB of them). */
const TENSORS_PER_COLLECTION = 350;
/** What buffers outside its heap V8 lets pile up before it collects in any case. */
const MOST_PILED_UP = 64 * 2 ** 20;

/**
 * What ONNX Runtime's Node binding leaves behind: it copies every output of a run to a new buffer, also where the output's memory was
 * given, and the copy is there until the garbage collector comes.
 */
export class ResultCopies {
  #tensors = 0;
  #bytes = 0;
  readonly #runs: { readonly tensors: number; readonly bytes: number }[] = [];
  /** Bytes, the most there are at a time. */
  peak = 0;

  /** A run of so many inputs and outputs, the latter of so many bytes. */
  add(tensors: number, bytes: number): void {
    this.#runs.push({ tensors, bytes });
    this.#tensors += tensors;
    this.#bytes += bytes;
    while (this.#runs.length > 1 && (this.#tensors > TENSORS_PER_COLLECTION || this.#bytes - bytes > MOST_PILED_UP)) {
      const first = this.#runs.shift();
      this.#tensors -= first?.tensors ?? 0;
      this.#bytes -= first?.bytes ?? 0;
    }
    this.peak = Math.max(this.peak, this.#bytes);
  }
}
