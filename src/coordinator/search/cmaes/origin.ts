import type { JsonValue } from '../../../sweep/json.js';

/** What a generation came to when the next one began: decided then, whatever becomes of its trials later. */
export interface GenerationOutcome {
  /** The configurations that counted, best first. */
  readonly order: readonly number[];
  /** The cost of the first; absent where not even that one counts. */
  readonly best?: number;
}

/** `Trial.origin` of a trial of this sampler: which run and generation it is of, and the point before it was rounded. */
export interface CmaesOrigin {
  readonly run: number;
  readonly generation: number;
  readonly point: readonly number[];
  /** Points of a generation, decided when the run began. Sweeps of before did not store it. */
  readonly population?: number;
  /** With the first trial of a generation: what the one before it came to. Sweeps of before did not store it. */
  readonly before?: GenerationOutcome;
}

/** The origin as it is stored. */
export function cmaesOrigin({ before, ...rest }: CmaesOrigin): JsonValue {
  const { run, generation, point, population } = rest;
  return {
    run,
    generation,
    point: [...point],
    ...(population !== undefined && { population }),
    ...(before && {
      before: { order: [...before.order], ...(before.best !== undefined && { best: before.best }) },
    }),
  };
}

export function isCmaesOrigin(
  origin: JsonValue | undefined,
): origin is JsonValue & { [K in keyof CmaesOrigin]: CmaesOrigin[K] } {
  return (
    typeof origin === 'object' &&
    origin !== null &&
    'run' in origin &&
    'generation' in origin &&
    'point' in origin &&
    Array.isArray(origin['point'])
  );
}
