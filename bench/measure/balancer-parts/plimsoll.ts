/** The built balancer of the region in front of one target. Arguments: the target's port, its workers. Prints its own port. */
import { AddressBook } from '../../../packages/region/dist/planes/address-book.js';
import { LoadBalancerPlane } from '../../../packages/region/dist/planes/load-balancer/load-balancer-plane.js';

const addresses = new AddressBook();
addresses.register('10.0.0.1', 80, { host: '127.0.0.1', port: Number(process.argv[2]) });
const plane = new LoadBalancerPlane({ addresses, httpPort: 0, workers: Number(process.argv[3] ?? 1) });
const { listeners } = await plane.configure({
  loadBalancerArn: 'bench',
  dnsName: 'bench.elb.amazonaws.com',
  cookieKey: '00112233445566778899aabbccddeeff',
  attributes: {
    idleTimeoutSeconds: 60,
    clientKeepAliveSeconds: 3600,
    desyncMitigationMode: 'defensive',
    dropInvalidHeaderFields: false,
    preserveHostHeader: false,
    xffHeaderProcessing: 'append',
    xffClientPort: false,
    http2: true,
    tlsHeaders: false,
  },
  listeners: [
    {
      listenerArn: 'bench/80',
      port: 80,
      serverHeader: true,
      rules: [
        {
          priority: 0,
          conditions: [],
          action: { kind: 'forward', targetGroups: [{ targetGroupArn: 'tg', weight: 1 }] },
        },
      ],
    },
  ],
  targetGroups: [
    {
      targetGroupArn: 'tg',
      algorithm: 'round_robin',
      targets: [{ ip: '10.0.0.1', port: 80, status: 'healthy' }],
    },
  ],
});
const [listener] = listeners;
console.log(listener?.kind === 'listening' ? listener.port : 0);
