import { Balancer } from './balancer.ts';
import { tick } from './ticks.ts';
const port = Number(process.argv[2]);
const cfg: any = { loadBalancerArn: 'b', dnsName: 'x', attributes: { idleTimeoutSeconds: 60, clientKeepAliveSeconds: 3600, desyncMitigationMode: 'defensive', dropInvalidHeaderFields: false, preserveHostHeader: false, xffHeaderProcessing: 'append', xffClientPort: false }, listeners: [{ listenerArn: 'l', port: 80, serverHeader: true, localPort: 0, mayMove: true, rules: [{ priority: 0, conditions: [], action: { kind: 'forward', targetGroups: [{ targetGroupArn: 'tg', weight: 1 }] } }] }], targetGroups: [{ targetGroupArn: 'tg', algorithm: 'round_robin', targets: [{ ip: '10.0.0.1', port: 80, status: 'healthy', address: { host: '127.0.0.1', port } }] }] };
const b = new Balancer('127.0.0.1', cfg);
const o = await b.configure(cfg);
console.log((o.listeners[0] as any).port);
setInterval(() => { tick(); b.sweep(); }, 250);
setTimeout(() => process.exit(0), 9000);
