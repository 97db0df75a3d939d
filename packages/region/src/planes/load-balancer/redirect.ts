import type { RuleActionConfiguration } from '../../services/elbv2/ports.ts';
import { errorAnswer, type OwnAnswer } from './answers.ts';
import type { RequestHead } from './request-head.ts';

/** Where the request arrived. */
export interface RedirectOrigin {
  /** The port that the client used: the local one, so that the Location leads back here. On AWS it is the listener's. */
  readonly localPort: number;
  readonly dnsName: string;
}

/** Confirmed by docs: `#{protocol}`, `#{host}`, `#{port}`, `#{path}` (without its slash) and `#{query}` are filled in. */
export function redirectAnswer(
  action: Extract<RuleActionConfiguration, { kind: 'redirect' }>,
  head: RequestHead,
  origin: RedirectOrigin,
): OwnAnswer {
  const values: Readonly<Record<string, string>> = {
    protocol: 'http',
    host: (head.host ?? origin.dnsName).replace(/:\d*$/, ''),
    port: String(origin.localPort),
    path: head.path.replace(/^\//, ''),
    query: head.query,
  };
  const fill = (text: string): string =>
    text.replace(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => values[name] ?? '');
  const query = fill(action.query);
  // Known: the Location always names the port.
  const location = `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}`;
  return { ...errorAnswer(action.statusCode), location: query === '' ? location : `${location}?${query}` };
}
