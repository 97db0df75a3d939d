import type { RuleActionConfiguration } from '../../services/elbv2/ports.ts';
import { errorAnswer, type OwnAnswer } from './answers.ts';
import type { RequestHead } from './request-head.ts';

/** Where the request arrived. */
export interface RedirectOrigin {
  /** The port that the client used: the local one, so that the Location leads back here. On AWS it is the listener's. */
  readonly localPort: number;
  /** Where the listener of another port of the load balancer is. */
  localPortOf(listenerPort: number): number | undefined;
  readonly dnsName: string;
}

/** Confirmed by docs: `#{protocol}`, `#{host}`, `#{port}`, `#{path}` (without its slash) and `#{query}` are filled in. */
export function redirectAnswer(
  action: Extract<RuleActionConfiguration, { kind: 'redirect' }>,
  head: RequestHead,
  origin: RedirectOrigin,
  isSecure: boolean,
): OwnAnswer {
  const values: Readonly<Record<string, string>> = {
    protocol: isSecure ? 'https' : 'http',
    host: (head.host ?? origin.dnsName).replace(/:\d*$/, ''),
    port: String(origin.localPort),
    path: head.path.replace(/^\//, ''),
    query: head.query,
  };
  const fill = (text: string): string =>
    text.replace(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => values[name] ?? '');
  const query = fill(action.query);
  // Known: the Location always names the port.
  // A port of this load balancer's leads back here as well.
  const local = action.host === '#{host}' ? origin.localPortOf(Number(action.port)) : undefined;
  const port = local ?? fill(action.port);
  const location = `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${port}${fill(action.path)}`;
  return { ...errorAnswer(action.statusCode), location: query === '' ? location : `${location}?${query}` };
}
