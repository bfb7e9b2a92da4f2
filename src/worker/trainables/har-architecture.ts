import type { TrainingData } from '../datasets/training-data.js';
import type { Architecture } from '../training/architecture.js';
import { convLstm } from '../training/architectures/conv-lstm.js';
import { gruTwoStage } from '../training/architectures/gru-two-stage.js';
import { lstmDropout } from '../training/architectures/lstm-dropout.js';
import { lstmStacked } from '../training/architectures/lstm-stacked.js';
import type { HarParameters } from '../../sweep/har/parameters.js';

/** The network that a trial's parameters name, for this data. */
export function architectureOf(
  parameters: HarParameters,
  data: Pick<TrainingData, 'channels' | 'classes'>,
): Architecture {
  const { nhidden: units, passes, layers } = parameters;
  const common = { inputs: data.channels, classes: data.classes.length, passes };
  switch (parameters.architecture) {
    case 'gru-two-stage':
      return gruTwoStage({ ...common, units, mergedLabels: parameters.mergedLabels });
    case 'lstm-stacked': {
      const { inputActivation, outputMean, bidirectional, residual } = parameters;
      return lstmStacked({
        ...common,
        units,
        layers,
        inputActivation,
        outputMean,
        bidirectional,
        residual,
      });
    }
    case 'conv-lstm': {
      const { filters, kernelSize, denseUnits } = parameters;
      return convLstm({ ...common, units, layers, filters, kernelSize, denseUnits });
    }
    case 'lstm-dropout':
      return lstmDropout({ ...common, units: layers === 1 ? [units] : [units, parameters.nhidden2] });
  }
}
