import { setImmediate } from 'node:timers/promises';
import type { Examples, TrainingData } from '../datasets/training-data.js';
import type { Architecture } from './architecture.js';
import { gatherBatch, gatherLabels, sequentialOrder, shuffledOrder, type BatchOrder } from './batches.js';
import { evaluate, type Evaluation } from './evaluation.js';
import type { OptimizerName } from './optimizers.js';
import { PackTrainer, type MemberSettings } from './pack-trainer.js';
import * as tf from './tfjs.js';

/** One of the models that train together. */
export interface TrainingMember extends MemberSettings {
  /** Aborts when it is to leave the pack. */
  readonly signal: AbortSignal;
}

export interface TrainingOptions {
  readonly optimizer: OptimizerName;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Passes between two evaluations; the last pass is always evaluated. */
  readonly evaluateEvery: number;
}

/** What is known of a member after a pass. */
export interface PassResult {
  /** 1 after the first pass. */
  readonly pass: number;
  /** Mean over the steps of the pass, of the head that trained last in each. */
  readonly loss: number;
  /** Position of the head that was evaluated. */
  readonly head: number;
  /** On the selection examples; undefined where this pass is not evaluated. */
  readonly evaluation: Evaluation | undefined;
  /** Seconds of this pack's time that fell to this member so far: its share of every moment it was there. */
  readonly seconds: number;
}

export interface FinalResult {
  readonly selection: Evaluation;
  readonly test: Evaluation;
  readonly seconds: number;
}

/** What becomes of the members. */
export interface TrainingObserver<Member> {
  afterPass(member: Member, result: PassResult): void;
  ended(member: Member, result: FinalResult): void;
  /** The loss is no number any more; the member has left the pack. */
  diverged(member: Member, pass: number): void;
}

/**
 * Trains the members as one pack until the architecture's passes are over or none is left. A member that is aborted
 * leaves before the next batch, one whose loss is no number any more after the pass. Evaluates on the selection
 * examples on the way, on the test examples at the end.
 */
export async function trainPack<Member extends TrainingMember>(
  architecture: Architecture,
  data: TrainingData,
  members: readonly Member[],
  options: TrainingOptions,
  observer: TrainingObserver<Member>,
): Promise<void> {
  const run = new PackRun(architecture, data, members, options);
  const { passes, heads } = architecture;
  try {
    for (let pass = 0; pass < passes; pass++) {
      const losses = await run.trainPass(pass);
      const diverged = run.members.filter((_, index) => !Number.isFinite(losses.get(run.members[index]!)));
      run.drop(diverged);
      for (const member of diverged) observer.diverged(member, pass + 1);
      if (run.members.length === 0) return;

      const last = pass === passes - 1;
      const head = Math.max(...architecture.headsOfPass(pass));
      const due = last || (pass + 1) % options.evaluateEvery === 0;
      const selection = due ? await run.evaluate(head, data.selection) : undefined;
      run.members.forEach((member, index) =>
        observer.afterPass(member, {
          pass: pass + 1,
          loss: losses.get(member)!,
          head,
          evaluation: selection?.[index],
          seconds: run.secondsOf(member),
        }),
      );
      if (!last || !selection) continue;
      const test = data.test === data.selection ? selection : await run.evaluate(heads.length - 1, data.test);
      run.members.forEach((member, index) =>
        observer.ended(member, {
          selection: selection[index]!,
          test: test[index]!,
          seconds: run.secondsOf(member),
        }),
      );
    }
  } finally {
    run.dispose();
  }
}

/** The members that are still there, with what belongs to each of them. */
class PackRun<Member extends TrainingMember> {
  members: readonly Member[];
  private readonly trainer: PackTrainer;
  private readonly orders = new Map<Member, BatchOrder>();
  private readonly seconds = new Map<Member, number>();
  private batch = new Float32Array();

  constructor(
    private readonly architecture: Architecture,
    private readonly data: TrainingData,
    members: readonly Member[],
    private readonly options: TrainingOptions,
  ) {
    this.members = members;
    // First the weights, then the order of the batches: a member's random numbers serve the same ends alone and packed.
    this.trainer = new PackTrainer(architecture, options.optimizer, members);
    for (const member of members) {
      const { count } = data.train;
      const order = options.shuffle
        ? shuffledOrder(count, options.batchSize, member.random)
        : sequentialOrder(count, options.batchSize);
      this.orders.set(member, order);
      this.seconds.set(member, 0);
    }
  }

  secondsOf(member: Member): number {
    return this.seconds.get(member)!;
  }

  /** @returns the mean loss over the steps, of the head that each step trained last, by member */
  async trainPass(pass: number): Promise<Map<Member, number>> {
    const steps = this.stepsOf(pass);
    const heads = this.architecture.headsOfPass(pass);
    const sums = new Map<Member, number>();
    for (let step = 0; step < steps; step++) {
      // Lets messages in: a command to stop arrives as one.
      await setImmediate();
      this.drop(this.members.filter((member) => member.signal.aborted));
      if (this.members.length === 0) break;
      const losses = await this.timed(() => this.trainBatch(heads));
      this.members.forEach((member, index) =>
        sums.set(member, (sums.get(member) ?? 0) + losses[index]! / steps),
      );
    }
    return sums;
  }

  async evaluate(head: number, examples: Examples): Promise<Evaluation[]> {
    const { relabel } = this.architecture.heads[head]!;
    return this.timed(() => evaluate(this.trainer, head, relabel, examples, this.data));
  }

  drop(leaving: readonly Member[]): void {
    if (leaving.length === 0) return;
    const staying = this.members.flatMap((member, index) => (leaving.includes(member) ? [] : [index]));
    this.members = staying.map((index) => this.members[index]!);
    if (staying.length > 0) this.trainer.keep(staying);
  }

  dispose(): void {
    this.trainer.dispose();
  }

  private stepsOf(pass: number): number {
    const [first] = this.orders.values();
    return first?.stepsOf(pass) ?? 0;
  }

  /** One step of each of the heads, on the next batch of every member. */
  private async trainBatch(heads: readonly number[]): Promise<Float32Array> {
    const { steps, channels, train } = this.data;
    const { batchSize, shuffle } = this.options;
    const rows = this.members.map((member) => this.orders.get(member)!.next());
    // Without shuffling all members read the same.
    const distinct = shuffle ? rows : rows.slice(0, 1);
    const size = steps * batchSize * channels;
    if (this.batch.length !== distinct.length * size) this.batch = new Float32Array(distinct.length * size);
    distinct.forEach((batchRows, index) =>
      gatherBatch(train, batchRows, steps, channels, this.batch.subarray(index * size, (index + 1) * size)),
    );
    const x = tf.tensor4d(this.batch, [distinct.length, steps, batchSize, channels]);
    let losses = new Float32Array();
    for (const head of heads) {
      const labels = this.labelsOf(head, distinct);
      const loss = this.trainer.step(head, x, labels);
      losses = Float32Array.from(await loss.data<'float32'>());
      tf.dispose([labels, loss]);
    }
    x.dispose();
    return losses;
  }

  private labelsOf(head: number, rows: readonly Int32Array[]): tf.Tensor3D {
    const { relabel } = this.architecture.heads[head]!;
    const { batchSize } = this.options;
    const size = batchSize * relabel.length;
    const values = new Float32Array(rows.length * size);
    rows.forEach((batchRows, index) =>
      gatherLabels(this.data.train, batchRows, relabel, values.subarray(index * size, (index + 1) * size)),
    );
    return tf.tensor3d(values, [rows.length, batchSize, relabel.length]);
  }

  /** Divides the time among the members that were there. */
  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const share = (performance.now() - start) / 1000 / this.members.length;
    for (const member of this.members) this.seconds.set(member, this.seconds.get(member)! + share);
    return result;
  }
}
