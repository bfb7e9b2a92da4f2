import { createRandom, type Random } from '../../sweep/random.js';
import type { LabelledWindows, WindowDataset } from './window-dataset.js';
import { harChannels, harClasses, harSteps, sharedWindows } from './window-dataset.js';

/**
 * Generated signals in the shape of UCI HAR, for a first sweep without a download. Nobody was measured: accuracies
 * on them say nothing about real people.
 *
 * The model is a phone at the waist: gravity, turned by posture and by how this person wears the phone; for the three
 * ways of walking a gait of three harmonics, whose frequency and strength differ by class and person; gyroscope as
 * the swing that belongs to the gait; noise and drift. Classes overlap by design: sitting and standing differ by a few
 * degrees only, as they do in reality.
 */
export function generateSyntheticHar(seed = 1): WindowDataset {
  const people = Array.from({ length: 20 }, (_, index) => personOf(index + 1, createRandom(seed, 1, index)));
  return {
    name: 'synthetic-har',
    description:
      'Generated signals of six activities in the shape of UCI HAR (nobody was measured; for trying things out)',
    steps: harSteps,
    channels: harChannels,
    classes: harClasses,
    train: windowsOf(people.slice(0, 15), 12, createRandom(seed, 2)),
    test: windowsOf(people.slice(15), 12, createRandom(seed, 3)),
  };
}

/** Samples a second. */
const rate = 50;

interface Gait {
  /** Steps a second. */
  readonly frequency: number;
  /** g, vertical. */
  readonly strength: number;
  /** Share of the second and third harmonic. */
  readonly harmonics: readonly [number, number];
  /** Radians: lean of the trunk. */
  readonly lean: number;
}

const gaits: readonly Gait[] = [
  { frequency: 1.85, strength: 0.28, harmonics: [0.45, 0.15], lean: 0 },
  { frequency: 1.7, strength: 0.26, harmonics: [0.3, 0.2], lean: 0.12 },
  { frequency: 1.98, strength: 0.36, harmonics: [0.6, 0.3], lean: -0.06 },
];

/** Pitch and roll in radians: sitting, standing, laying. */
const postures: readonly (readonly [number, number])[] = [
  [0.2, 0.05],
  [0.02, 0],
  [1.45, 0.35],
];

interface Person {
  readonly number: number;
  /** How the phone is worn: pitch and roll. */
  readonly tilt: readonly [number, number];
  readonly pace: number;
  readonly vigour: number;
  /** Radians by which each posture differs from the usual one. */
  readonly postures: readonly (readonly [number, number])[];
}

function personOf(number: number, random: Random): Person {
  return {
    number,
    tilt: [0.1 * random.normal(), 0.1 * random.normal()],
    pace: 1 + 0.06 * random.normal(),
    vigour: Math.exp(0.2 * random.normal()),
    postures: postures.map(() => [0.07 * random.normal(), 0.07 * random.normal()]),
  };
}

function windowsOf(people: readonly Person[], windowsPerClass: number, random: Random): LabelledWindows {
  const windows = sharedWindows(
    people.length * harClasses.length * windowsPerClass,
    harSteps,
    harChannels.length,
  );
  const size = harSteps * harChannels.length;
  let row = 0;
  for (const person of people)
    for (let label = 0; label < harClasses.length; label++)
      for (let index = 0; index < windowsPerClass; index++, row++) {
        windows.labels[row] = label;
        windows.subjects[row] = person.number;
        fillWindow(windows.values.subarray(row * size, (row + 1) * size), person, label, random);
      }
  return windows;
}

function fillWindow(window: Float32Array, person: Person, label: number, random: Random): void {
  const gait = gaits[label];
  const posture = label - gaits.length;
  const pitch =
    person.tilt[0] +
    (gait ? gait.lean : postures[posture]![0] + person.postures[posture]![0]) +
    0.04 * random.normal();
  const roll =
    person.tilt[1] +
    (gait ? 0 : postures[posture]![1] + person.postures[posture]![1]) +
    0.04 * random.normal();
  // Gravity as the phone sees it, and the vertical of the body along which one bounces.
  const gravity = [Math.cos(pitch) * Math.cos(roll), -Math.sin(roll) * Math.cos(pitch), -Math.sin(pitch)];
  const frequency = gait ? gait.frequency * person.pace * (1 + 0.03 * random.normal()) : 0;
  const strength = gait ? gait.strength * person.vigour * Math.exp(0.15 * random.normal()) : 0;
  const phase = 2 * Math.PI * random.next();
  const drift = [random.normal(), random.normal(), random.normal()].map((x) => 0.03 * x);
  for (let step = 0; step < harSteps; step++) {
    const angle = phase + (2 * Math.PI * frequency * step) / rate;
    const bounce = gait
      ? strength *
        (Math.sin(angle) +
          gait.harmonics[0] * Math.sin(2 * angle + 0.6) +
          gait.harmonics[1] * Math.sin(3 * angle + 1.1))
      : 0;
    // Left and right alternate: half the frequency.
    const sway = 0.5 * strength * Math.sin(angle / 2);
    const push = 0.6 * strength * Math.cos(angle + 0.4);
    const body = [
      gravity[0]! * bounce + drift[0]! * (step / harSteps),
      sway + gravity[1]! * bounce + drift[1]! * (step / harSteps),
      push + gravity[2]! * bounce + drift[2]! * (step / harSteps),
    ];
    const turn = [1.4 * sway, 1.8 * push, 1.2 * strength * Math.cos(angle / 2)];
    const noise = gait ? 0.06 : 0.012;
    for (let axis = 0; axis < 3; axis++) {
      const at = step * harChannels.length + axis;
      const acceleration = body[axis]! + noise * random.normal();
      window[at] = acceleration;
      window[at + 3] = turn[axis]! + 2 * noise * random.normal();
      window[at + 6] = acceleration + gravity[axis]!;
    }
  }
}
