import { useMemo } from 'preact/hooks';
import type { BesideAnswer, BesideSweep } from '../../api/beside.js';
import type { FrontAnswer, PointsAnswer, SlicesAnswer } from '../../api/charts.js';
import { axisColumn, trialNumberAxis } from '../data/axis.js';
import { besideNumber, bothWhere, chosenBeside, placedBeside, type BesideResults } from '../data/beside.js';
import { question, useAnswer } from '../live/use-answer.js';
import { formatRoute } from '../routing.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';

/** What may be drawn beside this sweep's results, and what is. */
export interface BesideChoice {
  readonly candidates: readonly BesideSweep[];
  readonly chosen: BesideSweep | undefined;
}

/** Sweeps that have what a chart shows; asked for once. */
export function useBeside(
  { model, view }: Pick<SectionProps, 'model' | 'view'>,
  fits: (sweep: BesideSweep) => boolean,
): BesideChoice {
  const { data } = useAnswer<BesideAnswer>(model, 'beside', { follow: 'once' });
  const candidates = (data?.sweeps ?? []).filter(fits);
  return { candidates, chosen: chosenBeside(candidates, view.beside) };
}

/** Another sweep's trials over the same axis as `own`, and their means. */
export function useBesideResults(
  { model, view }: Pick<SectionProps, 'model' | 'view'>,
  chosen: BesideSweep | undefined,
  asked: { readonly x: string; readonly metrics: readonly string[]; readonly colour: string },
  own: PointsAnswer | undefined,
): { readonly results?: BesideResults; readonly error?: string } {
  const { x, metrics, colour } = asked;
  const column = axisColumn(x);
  const common = chosen && {
    x: column,
    y: metrics.filter((metric) => chosen.metrics.includes(metric)).map((metric) => `metric:${metric}`),
    where: bothWhere(view.where, chosen.where),
  };
  const by = chosen?.searched.includes(colour) ? `parameter:${colour}` : undefined;
  const points = useAnswer<PointsAnswer>(
    model,
    common &&
      question('points', {
        ...common,
        with: ['configuration', ...(chosen?.searched ?? []).map((name) => `parameter:${name}`)],
      }),
    { of: chosen?.id },
  );
  const slices = useAnswer<SlicesAnswer>(model, common && question('slices', { ...common, by }), {
    of: chosen?.id,
  });
  const error = points.error ?? slices.error;
  const isReady = chosen !== undefined && !points.pending && !slices.pending;
  const results = useMemo((): BesideResults | undefined => {
    if (!isReady || error !== undefined || !points.data || !own?.columns[column]) return undefined;
    const answers = { points: points.data, slices: slices.data };
    const fixed = colour === '' ? undefined : { name: colour, fixed: chosen.fixed[colour] };
    const alone = chosen.searched.every((name) => name === x || name === colour);
    return { name: chosen.name, alone, ...placedBeside(answers, own, column, fixed) };
  }, [isReady, error, points.data, slices.data, own, column, colour, chosen?.id]);
  return {
    ...(results && { results }),
    ...(isReady && error !== undefined && { error: `${chosen.name}: ${error}` }),
  };
}

/** Another sweep's trade-off between the same metrics. */
export function useBesideFront(
  { model, view }: Pick<SectionProps, 'model' | 'view'>,
  chosen: BesideSweep | undefined,
  { x, y }: { readonly x: string; readonly y: string },
): { readonly name: string; readonly answer: FrontAnswer } | undefined {
  const { data, pending } = useAnswer<FrontAnswer>(
    model,
    chosen && question('front', { x, y, where: bothWhere(view.where, chosen.where) }),
    { of: chosen?.id },
  );
  const [name, answer] = [chosen?.name, pending ? undefined : data];
  return useMemo(() => (name !== undefined && answer ? { name, answer } : undefined), [name, answer]);
}

/** Whether a sweep has points over this axis in any of the charts. */
export function hasAxis(x: string, metrics: readonly string[]): (sweep: BesideSweep) => boolean {
  return ({ searched, metrics: theirs }) =>
    x !== trialNumberAxis && searched.includes(x) && metrics.some((metric) => theirs.includes(metric));
}

/** Whether a sweep has points in a chart of all these metrics. */
export function hasMetrics(metrics: readonly string[]): (sweep: BesideSweep) => boolean {
  return ({ metrics: theirs }) => metrics.every((metric) => theirs.includes(metric));
}

export function BesideSelect(props: BesideChoice & Pick<SectionProps, 'onView'>) {
  const { candidates, chosen, onView } = props;
  if (candidates.length === 0) return null;
  return (
    <Select
      label="beside"
      value={chosen?.id ?? ''}
      options={[['', 'none'], ...candidates.map((sweep) => [sweep.id, textOf(sweep, candidates)] as const)]}
      onChange={(beside) => onView({ beside })}
    />
  );
}

function textOf(sweep: BesideSweep, candidates: readonly BesideSweep[]): string {
  const { name, id, imported, differing } = sweep;
  const isAmbiguous = candidates.filter((other) => other.name === name).length > 1;
  const notes = [
    ...(imported ? ['imported'] : []),
    ...(differing.length > 0 ? [`other ${differing.join(', ')}`] : []),
  ];
  return `${name}${isAmbiguous ? ` (${id})` : ''}${notes.length > 0 ? ` – ${notes.join('; ')}` : ''}`;
}

/** Opens a trial of ours, or goes to the other sweep's page with the trial that a point beside ours is. */
export function openEither(
  chosen: BesideSweep | undefined,
  onOpen: (trial: number) => void,
): (key: number) => void {
  return (key) => {
    const trial = besideNumber(key);
    if (trial === undefined) onOpen(key);
    else if (chosen)
      location.hash = formatRoute({
        page: 'sweep',
        sweepId: chosen.id,
        tab: 'overview',
        view: { trial },
      });
  };
}
