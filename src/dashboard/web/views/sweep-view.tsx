import { useState } from 'preact/hooks';
import type { SweepView as Sweep } from '../../api.js';
import type { ProgressAnswer } from '../../api/charts.js';
import { HoveredTrial } from '../charts/hovered-trial.js';
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
  readonly progress: ProgressAnswer;
  readonly view: ViewState;
  readonly onView: (change: ViewChange) => void;
}

export function SweepView({ model, sweep, progress, view, onView }: SweepViewProps) {
  const { definition } = sweep;
  const { metrics, counts } = progress;
  const [hovered] = useState(() => new HoveredTrial());
  const onOpen = (trial: number) => onView({ trial });
  const shared = { model, definition, metrics, hovered, onOpen, view, onView };
  const trials = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return (
    <div
      class="sweep"
      data-sweep={sweep.id}
      data-trials={trials}
      data-revision={progress.revision}
      data-ready
    >
      <SweepHeader sweep={sweep} progress={progress} now={() => model.now()} />
      {trials === 0 ? (
        <p class="nothing-yet">
          {sweep.state === 'running'
            ? 'No trial has been proposed yet. The first ones appear here by themselves.'
            : 'This sweep ended before its first trial.'}
        </p>
      ) : (
        <>
          <div class="overview">
            <MetricsSection {...shared} />
            <BestSection {...shared} />
          </div>
          <TradeOffSection {...shared} />
          <TrialsSection {...shared} counts={counts} running={sweep.state === 'running'} />
        </>
      )}
      <WorkersSection workers={model.workers} now={() => model.now()} running={sweep.state === 'running'} />
      {view.trial !== undefined && (
        <TrialDialog
          key={view.trial}
          model={model}
          number={view.trial}
          metrics={metrics}
          onClose={() => onView({ trial: undefined })}
        />
      )}
    </div>
  );
}
