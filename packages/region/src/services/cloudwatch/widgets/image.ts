import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { Later, operation, type ServiceModule } from '../../../kernel/service.ts';
import type { AlarmsState } from '../alarms/state.ts';
import { missingParameter, validationError } from '../errors.ts';
import { checkQueries } from '../metrics/check-queries.ts';
import { evaluate } from '../metrics/queries.ts';
import { MetricReader } from '../metrics/reader.ts';
import type { MetricStore } from '../metrics/store.ts';
import { chart } from './chart.ts';
import { widgetDefinition } from './definition.ts';
import { fieldsOf, textOf } from './fields.ts';
import { pngOf } from './png.ts';
import { pictureOf } from './raster.ts';

/** Confirmed by docs: an image begins three hours ago unless its definition says otherwise. */
const defaultRangeMs = 3 * 3_600_000;

export function widgetOperations(alarms: AlarmsState, store: MetricStore): ServiceModule['operations'] {
  return {
    GetMetricWidgetImage: operation<
      CloudWatch.GetMetricWidgetImageInput,
      CloudWatch.GetMetricWidgetImageOutput
    >({
      accepts: ['MetricWidget', 'OutputFormat'],
      handler: (ctx, input) => getMetricWidgetImage(ctx, alarms, store, input),
    }),
  };
}

function getMetricWidgetImage(
  ctx: Context,
  alarms: AlarmsState,
  store: MetricStore,
  { MetricWidget, OutputFormat }: CloudWatch.GetMetricWidgetImageInput,
): Later<CloudWatch.GetMetricWidgetImageOutput> {
  if (MetricWidget === undefined) throw missingParameter('MetricWidget');
  if (OutputFormat !== undefined && OutputFormat !== 'png')
    throw notModelled(`cloudwatch GetMetricWidgetImage: OutputFormat ${OutputFormat}`, 'cloudwatch');
  const json = parseWidget(MetricWidget);
  checkRegion(ctx, json);
  const definition = widgetDefinition(json, { now: ctx.now, defaultRangeMs, alarms });
  if (definition.view !== 'timeSeries')
    throw notModelled(`cloudwatch GetMetricWidgetImage: view ${definition.view}`, 'cloudwatch');
  if (definition.queries.length === 0) throw validationError('The metric widget has no metrics.');
  checkQueries(definition.queries, 'metrics');
  const reader = new MetricReader(store, ctx.now);
  const place = { region: ctx.region, accountId: ctx.accountId };
  const read = () => evaluate(reader, definition.queries, definition.range, place);
  const now = read();
  // Drawing takes milliseconds, so it is done after the step.
  return new Later(async () => {
    const series = reader.isComplete ? now : await reader.whole(read);
    return { MetricWidgetImage: pngOf(pictureOf(chart(definition, series))) };
  });
}

function parseWidget(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw validationError('The MetricWidget parameter is not valid JSON.');
  }
}

function checkRegion(ctx: Context, json: unknown): void {
  const region = textOf(fieldsOf(json)['region']);
  if (region !== undefined && region !== ctx.region)
    throw notModelled(`cloudwatch GetMetricWidgetImage: metrics of region ${region}`, 'cloudwatch');
}
