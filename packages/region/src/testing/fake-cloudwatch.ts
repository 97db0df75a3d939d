import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { operation, type ServiceModule } from '../kernel/service.ts';

/** Takes what services publish, for tests of publishers. */
export class FakeCloudWatch {
  readonly calls: PutMetricDataInput[] = [];

  readonly module: ServiceModule = {
    name: 'cloudwatch',
    operations: {
      PutMetricData: operation<PutMetricDataInput, object>({
        accepts: ['Namespace', 'MetricData'],
        handler: (_ctx, input) => {
          // Publishers use their data's objects again.
          this.calls.push(structuredClone(input));
          return {};
        },
      }),
    },
  };

  /** All data of one minute, such as `2026-11-22T12:00:00Z`, as `Name{Dimension=value,…} value unit`; values with counts as `value×count`. */
  at(minute: string): string[] {
    return this.calls
      .flatMap(({ MetricData = [] }) => MetricData)
      .filter(({ Timestamp }) => Timestamp?.getTime() === Date.parse(minute))
      .map(textOf);
  }
}

function textOf({ MetricName, Dimensions = [], Value, Values = [], Counts = [], Unit }: MetricDatum): string {
  const dimensions = Dimensions.map((one) => `${one.Name}=${one.Value}`).join(',');
  const values = Values.map((value, i) => `${round(value)}×${Counts[i] ?? 1}`);
  return [`${MetricName}{${dimensions}}`, Value === undefined ? values.join(' ') : round(Value), Unit].join(
    ' ',
  );
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
