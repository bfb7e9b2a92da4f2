import type { BudgetDefinition } from '../../sweep/sweep-definition.js';
import type { Usage } from '../../store/sweep-store.js';

/** Which budget is used up, as the reason that the sweep ends with. Pure. The goal (`until`) is not judged here. */
export function spentBudget(budget: BudgetDefinition, used: Usage): string | undefined {
  if (budget.time !== undefined && used.seconds >= budget.time)
    return `budget.time of ${budget.time} s is used up`;
  const hours = used.slotSeconds / 3600;
  if (budget.gpuHours !== undefined && hours >= budget.gpuHours)
    return `budget.gpuHours of ${budget.gpuHours} is used up`;
  const spent = costOf(budget, used);
  if (budget.cost !== undefined && spent !== undefined && spent >= budget.cost)
    return `budget.cost of ${budget.cost} is used up`;
  return undefined;
}

/** The part of a budget that is used up, of the one that ends first; 0 where there is none. Pure. */
export function budgetUsed(budget: BudgetDefinition, used: Usage): number {
  const part = (spent: number | undefined, limit: number | undefined): number =>
    spent === undefined || limit === undefined ? 0 : spent / limit;
  return Math.max(
    part(used.seconds, budget.time),
    part(used.slotSeconds / 3600, budget.gpuHours),
    part(costOf(budget, used), budget.cost),
  );
}

/** What the sweep has cost so far, where a price is known. */
export function costOf(budget: BudgetDefinition, used: Usage): number | undefined {
  if (budget.pricePerGpuHour === undefined) return undefined;
  return (used.slotSeconds / 3600) * budget.pricePerGpuHour;
}
