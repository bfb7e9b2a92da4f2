import { setImmediate } from 'node:timers/promises';
import type { Examples, TrainingData } from '../datasets/training-data.js';
import type { Architecture } from './architecture.js';
import { sequentialOrder, shuffledOrder, type BatchOrder } from './batches.js';
import { accuracyOf } from './classification.js';
import { afterEvaluation, type StoppingOptions, type StoppingState } from './early-stopping.js';
import { evaluate, type Evaluation } from './evaluation.js';
import { readModels, writeModels, type MemberState } from './member-state.js';
import { PackTrainer, type MemberSettings, type TrainerOptions } from './pack-trainer.js';
import { createSchedule, type Schedule, type ScheduleOptions } from './schedules.js';
import { TrainBatches } from './train-batches.js';

/** One of the models that train together. */
export interface TrainingMember extends MemberSettings {
  /** Aborts when it is to leave the pack. */
  readonly signal: AbortSignal;
  /** Where it goes on. Members of one pack go on after the same pass. */
  readonly resume?: MemberState | undefined;
}

export interface TrainingOptions extends TrainerOptions, ScheduleOptions, StoppingOptions {
  readonly batchSize: number;
  /** A new order again and again, or one order round and round: that of the train set, or with `once` a random one. */
  readonly shuffle: boolean | 'once';
  /** Passes that are shuffled anew end with a smaller batch of the rows that are left, as in Keras. @default false */
  readonly partialBatch?: boolean;
  /** Such a new order draws each row out of the next so many of the train set, as tf.data does. @default all of them */
  readonly shuffleBuffer?: number | undefined;
  /**
   * Windows of a member that go through the network at once, at most, training or evaluating: larger batches are trained
   * in parts, which gives the same but for rounding and takes less memory. @default all of a batch
   */
  readonly windowsAtOnce?: number | undefined;
  /** Passes between two evaluations; the last pass is always evaluated. */
  readonly evaluateEvery: number;
}

/** What is known of a member after a pass. */
export interface PassResult {
  /** 1 after the first pass. */
  readonly pass: number;
  /** Mean over the steps of the pass, of the head that trained last in each. */
  readonly loss: number;
  /** At the end of the pass. */
  readonly learningRate: number;
  /** Position of the head that was evaluated. */
  readonly head: number;
  /** On the selection examples; undefined where this pass is not evaluated. */
  readonly evaluation: Evaluation | undefined;
  /** Seconds of this pack's time that fell to this member so far: its share of every moment it was there. */
  readonly seconds: number;
}

/** What is known of a member after a step. */
export interface StepResult {
  /** 1 after the first step of all. */
  readonly step: number;
  /** Of the head that trained last. */
  readonly loss: number;
  readonly learningRate: number;
}

export interface FinalResult {
  /** The last pass that was trained. */
  readonly pass: number;
  /** Why that was not the last of the architecture's; undefined where it was. */
  readonly stopped: string | undefined;
  readonly selection: Evaluation;
  readonly test: Evaluation;
  /** Of `TrainingData.other`, where there is that. */
  readonly other: Evaluation | undefined;
  readonly seconds: number;
}

/** What becomes of the members. */
export interface TrainingObserver<Member> {
  afterStep?(member: Member, result: StepResult): void;
  afterPass(member: Member, result: PassResult): void;
  ended(member: Member, result: FinalResult): void;
  /** The loss is no number any more; the member has left the pack. */
  diverged(member: Member, pass: number): void;
  /** Asked after every pass of members that are not done: whether `checkpoint` is to be called for them. */
  checkpointDue?(member: Member): boolean;
  checkpoint?(member: Member, state: MemberState): void;
}

/**
 * Trains the members as one pack until the architecture's passes are over or none is left. A member that is aborted
 * leaves before the next batch, one whose loss is no number any more after the pass, one whose training is to stop
 * early after an evaluation. Evaluates on the selection examples on the way, on the test examples at a member's end.
 */
export async function trainPack<Member extends TrainingMember>(
  architecture: Architecture,
  data: TrainingData,
  members: readonly Member[],
  options: TrainingOptions,
  observer: TrainingObserver<Member>,
): Promise<void> {
  const run = new PackRun(architecture, data, members, options, observer);
  try {
    for (let pass = run.resume(); pass < architecture.passes && run.members.length > 0; pass++)
      await run.runPass(pass);
  } finally {
    run.dispose();
  }
}

/** The members that are still there, with what belongs to each of them. */
class PackRun<Member extends TrainingMember> {
  members: readonly Member[];
  private readonly trainer: PackTrainer;
  private readonly schedule: Schedule;
  private readonly orders = new Map<Member, BatchOrder>();
  private readonly seconds = new Map<Member, number>();
  private readonly stopping = new Map<Member, StoppingState>();
  private readonly batches: TrainBatches;
  private step = 0;

  constructor(
    private readonly architecture: Architecture,
    private readonly data: TrainingData,
    members: readonly Member[],
    private readonly options: TrainingOptions,
    private readonly observer: TrainingObserver<Member>,
  ) {
    this.members = members;
    this.schedule = createSchedule(options, architecture.passes);
    this.batches = new TrainBatches(data, options.windowsAtOnce);
    // First the weights, then the order of the batches: a member's random numbers serve the same ends alone and packed.
    this.trainer = new PackTrainer(architecture, options, members);
    for (const member of members) {
      const { count } = data.train;
      const { shuffle, batchSize, partialBatch, shuffleBuffer: buffer } = options;
      const order =
        shuffle === true
          ? shuffledOrder(count, batchSize, member.random, { partialBatch, buffer })
          : sequentialOrder(count, batchSize, shuffle ? member.random : undefined);
      this.orders.set(member, order);
      this.seconds.set(member, 0);
    }
  }

  /** Puts members where their checkpoints were. @returns the pass to go on with */
  resume(): number {
    const states = this.members.flatMap(({ resume }) => resume ?? []);
    const [first] = states;
    if (!first) return 0;
    if (states.length < this.members.length || states.some(({ pass }) => pass !== first.pass))
      throw new Error('members of one pack go on after the same pass');
    writeModels(this.trainer, states);
    this.step = first.batches;
    this.members.forEach((member, index) => {
      const { seconds, stopping } = states[index]!;
      this.seconds.set(member, seconds);
      if (stopping) this.stopping.set(member, stopping);
      const order = this.orders.get(member)!;
      for (let pass = 0; pass < first.pass; pass++)
        for (let step = order.stepsOf(pass); step > 0; step--) order.next();
    });
    return first.pass;
  }

  /** What members need to go on after this pass, for those of which the observer wants it. */
  private async checkpoint(pass: number): Promise<void> {
    const { observer, members } = this;
    const due = members.flatMap((member, index) => (observer.checkpointDue?.(member) ? [index] : []));
    if (due.length === 0) return;
    const models = await this.timed(() => readModels(this.trainer, due));
    due.forEach((index, at) => {
      const member = members[index]!;
      observer.checkpoint?.(member, {
        pass: pass + 1,
        batches: this.step,
        seconds: this.seconds.get(member)!,
        stopping: this.stopping.get(member),
        ...models[at]!,
      });
    });
  }

  /** Trains, evaluates where that is due, and tells the observer. Members that are done have left when it resolves. */
  async runPass(pass: number): Promise<void> {
    const { architecture, observer, options } = this;
    const losses = await this.trainPass(pass);
    const diverged = this.members.filter((member) => !Number.isFinite(losses.get(member)));
    this.drop(diverged);
    for (const member of diverged) observer.diverged(member, pass + 1);
    if (this.members.length === 0) return;

    const last = pass === architecture.passes - 1;
    const head = Math.max(...architecture.headsOfPass(pass));
    const due = last || (pass + 1) % options.evaluateEvery === 0;
    const selection = due ? await this.evaluate(head, this.data.selection) : undefined;
    const learningRate = (member: Member): number => this.rateOf(member.learningRate, pass, 1);
    this.members.forEach((member, index) =>
      observer.afterPass(member, {
        pass: pass + 1,
        loss: losses.get(member)!,
        learningRate: learningRate(member),
        head,
        evaluation: selection?.[index],
        seconds: this.seconds.get(member)!,
      }),
    );
    if (selection && (last || head === architecture.heads.length - 1)) await this.end(pass, last, selection);
    if (this.members.length > 0) await this.checkpoint(pass);
  }

  /** Ends the members whose last pass this was, and those that are to stop early. */
  private async end(pass: number, last: boolean, selection: readonly Evaluation[]): Promise<void> {
    const reasons = this.members.map((member, index) => {
      const { confusion, loss } = selection[index]!;
      const judged = { accuracy: accuracyOf(confusion), loss };
      const { state, stop } = afterEvaluation(this.stopping.get(member), judged, this.options);
      this.stopping.set(member, state);
      return stop;
    });
    const ending = this.members.filter((_, index) => last || reasons[index] !== undefined);
    if (ending.length === 0) return;
    const { data, members } = this;
    const lastHead = this.architecture.heads.length - 1;
    const test = data.test === data.selection ? selection : await this.evaluate(lastHead, data.test);
    const other = data.other && (await this.evaluate(lastHead, data.other));
    members.forEach((member, index) => {
      if (!ending.includes(member)) return;
      this.observer.ended(member, {
        pass: pass + 1,
        stopped: last ? undefined : reasons[index],
        selection: selection[index]!,
        test: test[index]!,
        other: other?.[index],
        seconds: this.seconds.get(member)!,
      });
    });
    this.drop(ending);
  }

  /** @returns the mean loss over the steps, of the head that each step trained last, by member */
  private async trainPass(pass: number): Promise<Map<Member, number>> {
    const steps = this.stepsOf(pass);
    const sums = new Map<Member, number>();
    for (let step = 0; step < steps; step++) {
      // Lets messages in: a command to stop arrives as one.
      await setImmediate();
      this.drop(this.members.filter((member) => member.signal.aborted));
      if (this.members.length === 0) break;
      const rateOf = (rate: number): number => this.rateOf(rate, pass, step / steps);
      const losses = await this.timed(() => this.trainBatch(pass, rateOf));
      this.step += 1;
      this.members.forEach((member, index) => {
        const loss = losses[index]!;
        sums.set(member, (sums.get(member) ?? 0) + loss / steps);
        const learningRate = rateOf(member.learningRate);
        this.observer.afterStep?.(member, { step: this.step, loss, learningRate });
      });
    }
    return sums;
  }

  /** @param part of the pass that is over */
  private rateOf(rate: number, pass: number, part: number): number {
    return this.schedule(rate, pass + part);
  }

  private async evaluate(head: number, examples: Examples): Promise<Evaluation[]> {
    const { relabel } = this.architecture.heads[head]!;
    const { windowsAtOnce } = this.options;
    return this.timed(() => evaluate(this.trainer, head, relabel, examples, this.data, windowsAtOnce));
  }

  private drop(leaving: readonly Member[]): void {
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
  private async trainBatch(pass: number, rateOf: (rate: number) => number): Promise<Float32Array> {
    const { architecture, trainer } = this;
    const rows = this.members.map((member) => this.orders.get(member)!.next());
    // Without shuffling all members read the same.
    const distinct = this.options.shuffle ? rows : rows.slice(0, 1);
    return this.batches.with(distinct, async (partsOf) => {
      let losses = new Float32Array();
      for (const head of architecture.headsOfPass(pass)) {
        const parts = partsOf(architecture.heads[head]!, pass);
        const loss = trainer.stepInParts(head, rows[0]!.length, parts, rateOf);
        losses = Float32Array.from(await loss.data<'float32'>());
        loss.dispose();
      }
      return losses;
    });
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
