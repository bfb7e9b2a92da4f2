/**
 * The canonical frame of one window of a three-axis signal: gravity along axis 0, the rest along its principal
 * components. However the phone was carried, the same motion gives the same numbers. In double precision, for it
 * decides by comparing and must not differ from machine to machine.
 *
 * `window` is [steps, 3], row-major, and is changed in place.
 */
export function rotateToCanonicalFrame(window: Float64Array): void {
  const steps = window.length / 3;
  largestAxisFirst(window, steps);
  firstAxisPositive(window, steps);
  alignGravity(window, steps);
  projectOnPrincipalComponents(window, steps);
}

type Vector = [number, number, number];

/** Mean over time: for a signal with gravity in it, about gravity. */
function meanOf(window: Float64Array, steps: number): Vector {
  const sum: Vector = [0, 0, 0];
  for (let i = 0; i < window.length; i += 3) {
    sum[0] += window[i] ?? 0;
    sum[1] += window[i + 1] ?? 0;
    sum[2] += window[i + 2] ?? 0;
  }
  return [sum[0] / steps, sum[1] / steps, sum[2] / steps];
}

/** Swaps the axis with the largest mean to the front; the negation keeps the frame right-handed. */
function largestAxisFirst(window: Float64Array, steps: number): void {
  const mean = meanOf(window, steps).map(Math.abs) as Vector;
  let largest = 0;
  if (mean[1] > mean[largest]!) largest = 1;
  if (mean[2] > mean[largest]!) largest = 2;
  if (largest === 0) return;
  for (let i = 0; i < window.length; i += 3) {
    const first = window[i]!;
    window[i] = window[i + largest]!;
    window[i + largest] = first;
    for (let axis = i; axis < i + 3; axis++) window[axis] = -window[axis]!;
  }
}

function firstAxisPositive(window: Float64Array, steps: number): void {
  if (meanOf(window, steps)[0] >= 0) return;
  for (let i = 0; i < window.length; i += 3) {
    window[i] = -window[i]!;
    window[i + 1] = -window[i + 1]!;
  }
}

/** Turns in the plane of axes 0 and 2, then 0 and 1, so that the mean lies along axis 0. */
function alignGravity(window: Float64Array, steps: number): void {
  for (const axis of [2, 1] as const) {
    const mean = meanOf(window, steps);
    const angle = Math.atan2(mean[axis], mean[0]);
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    for (let i = 0; i < window.length; i += 3) {
      const a = window[i]!;
      const b = window[i + axis]!;
      window[i] = cosine * a + sine * b;
      window[i + axis] = cosine * b - sine * a;
    }
  }
}

/**
 * Axes 1 and 2 become their principal components, centred, the one with the larger variance first. A component's sign
 * is free: we take the direction whose first coordinate is positive (where that is 0, the second), for both.
 */
function projectOnPrincipalComponents(window: Float64Array, steps: number): void {
  const mean = meanOf(window, steps);
  let yy = 0;
  let yz = 0;
  let zz = 0;
  for (let i = 0; i < window.length; i += 3) {
    const y = window[i + 1]! - mean[1];
    const z = window[i + 2]! - mean[2];
    yy += y * y;
    yz += y * z;
    zz += z * z;
  }
  // Eigenvectors of the symmetric 2 x 2 matrix: the axis of the larger eigenvalue lies at half this angle, within
  // (-90, 90] degrees, so its first coordinate is not negative.
  const angle = Math.atan2(2 * yz, yy - zz) / 2;
  const major: [number, number] = [Math.cos(angle), Math.sin(angle)];
  const minor: [number, number] = major[1] > 0 ? [major[1], -major[0]] : [-major[1], major[0]];
  for (let i = 0; i < window.length; i += 3) {
    const y = window[i + 1]! - mean[1];
    const z = window[i + 2]! - mean[2];
    window[i + 1] = major[0] * y + major[1] * z;
    window[i + 2] = minor[0] * y + minor[1] * z;
  }
}
