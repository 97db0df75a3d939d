/**
 * The query language of Logs Insights, as far as it is modelled: a pipeline of `fields`, `display`, `filter`, `parse`,
 * `stats`, `sort`, `limit`, `dedup`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
import { type Expression, parseExpression } from './expression.ts';
import { malformed } from './malformed.ts';
import { QueryScanner } from './scanner.ts';
import { type Aggregation, parseAggregation } from './statistics.ts';

export interface Column<T> {
  /** As it is called in the results: its alias, or what the query says. */
  readonly name: string;
  readonly of: T;
}

export type Command =
  | { readonly kind: 'fields'; readonly columns: readonly Column<Expression>[] }
  | { readonly kind: 'display'; readonly columns: readonly Column<Expression>[] }
  | { readonly kind: 'filter'; readonly isMet: Expression }
  | {
      readonly kind: 'parse';
      readonly of: Expression;
      readonly pattern: RegExp;
      readonly names: readonly string[];
    }
  | {
      readonly kind: 'stats';
      readonly columns: readonly Column<Aggregation>[];
      readonly by: readonly Column<Expression>[];
    }
  | {
      readonly kind: 'sort';
      readonly by: readonly { readonly of: Expression; readonly isDescending: boolean }[];
    }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly of: readonly Expression[] };

/** @throws AwsError `MalformedQueryException` with the place of what is wrong or not modelled */
export function parseQuery(query: string): readonly Command[] {
  const scanner = new QueryScanner(query);
  const commands: Command[] = [];
  do {
    const { start, end, text } = scanner.peek();
    const command = parseCommand(scanner);
    // Confirmed by docs: only limit may follow dedup.
    if (command.kind !== 'limit' && commands.some(({ kind }) => kind === 'dedup')) {
      throw malformed(`The command ${text} may not follow dedup; limit may.`, { start, end });
    }
    commands.push(command);
  } while (scanner.skip('|'));
  const rest = scanner.next();
  if (rest.kind !== 'end') throw scanner.unexpected(rest, '|');
  return commands;
}

const parsers: Readonly<Record<string, (scanner: QueryScanner) => Command>> = {
  fields: (scanner) => ({ kind: 'fields', columns: columns(scanner, parseExpression) }),
  display: (scanner) => ({ kind: 'display', columns: columns(scanner, parseExpression) }),
  filter: (scanner) => ({ kind: 'filter', isMet: parseExpression(scanner) }),
  parse: parseParse,
  stats: parseStats,
  sort: parseSort,
  limit: (scanner) => ({ kind: 'limit', count: Number(scanner.take('number').text) }),
  dedup: (scanner) => ({ kind: 'dedup', of: list(scanner, parseExpression) }),
};

function parseCommand(scanner: QueryScanner): Command {
  const token = scanner.next();
  if (token.kind !== 'word') throw scanner.unexpected(token);
  const parser = parsers[token.text.toLowerCase()];
  if (parser !== undefined) return parser(scanner);
  if (!otherCommands.has(token.text.toLowerCase())) throw scanner.unexpected(token);
  throw malformed(
    `The command ${token.text} is not modelled by this local region. Modelled are ${Object.keys(parsers).join(', ')}.`,
    token,
  );
}

/** AWS's commands that are not modelled. */
const otherCommands: ReadonlySet<string> = new Set([
  'anomaly',
  'diff',
  'fieldsindex',
  'filterindex',
  'join',
  'lookup',
  'pattern',
  'source',
  'unmask',
  'unnest',
]);

function parseStats(scanner: QueryScanner): Command {
  const found = columns(scanner, parseAggregation);
  return { kind: 'stats', columns: found, by: scanner.skip('by') ? columns(scanner, parseExpression) : [] };
}

function parseSort(scanner: QueryScanner): Command {
  const by = list(scanner, (from) => {
    const of = parseExpression(from);
    const isDescending = from.skip('desc');
    if (!isDescending) from.skip('asc');
    return { of, isDescending };
  });
  return { kind: 'sort', by };
}

/** `parse @message "user=*" as user`, or a regular expression whose groups have names. */
function parseParse(scanner: QueryScanner): Command {
  const field = scanner.peek().kind === 'word' ? scanner.next().text : '@message';
  const of: Expression = (row) => row.get(field);
  const { start } = scanner.peek();
  const pattern = scanner.regExp();
  if (pattern !== undefined) {
    const names = [...pattern.source.matchAll(/\(\?<(\w+)>/g)].map(([, name = '']) => name);
    if (names.length > 0) return { kind: 'parse', of, pattern, names };
    throw malformed('parse: the regular expression has no named group', { start, end: start + 1 });
  }
  const glob = scanner.take('text');
  scanner.expect('as');
  const names = list(scanner, (from) => from.take('word').text);
  const stars = glob.text.split('*').length - 1;
  if (stars === names.length && stars > 0) return { kind: 'parse', of, pattern: globbed(glob.text), names };
  throw malformed(`parse: the pattern has ${stars} *, and ${names.length} names follow`, glob);
}

/** Each `*` takes as little as it may, one at the end all that is left. */
function globbed(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const source = parts.join('([\\s\\S]*?)');
  return new RegExp(glob.endsWith('*') ? `${source}$` : source);
}

function columns<T>(scanner: QueryScanner, parse: (scanner: QueryScanner) => T): readonly Column<T>[] {
  return list(scanner, (from) => {
    const { start, kind, text } = from.peek();
    const of = parse(from);
    const written = from.textFrom(start);
    // A name in backticks is told without them.
    const name = kind === 'word' && written === `\`${text}\`` ? text : written;
    return { name: from.skip('as') ? from.take('word').text : name, of };
  });
}

function list<T>(scanner: QueryScanner, parse: (scanner: QueryScanner) => T): readonly T[] {
  const found = [parse(scanner)];
  while (scanner.skip(',')) found.push(parse(scanner));
  return found;
}
