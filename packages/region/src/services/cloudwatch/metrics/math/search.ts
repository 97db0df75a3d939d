/**
 * `SEARCH('{AWS/ECS,ClusterName,ServiceName} MetricName="CPUUtilization" web', 'Average', 60)`: which metrics it finds.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
import type { MetricIdentity } from '../identity.ts';
import { MathSyntaxError } from './syntax.ts';

type Matches = (metric: MetricIdentity) => boolean;

/** Confirmed by docs: a search is up to 1024 characters long. */
const longest = 1024;

/** Throws `MathSyntaxError` when it is no search. */
export function parseSearch(text: string): Matches {
  if (text.length > longest) throw new MathSyntaxError(`A search is limited to ${longest} characters`);
  const [, schema, rest = ''] = /^\s*(?:\{([^}]*)\}\s*,?)?([\s\S]*)$/.exec(text) ?? [];
  if (schema === undefined && rest.trim() === '')
    throw new MathSyntaxError('A search needs a schema or a term');
  const inSchema = schema === undefined ? () => true : schemaMatch(schema);
  const terms = rest.trim() === '' ? () => true : new TermParser(rest).whole();
  return (metric) => inSchema(metric) && terms(metric);
}

/** The namespace, and exactly these dimensions' names; with the namespace alone, whatever dimensions. */
function schemaMatch(schema: string): Matches {
  const [namespace, ...names] = schema.split(',').map((part) => unquoted(part.trim()));
  const wanted = names.sort().join('\u0000');
  return (metric) =>
    metric.namespace === namespace &&
    (names.length === 0 ||
      metric.dimensions
        .map(([name]) => name)
        .sort()
        .join('\u0000') === wanted);
}

const termPattern =
  /\s*(?:(\))|(?:((?:[^\s()"=]+|"(?:[^"\\]|\\.)*")\s*=)\s*)?(\(|"(?:[^"\\]|\\.)*"|[^\s()"]+))/y;

interface Term {
  readonly kind: '(' | ')' | 'AND' | 'OR' | 'NOT' | 'term';
  readonly property: string | undefined;
  readonly text: string;
}

class TermParser {
  readonly #terms: readonly Term[];
  #next = 0;

  constructor(text: string) {
    this.#terms = termsOf(text);
  }

  whole(): Matches {
    const matches = this.#alternatives();
    if (this.#next < this.#terms.length) throw new MathSyntaxError('Unbalanced parentheses in a search');
    return matches;
  }

  /** @param property what is looked in where a term does not say: of `MetricName=(RequestCount OR Latency)` the name */
  #alternatives(property?: string): Matches {
    const all = [this.#together(property)];
    while (this.#take('OR')) all.push(this.#together(property));
    return (metric) => all.some((matches) => matches(metric));
  }

  /** Confirmed by docs: without an operator between them, terms are joined by AND. */
  #together(property: string | undefined): Matches {
    const all = [this.#one(property)];
    for (let next = this.#terms[this.#next]; next && next.kind !== 'OR' && next.kind !== ')'; ) {
      this.#take('AND');
      all.push(this.#one(property));
      next = this.#terms[this.#next];
    }
    return (metric) => all.every((matches) => matches(metric));
  }

  #one(property: string | undefined): Matches {
    if (this.#take('NOT')) {
      const matches = this.#one(property);
      return (metric) => !matches(metric);
    }
    const inside = this.#terms[this.#next]?.property ?? property;
    if (this.#take('(')) {
      const matches = this.#alternatives(inside);
      if (!this.#take(')')) throw new MathSyntaxError('Unbalanced parentheses in a search');
      return matches;
    }
    const term = this.#terms[this.#next++];
    if (term?.kind !== 'term') throw new MathSyntaxError('A search ends with an operator');
    return termMatch({ ...term, property: inside });
  }

  #take(kind: Term['kind']): boolean {
    if (this.#terms[this.#next]?.kind !== kind) return false;
    this.#next += 1;
    return true;
  }
}

function termsOf(text: string): readonly Term[] {
  const terms: Term[] = [];
  termPattern.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = termPattern.lastIndex) {
    const match = termPattern.exec(text);
    if (!match)
      throw new MathSyntaxError(`Unexpected character '${text.slice(at).trim().charAt(0)}' in a search`);
    const [, close, property, word = ''] = match;
    const isOperator = property === undefined && (word === 'AND' || word === 'OR' || word === 'NOT');
    const kind = word === '(' ? '(' : close ? ')' : isOperator ? (word as 'AND' | 'OR' | 'NOT') : 'term';
    terms.push({ kind, property: property && unquoted(property.slice(0, -1).trimEnd()), text: word });
  }
  return terms;
}

function termMatch({ property, text }: Term): Matches {
  const found = text.startsWith('"') ? exactMatch(unquoted(text)) : partialMatch(text);
  return (metric) => namesOf(metric, property).some(found);
}

/** What a term is looked for in: everything, or the property that it names. */
function namesOf({ namespace, name, dimensions }: MetricIdentity, property: string | undefined): string[] {
  if (property === undefined) return [namespace, name, ...dimensions.flat()];
  if (property === 'Namespace') return [namespace];
  if (property === 'MetricName') return [name];
  return dimensions.filter(([dimension]) => dimension === property).map(([, value]) => value);
}

function exactMatch(wanted: string): (name: string) => boolean {
  return (name) => name === wanted;
}

/**
 * Confirmed by docs: one token is found in any case; several as they follow each other in the name, in the name's own case
 * (`Count1` finds `CustomCount1`, `count1` does not) unless a delimiter stands between them (`network-errors` finds
 * `NetworkErrors2`).
 */
function partialMatch(wanted: string): (name: string) => boolean {
  const parts = partsOf(wanted);
  const isDelimited = /[^A-Za-z0-9]/.test(wanted);
  if (parts.length === 1) {
    const token = (parts[0] ?? '').toLowerCase();
    return (name) => {
      const tokens = partsOf(name).map((part) => part.toLowerCase());
      return tokens.includes(token) || tokens.join('') === token;
    };
  }
  const form = (part: string): string => (isDelimited ? part.toLowerCase() : part);
  const sought = parts.map(form);
  return (name) => {
    const tokens = partsOf(name).map(form);
    return tokens.some((_, i) => sought.every((part, j) => tokens[i + j] === part));
  };
}

/** `SDBFailure` has SDB and Failure, `Project2-trial333` has Project, 2, trial and 333. */
function partsOf(name: string): readonly string[] {
  return name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}
