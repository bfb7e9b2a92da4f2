import { Interaction, type InteractionItem, type InteractionModeFunction } from 'chart.js';
import { getRelativePosition } from 'chart.js/helpers';

declare module 'chart.js' {
  interface InteractionModeMap {
    nearestTrial: InteractionModeFunction;
  }
}

/** How far from a point, in pixels, the pointer may be. A finger is no needle. */
const reach = 28;

/** The point nearest to the pointer that is a trial: lines through means and fronts are none. */
const nearestTrial: InteractionModeFunction = (chart, event) => {
  const pointer = getRelativePosition(event, chart);
  let nearest: InteractionItem | undefined;
  let least = reach ** 2;
  for (const [datasetIndex, { data }] of chart.data.datasets.entries()) {
    if (data[0] === undefined || (data[0] as { trial?: number }).trial === undefined) continue;
    for (const [index, element] of chart.getDatasetMeta(datasetIndex).data.entries()) {
      const distance = (element.x - pointer.x) ** 2 + (element.y - pointer.y) ** 2;
      if (distance < least) {
        least = distance;
        nearest = { element, datasetIndex, index };
      }
    }
  }
  return nearest ? [nearest] : [];
};

export function registerNearestTrial(): void {
  Interaction.modes.nearestTrial = nearestTrial;
}
