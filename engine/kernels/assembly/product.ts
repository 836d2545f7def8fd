// Products of matrices, as sums of rows. Eight sums of four elements stay in registers, for so many chains of additions does the
// processor's latency need; each element is summed in the order of k, whatever the block it falls into.

/** out = elements `first` on of U V, row by row; U is [rows, rank], V is [rank, columns]. */
export function lowRank(out: usize, count: u32, first: u32, columns: u32, rank: u32, u: usize, v: usize): void {
  const stride = (<usize>columns) << 2;
  for (let done: u32 = 0; done < count;) {
    const column = (first + done) % columns;
    const weights = u + ((<usize>(((first + done) / columns) * rank)) << 2);
    const part = out + ((<usize>done) << 2);
    if (column == 0 && count - done >= 2 * columns) {
      twoRows(part, part + stride, stride, weights, rank, v, stride);
      done += 2 * columns;
    } else {
      const n = min(columns - column, count - done);
      oneRow(part, (<usize>n) << 2, weights, rank, v + ((<usize>column) << 2), stride);
      done += n;
    }
  }
}

/** Two rows of U V of so many bytes: every element of V is loaded once for both. */
function twoRows(out: usize, next: usize, bytes: usize, weights: usize, rank: u32, v: usize, stride: usize): void {
  const length = (<usize>rank) << 2;
  const end = weights + length;
  const whole = bytes & ~63;
  for (let at: usize = 0; at < whole; at += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t0 = s0;
    let t1 = s0;
    let t2 = s0;
    let t3 = s0;
    for (let weight = weights, row = v + at; weight < end; weight += 4, row += stride) {
      const s = v128.load32_splat(weight);
      const t = v128.load32_splat(weight + length);
      const v0 = v128.load(row);
      const v1 = v128.load(row, 16);
      const v2 = v128.load(row, 32);
      const v3 = v128.load(row, 48);
      s0 = f32x4.add(s0, f32x4.mul(s, v0));
      s1 = f32x4.add(s1, f32x4.mul(s, v1));
      s2 = f32x4.add(s2, f32x4.mul(s, v2));
      s3 = f32x4.add(s3, f32x4.mul(s, v3));
      t0 = f32x4.add(t0, f32x4.mul(t, v0));
      t1 = f32x4.add(t1, f32x4.mul(t, v1));
      t2 = f32x4.add(t2, f32x4.mul(t, v2));
      t3 = f32x4.add(t3, f32x4.mul(t, v3));
    }
    v128.store(out + at, s0);
    v128.store(out + at, s1, 16);
    v128.store(out + at, s2, 32);
    v128.store(out + at, s3, 48);
    v128.store(next + at, t0);
    v128.store(next + at, t1, 16);
    v128.store(next + at, t2, 32);
    v128.store(next + at, t3, 48);
  }
  oneRow(out + whole, bytes - whole, weights, rank, v + whole, stride);
  oneRow(next + whole, bytes - whole, end, rank, v + whole, stride);
}

/** Some bytes of a row of U V. */
function oneRow(out: usize, bytes: usize, weights: usize, rank: u32, v: usize, stride: usize): void {
  const end = weights + ((<usize>rank) << 2);
  let at: usize = 0;
  for (; at + 128 <= bytes; at += 128) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (let weight = weights, row = v + at; weight < end; weight += 4, row += stride) {
      const s = v128.load32_splat(weight);
      s0 = f32x4.add(s0, f32x4.mul(s, v128.load(row)));
      s1 = f32x4.add(s1, f32x4.mul(s, v128.load(row, 16)));
      s2 = f32x4.add(s2, f32x4.mul(s, v128.load(row, 32)));
      s3 = f32x4.add(s3, f32x4.mul(s, v128.load(row, 48)));
      s4 = f32x4.add(s4, f32x4.mul(s, v128.load(row, 64)));
      s5 = f32x4.add(s5, f32x4.mul(s, v128.load(row, 80)));
      s6 = f32x4.add(s6, f32x4.mul(s, v128.load(row, 96)));
      s7 = f32x4.add(s7, f32x4.mul(s, v128.load(row, 112)));
    }
    v128.store(out + at, s0);
    v128.store(out + at, s1, 16);
    v128.store(out + at, s2, 32);
    v128.store(out + at, s3, 48);
    v128.store(out + at, s4, 64);
    v128.store(out + at, s5, 80);
    v128.store(out + at, s6, 96);
    v128.store(out + at, s7, 112);
  }
  for (; at + 16 <= bytes; at += 16) {
    let sum = f32x4.splat(0);
    for (let weight = weights, row = v + at; weight < end; weight += 4, row += stride) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weight), v128.load(row)));
    }
    v128.store(out + at, sum);
  }
  for (; at < bytes; at += 4) {
    let sum: f32 = 0;
    for (let weight = weights, row = v + at; weight < end; weight += 4, row += stride) sum += load<f32>(weight) * load<f32>(row);
    store<f32>(out + at, sum);
  }
}

/** out = the transpose of x [rows, columns] */
export function transpose(out: usize, x: usize, rows: u32, columns: u32): void {
  const stride = (<usize>rows) << 2;
  for (let row: u32 = 0; row < rows; row++) {
    let to = out + ((<usize>row) << 2);
    for (let end = x + ((<usize>columns) << 2); x < end; x += 4, to += stride) store<f32>(to, load<f32>(x));
  }
}
