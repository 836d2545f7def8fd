// The hot loops over parameters. Pointers are byte offsets into the module's memory, counts are float32 elements.
// `first` is the index of the first element within its parameter, so any part of a parameter sees the noise of the whole.
import { CHUNK, normals } from './noise';

/** out = z */
export function normal(out: usize, count: u32, first: u32, k0: i32, k1: i32): void {
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    memory.copy(out + ((<usize>done) << 2), normals(first + done, n, k0, k1), (<usize>n) << 2);
  }
}

/** plus = theta + scale z, minus = theta - scale z */
export function perturb(theta: usize, plus: usize, minus: usize, count: u32, first: u32, scale: f32, k0: i32, k1: i32): void {
  const scales = f32x4.splat(scale);
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const z = normals(first + done, n, k0, k1);
    const base = (<usize>done) << 2;
    const whole = (<usize>(n & ~3)) << 2;
    for (let at: usize = 0; at < whole; at += 16) {
      const step = f32x4.mul(v128.load(z + at), scales);
      const value = v128.load(theta + base + at);
      v128.store(plus + base + at, f32x4.add(value, step));
      v128.store(minus + base + at, f32x4.sub(value, step));
    }
    for (let at = whole, end = (<usize>n) << 2; at < end; at += 4) {
      const step = load<f32>(z + at) * scale;
      const value = load<f32>(theta + base + at);
      store<f32>(plus + base + at, value + step);
      store<f32>(minus + base + at, value - step);
    }
  }
}

/** out = theta + scale z; `out` may be `theta`. */
export function addNoise(theta: usize, out: usize, count: u32, first: u32, scale: f32, k0: i32, k1: i32): void {
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const base = (<usize>done) << 2;
    addScaled(theta + base, normals(first + done, n, k0, k1), out + base, n, scale);
  }
}

/** out = y + scale x; `out` may be `y`. */
export function addScaled(y: usize, x: usize, out: usize, count: u32, scale: f32): void {
  const scales = f32x4.splat(scale);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(y + at), f32x4.mul(v128.load(x + at), scales)));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    store<f32>(out + at, load<f32>(y + at) + scale * load<f32>(x + at));
  }
}

/** Adam's moments and update: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, theta -= rate m / (sqrt(v / correction2) + eps). */
export function adam(
  theta: usize,
  gradient: usize,
  m: usize,
  v: usize,
  count: u32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  eps: f32,
  correction2: f32,
): void {
  const whole = (<usize>(count & ~3)) << 2;
  const root = f32x4.splat(<f32>1 / sqrt<f32>(correction2));
  for (let at: usize = 0; at < whole; at += 16) {
    const g = v128.load(gradient + at);
    const m1 = f32x4.add(f32x4.mul(v128.load(m + at), f32x4.splat(beta1)), f32x4.mul(g, f32x4.splat(<f32>1 - beta1)));
    const v1 = f32x4.add(f32x4.mul(v128.load(v + at), f32x4.splat(beta2)), f32x4.mul(f32x4.mul(g, g), f32x4.splat(<f32>1 - beta2)));
    v128.store(m + at, m1);
    v128.store(v + at, v1);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v1), root), f32x4.splat(eps));
    const step = f32x4.div(f32x4.mul(m1, f32x4.splat(rate)), denominator);
    v128.store(theta + at, f32x4.sub(v128.load(theta + at), step));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    const g = load<f32>(gradient + at);
    const m1 = load<f32>(m + at) * beta1 + g * (<f32>1 - beta1);
    const v1 = load<f32>(v + at) * beta2 + g * g * (<f32>1 - beta2);
    store<f32>(m + at, m1);
    store<f32>(v + at, v1);
    store<f32>(theta + at, load<f32>(theta + at) - (rate * m1) / (sqrt<f32>(v1 / correction2) + eps));
  }
}
