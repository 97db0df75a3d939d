/**
 * What a dashboard's body must be. Messages have the form that AWS's own schema check gives in public records.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export interface BodyMessage {
  readonly dataPath: string;
  readonly message: string;
}

export interface BodyCheck {
  /** The dashboard is refused. */
  readonly errors: readonly BodyMessage[];
  /** It is stored, and this is told. */
  readonly warnings: readonly BodyMessage[];
}

type Fields = { readonly [field: string]: unknown };

const widgetTypes = ['metric', 'text', 'log', 'alarm', 'explorer', 'custom'];
const columns = 24;

export function checkBody(body: unknown): BodyCheck {
  if (!isFields(body)) return { errors: [error('', 'Should be object')], warnings: [] };
  const { widgets } = body;
  if (widgets === undefined)
    return { errors: [error('', "Should have required property 'widgets'")], warnings: [] };
  if (!Array.isArray(widgets)) return { errors: [error('/widgets', 'Should be array')], warnings: [] };
  const errors = [
    ...checkLimits(widgets),
    ...widgets.flatMap((widget, i) => checkWidget(widget, `/widgets/${i}`)),
  ];
  return { errors, warnings: widgets.flatMap((widget, i) => warnings(widget, `/widgets/${i}`)) };
}

/** Confirmed by docs: 500 widgets, 500 metrics in one, 2500 in all. */
function checkLimits(widgets: readonly unknown[]): BodyMessage[] {
  const counts = widgets.map((widget) => metricsOf(widget).length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return [
    ...(widgets.length > 500 ? [error('/widgets', 'Should NOT have more than 500 items')] : []),
    ...counts.flatMap((count, i) =>
      count > 500 ? [error(`/widgets/${i}/properties/metrics`, 'Should NOT have more than 500 items')] : [],
    ),
    ...(total > 2500 ? [error('/widgets', 'A dashboard should NOT have more than 2500 metrics')] : []),
  ];
}

function metricsOf(widget: unknown): readonly unknown[] {
  const properties = isFields(widget) ? widget['properties'] : undefined;
  const metrics = isFields(properties) ? properties['metrics'] : undefined;
  return Array.isArray(metrics) ? metrics : [];
}

function checkWidget(widget: unknown, path: string): BodyMessage[] {
  if (!isFields(widget)) return [error(path, 'Should be object')];
  const { type, properties } = widget;
  if (type === undefined) return [error(path, "Should have required property 'type'")];
  if (typeof type !== 'string' || !widgetTypes.includes(type))
    return [error(`${path}/type`, `Should be equal to one of the allowed values: ${widgetTypes.join(', ')}`)];
  const place = checkPlace(widget, path);
  if (!isFields(properties)) return [...place, error(path, "Should have required property 'properties'")];
  return [...place, ...checkProperties(type, properties, `${path}/properties`)];
}

function checkPlace(widget: Fields, path: string): BodyMessage[] {
  const limits = { x: [0, columns - 1], y: [0, 10_000], width: [1, columns], height: [1, 1000] } as const;
  return Object.entries(limits).flatMap(([name, [least, most]]) => {
    const value = widget[name];
    if (value === undefined) return [];
    if (typeof value !== 'number' || !Number.isInteger(value))
      return [error(`${path}/${name}`, 'Should be integer')];
    if (value < least) return [error(`${path}/${name}`, `Should be >= ${least}`)];
    return value > most ? [error(`${path}/${name}`, `Should be <= ${most}`)] : [];
  });
}

function checkProperties(type: string, properties: Fields, path: string): BodyMessage[] {
  switch (type) {
    case 'metric':
      return checkMetricProperties(properties, path);
    case 'text':
      return requires(properties, 'markdown', 'string', path);
    case 'log':
      return requires(properties, 'query', 'string', path);
    case 'alarm':
      return requires(properties, 'alarms', 'array', path);
    default:
      return [];
  }
}

function checkMetricProperties(properties: Fields, path: string): BodyMessage[] {
  const { metrics, annotations } = properties;
  if (metrics === undefined && annotations === undefined)
    return [error(path, "Should have required property 'metrics'")];
  if (metrics !== undefined && !Array.isArray(metrics)) return [error(`${path}/metrics`, 'Should be array')];
  return ((metrics ?? []) as readonly unknown[]).flatMap((row, i) => checkRow(row, `${path}/metrics/${i}`));
}

/** `["Namespace", "Metric", "Dimension", "value", …, {options}]` or `[{"expression": "m1 / m2"}]`. */
function checkRow(row: unknown, path: string): BodyMessage[] {
  if (!Array.isArray(row)) return [error(path, 'Should be array')];
  const options: unknown = row.at(-1);
  const fields: readonly unknown[] = isFields(options) ? row.slice(0, -1) : row;
  if (fields.some((field) => typeof field !== 'string'))
    return [error(path, 'Invalid metric field type, only "String" type is allowed')];
  if (fields.length === 0) {
    const isExpression = isFields(options) && typeof options['expression'] === 'string';
    return isExpression ? [] : [error(path, 'Should NOT have fewer than 1 items')];
  }
  return fields.length % 2 === 0 ? [] : [error(path, 'Should NOT have more than 2 items')];
}

function requires(properties: Fields, name: string, type: 'string' | 'array', path: string): BodyMessage[] {
  const value = properties[name];
  if (value === undefined) return [error(path, `Should have required property '${name}'`)];
  const isOf = type === 'array' ? Array.isArray(value) : typeof value === 'string';
  return isOf ? [] : [error(`${path}/${name}`, `Should be ${type}`)];
}

/** Confirmed by docs: `region` belongs to every metric widget. Chosen: its absence is told, not refused. */
function warnings(widget: unknown, path: string): BodyMessage[] {
  if (!isFields(widget) || widget['type'] !== 'metric' || !isFields(widget['properties'])) return [];
  if (widget['properties']['region'] !== undefined) return [];
  return [error(`${path}/properties`, "Should have required property 'region'")];
}

function error(dataPath: string, message: string): BodyMessage {
  return { dataPath, message };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
