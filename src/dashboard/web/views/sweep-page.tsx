import { useEffect, useState } from 'preact/hooks';
import { SweepModel } from '../live/sweep-model.js';
import { useVersion } from '../live/observable.js';
import type { Tab, ViewChange, ViewState } from '../routing.js';
import { Frame } from './frame.js';
import { Loading, Refused } from './notices.js';
import { SweepView } from './sweep-view.js';

interface SweepPageProps {
  readonly sweepId: string;
  readonly tab: Tab;
  readonly view: ViewState;
  readonly onView: (change: ViewChange) => void;
}

/** One sweep, live. */
export function SweepPage({ sweepId, tab, view, onView }: SweepPageProps) {
  const [model] = useState(() => new SweepModel(sweepId));
  useEffect(() => () => model.close(), [model]);
  useVersion(model);
  const { sweep, status, progress } = model;
  return (
    <Frame
      title={sweep?.definition.name ?? sweepId}
      status={status}
      problem={model.problem}
      changing={sweep?.state === 'running'}
      reading={progress?.reading}
      onRetry={() => model.retry()}
    >
      {status.kind === 'refused' ? (
        <Refused {...status} />
      ) : sweep && progress ? (
        <SweepView {...{ model, sweep, progress, tab, view, onView }} />
      ) : (
        <Loading what="the sweep" />
      )}
    </Frame>
  );
}
