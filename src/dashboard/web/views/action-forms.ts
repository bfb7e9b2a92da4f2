import type { SweepView } from '../../api.js';
import type { ProgressAnswer } from '../../api/charts.js';
import type { SweepAction } from '../../../sweep/steering/sweep-action.js';
import type { ParameterValue } from '../../../sweep/parameter.js';
import { count } from '../data/format.js';

/** What an action is asked about. */
export interface ActionContext {
  readonly sweep: SweepView;
  readonly counts: ProgressAnswer['counts'];
  /** The worker whose button it was. */
  readonly worker?: string;
}

interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'number';
  readonly value?: string;
}

/** How one action is offered, asked about and sent. */
export interface ActionForm {
  /** On the button that opens it. */
  readonly label: string;
  readonly title: (context: ActionContext) => string;
  readonly text: (context: ActionContext) => string;
  readonly confirm: string;
  readonly leave: string;
  readonly danger?: boolean;
  readonly fields?: (context: ActionContext) => readonly Field[];
  /** What is sent, beside the kind. Throws an Error that says what is wrong with a value. */
  readonly body: (
    values: Readonly<Record<string, string>>,
    context: ActionContext,
  ) => Record<string, unknown>;
}

const nameOf = ({ sweep }: ActionContext) => sweep.definition.name;

export const actionForms: Readonly<Record<SweepAction['action'], ActionForm>> = {
  stop: {
    label: 'Stop sweep…',
    title: (context) => `Stop ${nameOf(context)}?`,
    text: ({ counts }) =>
      `${counts.running > 0 ? `${count(counts.running, 'running trial')} will be cancelled, and nothing` : 'Nothing'} new is started. What has completed stays.`,
    confirm: 'Stop sweep',
    leave: 'Keep running',
    danger: true,
    body: () => ({}),
  },
  pause: {
    label: 'Pause…',
    title: (context) => `Pause ${nameOf(context)}?`,
    text: () => 'Nothing new is started until it is resumed.',
    confirm: 'Pause sweep',
    leave: 'Keep running',
    body: () => ({}),
  },
  resume: {
    label: 'Resume…',
    title: (context) => `Resume ${nameOf(context)}?`,
    text: () => 'Trials are started again.',
    confirm: 'Resume sweep',
    leave: 'Leave it',
    body: () => ({}),
  },
  retry: {
    label: 'Retry failed…',
    title: (context) => `Retry failed trials of ${nameOf(context)}?`,
    text: ({ counts }) => `${count(counts.failed, 'failed trial')} will be tried once more.`,
    confirm: 'Retry',
    leave: 'Leave them',
    body: () => ({}),
  },
  add: {
    label: 'Add trial…',
    title: (context) => `Add a trial to ${nameOf(context)}`,
    text: () => 'It is tried next. A parameter that is left empty is not given.',
    confirm: 'Add trial',
    leave: 'Cancel',
    fields: ({ sweep }) =>
      Object.entries(sweep.definition.space)
        .filter(([, { kind }]) => kind !== 'derived')
        .map(([name]) => ({ name, label: name, type: 'text' })),
    body: (values, { sweep }) => ({
      parameters: Object.fromEntries(
        Object.entries(values)
          .filter(([, text]) => text.trim() !== '')
          .map(([name, text]) => [name, parameterValue(sweep, name, text.trim())]),
      ),
    }),
  },
  set: {
    label: 'Limits…',
    title: (context) => `Limits of ${nameOf(context)}`,
    text: () => 'What is left empty stays as it is.',
    confirm: 'Change limits',
    leave: 'Cancel',
    fields: () => [
      { name: 'concurrency', label: 'trials at once', type: 'number' },
      { name: 'trials', label: 'trials', type: 'number' },
      { name: 'time', label: 'time, seconds', type: 'number' },
      { name: 'gpuHours', label: 'GPU hours', type: 'number' },
      { name: 'cost', label: 'cost', type: 'number' },
    ],
    body: (values) => ({ settings: numbers(values) }),
  },
  priority: {
    label: 'Priority…',
    title: (context) => `Priority of ${nameOf(context)}`,
    text: () => 'Sweeps of a pool share its slots by their priorities: twice as much gets twice as many.',
    confirm: 'Change priority',
    leave: 'Cancel',
    fields: () => [{ name: 'priority', label: 'priority', type: 'number', value: '1' }],
    body: (values) => ({ priority: numbers(values)['priority'] ?? 1 }),
  },
  cancel: {
    label: 'Cancel trials…',
    title: (context) => `Cancel trials of ${nameOf(context)}?`,
    text: () => 'They end where they are. Numbers, with commas between them.',
    confirm: 'Cancel trials',
    leave: 'Keep them',
    danger: true,
    fields: () => [{ name: 'trials', label: 'trials', type: 'text' }],
    body: (values) => ({
      trials: (values['trials'] ?? '')
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(numberOf),
    }),
  },
  quarantine: {
    label: 'Quarantine worker…',
    title: () => 'Put a worker into quarantine?',
    text: () => 'It gets no trials of this sweep until it is released; what it trains now goes on.',
    confirm: 'Put into quarantine',
    leave: 'Cancel',
    fields: ({ worker = '' }) => [{ name: 'worker', label: 'worker', type: 'text', value: worker }],
    body: (values, { worker }) => ({ worker: values['worker'] ?? worker ?? '' }),
  },
  release: {
    label: 'Release worker…',
    title: () => 'Release a worker from quarantine?',
    text: () => 'It gets trials again.',
    confirm: 'Release',
    leave: 'Cancel',
    fields: ({ worker = '' }) => [{ name: 'worker', label: 'worker', type: 'text', value: worker }],
    body: (values, { worker }) => ({ worker: values['worker'] ?? worker ?? '' }),
  },
};

function numbers(values: Readonly<Record<string, string>>): Record<string, number> {
  const given = Object.entries(values).filter(([, text]) => text.trim() !== '');
  return Object.fromEntries(given.map(([name, text]) => [name, numberOf(text)]));
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`"${text}" is no number`);
  return value;
}

/** The value of the parameter that the text stands for. */
function parameterValue({ definition }: SweepView, name: string, text: string): ParameterValue {
  const parameter = definition.space[name];
  if (parameter?.kind === 'choice' || parameter?.kind === 'ordinal') {
    const value = parameter.values.find((each) => String(each) === text);
    if (value === undefined) throw new Error(`${name} must be one of ${parameter.values.join(', ')}`);
    return value;
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${name} must be a number, not "${text}"`);
  return value;
}
