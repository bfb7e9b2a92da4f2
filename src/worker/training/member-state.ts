import { deserialize, serialize } from 'node:v8';
import type { StoppingState } from './early-stopping.js';
import type { PackTrainer } from './pack-trainer.js';
import * as tf from './tfjs.js';
import { sizeOf, type WeightSpecs } from './weights.js';

/**
 * What a member of a pack needs to go on after a pass as if nothing had been. Its random numbers are not in it: weights
 * and the order of its batches follow from its seed, and the order is gone through again.
 */
export interface MemberState {
  /** Passes that are over. */
  readonly pass: number;
  /** Batches that are over. */
  readonly batches: number;
  /** Steps of its model: one a batch for each head that the batch trained. */
  readonly steps: number;
  /** Of slots that fell to it. */
  readonly seconds: number;
  readonly stopping: StoppingState | undefined;
  /** By name. */
  readonly weights: Values;
  /** One for each head, with its slots by name. */
  readonly optimizers: readonly {
    readonly steps: number;
    readonly slots: Readonly<Record<string, Values>>;
  }[];
}

type Values = Readonly<Record<string, Float32Array>>;

const format = 2;

export function encodeState(state: MemberState): Uint8Array {
  return serialize({ ...state, format });
}

/** Undefined where it is damaged, or another release or Node has written it. */
export function decodeState(bytes: Uint8Array): MemberState | undefined {
  let state: unknown;
  try {
    state = deserialize(bytes);
  } catch {
    return undefined;
  }
  const known = typeof state === 'object' && state !== null && 'format' in state && state.format === format;
  return known ? (state as MemberState) : undefined;
}

/** Why a member with these weights can't go on from what was saved; undefined where it can. */
export function misfitOf({ weights, optimizers }: ModelState, specs: WeightSpecs): string | undefined {
  const sizes = new Map(Object.entries(specs).map(([name, spec]) => [name, sizeOf(spec)]));
  const missing = [...sizes.keys()].filter((name) => !Object.hasOwn(weights, name));
  const slots = optimizers.flatMap((optimizer) => Object.values(optimizer.slots));
  const saved = [weights, ...slots].flatMap((values) => Object.entries(values));
  const other = saved.find(([name, values]) => values.length !== sizes.get(name));
  if (missing[0] === undefined && !other) return undefined;
  const [name, values] = other ?? [missing[0]!];
  return `it is of another model: ${name} has ${values?.length ?? 'no'} values there, ${sizes.get(name) ?? 'none'} here`;
}

/** What the trainer holds of one member. */
export type ModelState = Pick<MemberState, 'steps' | 'weights' | 'optimizers'>;

/** @param members positions in the pack */
export async function readModels(trainer: PackTrainer, members: readonly number[]): Promise<ModelState[]> {
  const weights = await readRows(Object.entries(trainer.weights), members);
  const optimizers = await Promise.all(
    trainer.optimizers.map(async ({ slots, steps }) => {
      const entries = Object.entries(slots).map(
        async ([slot, variables]) => [slot, await readRows([...variables], members)] as const,
      );
      return { steps, slots: await Promise.all(entries) };
    }),
  );
  return members.map((member, index) => ({
    steps: trainer.members[member]!.step,
    weights: weights[index]!,
    optimizers: optimizers.map(({ steps, slots }) => ({
      steps: steps[member]!,
      slots: Object.fromEntries(slots.map(([slot, rows]) => [slot, rows[index]!])),
    })),
  }));
}

/** Makes a fresh trainer go on where these models were: one for each of its members. */
export function writeModels(trainer: PackTrainer, models: readonly ModelState[]): void {
  for (const [name, variable] of Object.entries(trainer.weights))
    tf.tidy(() => variable.assign(stacked(name, variable.shape, models, ({ weights }) => weights)));
  trainer.members.forEach((member, index) => (member.step = models[index]!.steps));
  trainer.optimizers.forEach((optimizer, head) => {
    const ofHead = (model: ModelState): ModelState['optimizers'][number] | undefined =>
      model.optimizers[head];
    optimizer.steps = models.map((model) => ofHead(model)?.steps ?? 0);
    for (const [slot, variables] of Object.entries(optimizer.slots)) {
      const [first] = models;
      for (const name of Object.keys((first && ofHead(first)?.slots[slot]) ?? {})) {
        const { shape } = weightOf(trainer, name);
        const values = stacked(name, shape, models, (model) => ofHead(model)?.slots[slot] ?? {});
        variables.set(name, tf.variable(values, false));
        values.dispose();
      }
    }
  });
}

/** [K, ...] of what each of the models has under this name. */
function stacked(
  name: string,
  shape: readonly number[],
  models: readonly ModelState[],
  of: (model: ModelState) => Values,
): tf.Tensor {
  const size = shape.slice(1).reduce((product, length) => product * length, 1);
  const values = new Float32Array(models.length * size);
  models.forEach((model, index) => {
    const found = of(model)[name];
    if (found?.length !== size)
      throw new Error(
        `the checkpoint is of another model: ${name} has ${found?.length ?? 'no'} values there, ${size} here`,
      );
    values.set(found, index * size);
  });
  return tf.tensor(values, [...shape], 'float32');
}

function weightOf(trainer: PackTrainer, name: string): tf.Variable {
  const weight = trainer.weights[name];
  if (!weight) throw new Error(`the checkpoint is of another model: there is no weight ${name} here`);
  return weight;
}

/** The values of some members in stacked variables, by member and name. */
async function readRows(
  variables: readonly (readonly [string, tf.Variable])[],
  members: readonly number[],
): Promise<Record<string, Float32Array>[]> {
  const rows = members.map((): Record<string, Float32Array> => ({}));
  for (const [name, variable] of variables) {
    const values = await variable.data<'float32'>();
    const size = values.length / variable.shape[0];
    members.forEach((member, index) => {
      rows[index]![name] = values.slice(member * size, (member + 1) * size);
    });
  }
  return rows;
}
