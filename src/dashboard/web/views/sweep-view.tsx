import { useState } from 'preact/hooks';
import type { SweepView as Sweep } from '../../api.js';
import type { ProgressAnswer } from '../../api/charts.js';
import { HoveredTrial } from '../charts/hovered-trial.js';
import type { SweepModel } from '../live/sweep-model.js';
import type { Tab, ViewChange, ViewState } from '../routing.js';
import { BestSection } from './best-section.js';
import { CurvesView } from './curves-view.js';
import { DistributionsView } from './distributions-view.js';
import { FilterBar } from './filter-bar.js';
import { ImportanceView } from './importance-view.js';
import { MetricsSection } from './metrics-section.js';
import { ParallelView } from './parallel-view.js';
import type { SectionProps } from './shared-props.js';
import { SlicesView } from './slices-view.js';
import { SweepHeader } from './sweep-header.js';
import { Tabs } from './tabs.js';
import { TimelineView } from './timeline-view.js';
import { TradeOffSection } from './trade-off-section.js';
import { TradeOffView } from './trade-off-view.js';
import { TrialDialog } from './trial-dialog.js';
import { TrialsSection } from './trials-section.js';
import { WorkersSection } from './workers-section.js';

interface SweepViewProps {
  readonly model: SweepModel;
  readonly sweep: Sweep;
  readonly progress: ProgressAnswer;
  readonly tab: Tab;
  readonly view: ViewState;
  readonly onView: (change: ViewChange) => void;
}

export function SweepView({ model, sweep, progress, tab, view, onView }: SweepViewProps) {
  const { definition } = sweep;
  const { metrics, counts } = progress;
  const [hovered] = useState(() => new HoveredTrial());
  const onOpen = (trial: number) => onView({ trial });
  const running = sweep.state === 'running';
  const shared = { model, definition, metrics, hovered, onOpen, view, onView, running, counts };
  const trials = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return (
    <div
      class="sweep"
      data-sweep={sweep.id}
      data-trials={trials}
      data-revision={progress.revision}
      data-ready
    >
      <SweepHeader sweep={sweep} progress={progress} base={model.base} now={() => model.now()} />
      <Tabs sweepId={sweep.id} tab={tab} view={view} />
      {tab === 'workers' ? null : trials === 0 ? (
        <p class="nothing-yet">
          {running
            ? 'No trial has been proposed yet. The first ones appear here by themselves.'
            : 'This sweep ended before its first trial.'}
        </p>
      ) : (
        <>
          <FilterBar model={model} where={view.where} onView={onView} />
          <TabContent key={tab} tab={tab} {...shared} />
        </>
      )}
      {(tab === 'workers' || tab === 'overview') && (
        <WorkersSection {...{ model, sweep, counts }} now={() => model.now()} />
      )}
      {view.trial !== undefined && (
        <TrialDialog
          key={view.trial}
          model={model}
          sweep={sweep}
          number={view.trial}
          metrics={metrics}
          onOpen={onOpen}
          onClose={() => onView({ trial: undefined })}
        />
      )}
    </div>
  );
}

function TabContent({ tab, ...props }: SectionProps & { readonly tab: Tab }) {
  switch (tab) {
    case 'overview':
      return (
        <>
          <div class="overview">
            <MetricsSection {...props} />
            <BestSection {...props} />
          </div>
          <TradeOffSection {...props} />
          <TrialsSection {...props} />
        </>
      );
    case 'trade-offs':
      return <TradeOffView {...props} />;
    case 'parallel':
      return <ParallelView {...props} />;
    case 'importance':
      return <ImportanceView {...props} />;
    case 'slices':
      return <SlicesView {...props} />;
    case 'curves':
      return <CurvesView {...props} />;
    case 'distributions':
      return <DistributionsView {...props} />;
    case 'timeline':
      return <TimelineView {...props} />;
    case 'trials':
      return <TrialsSection {...props} />;
    case 'workers':
      return null;
  }
}
