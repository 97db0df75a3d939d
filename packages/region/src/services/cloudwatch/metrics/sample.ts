import type { MetricDatum, StatisticSet } from '@aws-sdk/client-cloudwatch';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../errors.ts';
import type { Sample } from './chunk.ts';
import { distributionOf } from './distribution.ts';

/** Confirmed by API text: up to 150 values of a datum, each of -2^360 to 2^360, and no NaN or infinity. */
const valuesPerDatum = 150;
const greatest = 2 ** 360;

/** How messages name a datum of the request; the first is 1. */
export function memberPath(member: number): string {
  return `MetricData.member.${member}`;
}

/** Of a datum that brings one value and nothing else, which most do. */
export function onlyValue({ Value, Values, Counts, StatisticValues }: MetricDatum): number | undefined {
  if (Values !== undefined || Counts !== undefined || StatisticValues !== undefined) return undefined;
  return Value !== undefined && isNumber(Value) ? Value : undefined;
}

/** What another datum brings: values with counts, or a statistic set. */
export function datumSample(datum: MetricDatum, member: number): Sample {
  const { Value, Values, StatisticValues } = datum;
  const given =
    Number(Value !== undefined) + Number(Values !== undefined) + Number(StatisticValues !== undefined);
  if (given > 1) throw exclusive(datum, memberPath(member));
  return checkedSample(datum, memberPath(member));
}

function checkedSample({ Value, Values, Counts, StatisticValues }: MetricDatum, path: string): Sample {
  if (Counts !== undefined && Values === undefined) throw missingParameter(`${path}.Values`);
  if (Value !== undefined) throw invalidNumber(Value, `${path}.Value`);
  if (StatisticValues) return statisticSet(StatisticValues, `${path}.StatisticValues`);
  if (Values && Values.length > 0) return valueArray(Values, Counts, path);
  throw invalidParameterCombination(
    `At least one of the parameters ${path}.Value and ${path}.StatisticValues must be specified.`,
  );
}

/** Confirmed by user reports: the text. */
function exclusive(datum: MetricDatum, path: string): Error {
  const given = (['Value', 'Values', 'StatisticValues'] as const).filter((name) => datum[name] !== undefined);
  return invalidParameterCombination(
    `The parameters ${given.map((name) => `${path}.${name}`).join(' and ')} are mutually exclusive and you have specified both.`,
  );
}

function valueArray(values: readonly number[], counts: readonly number[] | undefined, path: string): Sample {
  if (values.length > valuesPerDatum) {
    throw invalidParameterValue(
      `The collection ${path}.Values must not have a size greater than ${valuesPerDatum}.`,
    );
  }
  if (counts !== undefined && counts.length !== values.length) {
    throw invalidParameterValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`);
  }
  let [count, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (!isNumber(value)) throw invalidNumber(value, `${path}.Values.member.${i + 1}`);
    const times = counts?.[i] ?? 1;
    if (!(times > 0 && times < greatest)) throw invalidNumber(times, `${path}.Counts.member.${i + 1}`);
    count += times;
    sum += value * times;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return min === max
    ? { count, sum, min, max }
    : { count, sum, min, max, distribution: distributionOf(values, counts ?? []) };
}

function statisticSet(set: StatisticSet, path: string): Sample {
  const number = (name: keyof StatisticSet): number => {
    const value = set[name];
    if (value === undefined) throw missingParameter(`${path}.${name}`);
    return checkNumber(value, `${path}.${name}`);
  };
  const [count, sum, min, max] = [number('SampleCount'), number('Sum'), number('Minimum'), number('Maximum')];
  if (min > max || count <= 0) {
    const [name, value] = count <= 0 ? ['SampleCount', count] : ['Minimum', min];
    throw invalidParameterValue(`The value ${value} for parameter ${path}.${name} is invalid.`);
  }
  // Confirmed by API text: of a set with one sample the value is its sum.
  return count === 1 ? { count, sum, min: sum, max: sum } : { count, sum, min, max };
}

function checkNumber(value: number, parameter: string): number {
  if (isNumber(value)) return value;
  throw invalidNumber(value, parameter);
}

function isNumber(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= greatest;
}

function invalidNumber(value: number, parameter: string): Error {
  return invalidParameterValue(`The value ${value} for parameter ${parameter} is invalid.`);
}
