/** Rewrites of host and URL, after the rule has been chosen by what the client sent. */
import type { TransformConfiguration } from '../../services/elbv2/ports.ts';
import type { MutableRequestHead } from './request-head.ts';
import { requestLine } from './request-line.ts';

/** Changes the head. False: what came out cannot be sent. */
export type Transform = (head: MutableRequestHead) => boolean;

const HOST = /^[A-Za-z0-9._~%!$&'()*+,;=:[\]-]+$/;
const TARGET = /^\/[\x21-\x7e]*$/;
/** Confirmed by docs: a request line has at most 16 K. */
const MAX_TARGET = 16000;

/** Confirmed by docs: no match leaves the request as it is; a match that fails is answered with 500. */
export function compileTransform({ type, regex, replace }: TransformConfiguration): Transform {
  const fill = (match: RegExpMatchArray): string =>
    replace.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
  if (type === 'host-header-rewrite') {
    const expression = new RegExp(regex, 'i');
    return (head) => rewriteHost(head, expression, fill);
  }
  const expression = new RegExp(regex);
  return (head) => rewriteUrl(head, expression, fill);
}

type Fill = (match: RegExpMatchArray) => string;

/** Chosen: the name is matched without its port, which is another one here than on AWS. */
function rewriteHost(head: MutableRequestHead, expression: RegExp, fill: Fill): boolean {
  const rewritten = rewrite((head.host ?? '').replace(/:\d*$/, ''), expression, fill);
  if (rewritten === undefined) return true;
  if (!HOST.test(rewritten)) return false;
  head.host = rewritten;
  head.hostLines = `Host: ${rewritten}\r\n`;
  return true;
}

/** Chosen: path and query together are matched, as one text. */
function rewriteUrl(head: MutableRequestHead, expression: RegExp, fill: Fill): boolean {
  const rewritten = rewrite(head.target, expression, fill);
  if (rewritten === undefined) return true;
  if (!TARGET.test(rewritten) || rewritten.length > MAX_TARGET) return false;
  const question = rewritten.indexOf('?');
  head.target = rewritten;
  head.line = requestLine(head.method, rewritten);
  head.path = question < 0 ? rewritten : rewritten.slice(0, question);
  head.query = question < 0 ? '' : rewritten.slice(question + 1);
  return true;
}

/** Chosen: the first match is replaced. */
function rewrite(text: string, expression: RegExp, fill: Fill): string | undefined {
  const match = expression.exec(text);
  if (!match) return undefined;
  return text.slice(0, match.index) + fill(match) + text.slice(match.index + match[0].length);
}
