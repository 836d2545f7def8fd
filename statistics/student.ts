/**
 * The quantile of Student's t distribution.
 * @param probability above one half
 * @param freedom degrees of freedom, whole and at least 1
 */
export function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (distribution(high, freedom) < probability) [low, high] = [high, 2 * high];
  // Until no number lies between.
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (distribution(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/** P(T <= t) for t >= 0, in closed form (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). */
function distribution(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = freedom % 2 === 1;
  // sine (1 + cosine²/2 + 1·3 cosine⁴/(2·4) + ...), or where odd sine (cosine + 2 cosine³/3 + 2·4 cosine⁵/(3·5) + ...)
  let sum = 0;
  let term = isOdd ? sine * cosine : sine;
  for (let k = isOdd ? 3 : 2; k <= freedom; k += 2) {
    sum += term;
    term *= (cosine ** 2 * (k - 1)) / k;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + sum) : sum;
  return (1 + within) / 2;
}
