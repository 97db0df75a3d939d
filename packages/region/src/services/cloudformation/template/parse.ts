import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { templateFormatError } from '../errors.ts';

/**
 * A template's text as plain data. JSON when it starts like JSON, YAML otherwise; the short forms (`!Ref x`) become
 * their long ones (`{Ref: x}`), so that nothing behind this file knows them.
 */
export function parseTemplate(text: string): unknown {
  return text.trimStart().startsWith('{') ? parseJson(text) : parseYaml(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? text.length);
    const lines = text.slice(0, at).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw templateFormatError(`JSON not well-formed. (line ${lines.length}, column ${column})`);
  }
}

function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: 'error', uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw templateFormatError(`YAML not well-formed. (line ${line}, column ${col})`);
  }
  return toPlain(document.contents, document);
}

function toPlain(node: Node | null, document: Document): unknown {
  if (node === null) return null;
  if (isAlias(node)) return toPlain(node.resolve(document) ?? null, document);
  const value = plainContent(node, document);
  const tag = 'tag' in node ? node.tag : undefined;
  return typeof tag === 'string' && tag.startsWith('!') ? longForm(tag.slice(1), value) : value;
}

function plainContent(node: Node, document: Document): unknown {
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => toPlain(item as Node | null, document));
  if (!isMap(node)) return undefined;
  return Object.fromEntries(
    node.items.map((pair) => [
      String(isScalar(pair.key) ? pair.key.value : pair.key),
      toPlain(pair.value as Node | null, document),
    ]),
  );
}

function longForm(tag: string, value: unknown): unknown {
  if (tag === 'Ref' || tag === 'Condition') return { [tag]: value };
  if (tag !== 'GetAtt' || typeof value !== 'string') return { [`Fn::${tag}`]: value };
  const dot = value.indexOf('.');
  return { 'Fn::GetAtt': dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
}
