import { InvalidArgumentError } from 'commander';

/** Readers of flags that hold numbers. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  return inRange(text, 1, 1_024);
}

export function wholeNumber(text: string): number {
  return inRange(text, 0, 1_024);
}

/** 0 takes any that is free. */
export function portNumber(text: string): number {
  return inRange(text, 0, 65_535);
}

function inRange(text: string, low: number, high: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isInteger(value) || value < low || value > high)
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  return value;
}
