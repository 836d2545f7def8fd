import { deriveSeed, noiseKey, standardNormal, uniforms, uniformWord } from '../engine/index.js';

/** U(-bound, bound), from the scheme's seed and the parameter's name. */
export function fillUniform(values: Float32Array, seed: number, name: string, bound: number): void {
  const key = noiseKey(seed, name);
  for (let i = 0; i < values.length; i++) values[i] = ((uniformWord(key, i) + 0.5) * 2 ** -31 - 1) * bound;
}

/** N(0, 1), from the scheme's seed and the parameter's name. */
export function fillNormal(values: Float32Array, seed: number, name: string): void {
  const key = noiseKey(seed, name);
  for (let i = 0; i < values.length; i++) values[i] = standardNormal(key, i);
}

/** So many of a vocabulary's tokens, each as likely as any other. */
export function randomTokens(count: number, seed: number, vocabularySize: number): readonly number[] {
  const uniform = uniforms(deriveSeed(seed, ...Buffer.from('tokens')));
  return Array.from({ length: count }, () => Math.floor(uniform() * vocabularySize));
}
