import {
  CategoryScale,
  Chart as ChartJs,
  type ChartDataset,
  type ChartOptions,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js';
import { useEffect, useRef } from 'preact/hooks';
import type { HoveredTrial } from './hovered-trial.js';
import { registerNearestTrial } from './nearest-trial.js';

ChartJs.register(
  ScatterController,
  LineController,
  PointElement,
  LineElement,
  LinearScale,
  LogarithmicScale,
  CategoryScale,
  Tooltip,
);
registerNearestTrial();
ChartJs.defaults.font.family = getComputedStyle(document.documentElement).fontFamily;

/** A point of ours: Chart.js hands back what it was given, so it can carry the trial. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  readonly trial?: number;
}

export type ScatterDataset = ChartDataset<'scatter', ChartPoint[]>;
export type ScatterOptions = ChartOptions<'scatter'>;

export interface ChartProps {
  readonly datasets: ScatterDataset[];
  readonly options: ScatterOptions;
  /** What it shows, for those who can't see it. */
  readonly label: string;
  readonly hovered?: HoveredTrial;
  readonly onOpen?: (trial: number) => void;
}

/** A canvas with a chart that is changed in place, without animation, when its data changes. */
export function Chart({ datasets, options, label, hovered, onOpen }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<ChartJs<'scatter', ChartPoint[]>>(null);
  const open = useRef(onOpen);
  open.current = onOpen;

  const full: ScatterOptions = {
    ...options,
    onHover: (event, active) => {
      const trial = trialOf(datasets, active[0]);
      hovered?.set(trial);
      const target = event.native?.target;
      if (target instanceof HTMLElement) {
        target.style.cursor = trial !== undefined && open.current ? 'pointer' : 'default';
      }
    },
    onClick: (_event, active) => {
      const trial = trialOf(datasets, active[0]);
      if (trial !== undefined) open.current?.(trial);
    },
  };

  useEffect(() => {
    if (!canvas.current) return;
    if (chart.current) {
      chart.current.data.datasets = datasets;
      chart.current.options = full;
      chart.current.update('none');
    } else {
      chart.current = new ChartJs(canvas.current, { type: 'scatter', data: { datasets }, options: full });
    }
  }, [datasets, options]);

  useEffect(() => () => chart.current?.destroy(), []);

  useEffect(
    () =>
      hovered?.subscribe((trial) => {
        if (!chart.current) return;
        chart.current.setActiveElements(elementsOf(chart.current.data.datasets, trial));
        chart.current.draw();
      }),
    [hovered],
  );

  return (
    <div class="canvas" onPointerLeave={() => hovered?.set(undefined)}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}

interface ElementPosition {
  readonly datasetIndex: number;
  readonly index: number;
}

function trialOf(datasets: readonly ScatterDataset[], at: ElementPosition | undefined): number | undefined {
  return at && datasets[at.datasetIndex]?.data[at.index]?.trial;
}

function elementsOf(datasets: readonly ScatterDataset[], trial: number | undefined): ElementPosition[] {
  if (trial === undefined) return [];
  return datasets.flatMap(({ data }, datasetIndex) => {
    const index = data.findIndex((point) => point.trial === trial);
    return index < 0 ? [] : [{ datasetIndex, index }];
  });
}
