import { useMemo, useState } from 'preact/hooks';
import type { SweepView as Sweep } from '../../api.js';
import { HoveredTrial } from '../charts/hovered-trial.js';
import { metricNames } from '../data/metrics.js';
import { progressOf } from '../data/progress.js';
import { rank } from '../../ranking.js';
import type { SweepModel } from '../live/sweep-model.js';
import type { ViewChange, ViewState } from '../routing.js';
import { BestSection } from './best-section.js';
import { MetricsSection } from './metrics-section.js';
import { SweepHeader } from './sweep-header.js';
import { TradeOffSection } from './trade-off-section.js';
import { TrialDialog } from './trial-dialog.js';
import { TrialsSection } from './trials-section.js';
import { WorkersSection } from './workers-section.js';

interface SweepViewProps {
  readonly model: SweepModel;
  readonly sweep: Sweep;
  /** Grows with every change of the model. */
  readonly version: number;
  readonly view: ViewState;
  readonly onView: (change: ViewChange) => void;
}

export function SweepView({ model, sweep, version, view, onView }: SweepViewProps) {
  const { definition } = sweep;
  const [hovered] = useState(() => new HoveredTrial());
  const trials = useMemo(() => [...model.trials.values()].sort((a, b) => a.number - b.number), [version]);
  const metrics = useMemo(() => metricNames(definition, trials), [definition, trials]);
  const progress = useMemo(() => progressOf(sweep, trials), [sweep, trials]);
  const ranked = useMemo(() => rank(definition, trials), [definition, trials]);
  const onOpen = (trial: number) => onView({ trial });
  const shared = { definition, trials, byNumber: model.trials, hovered, onOpen, view, onView };
  return (
    <div class="sweep" data-sweep={sweep.id} data-trials={trials.length} data-ready={model.ready}>
      <SweepHeader sweep={sweep} progress={progress} now={() => model.now()} />
      {trials.length === 0 ? (
        <p class="nothing-yet">
          {sweep.state === 'running'
            ? 'No trial has been proposed yet. The first ones appear here by themselves.'
            : 'This sweep ended before its first trial.'}
        </p>
      ) : (
        <>
          <div class="overview">
            <MetricsSection {...shared} metrics={metrics} />
            <BestSection {...shared} ranked={ranked} />
          </div>
          <TradeOffSection {...shared} metrics={metrics} ranked={ranked} />
          <TrialsSection
            {...shared}
            metrics={metrics}
            counts={progress.counts}
            running={sweep.state === 'running'}
          />
        </>
      )}
      <WorkersSection workers={model.workers} now={() => model.now()} running={sweep.state === 'running'} />
      {view.trial !== undefined && (
        <TrialDialog
          key={view.trial}
          sweepId={sweep.id}
          number={view.trial}
          metrics={metrics}
          present={model.trials.get(view.trial)}
          onClose={() => onView({ trial: undefined })}
        />
      )}
    </div>
  );
}
