/** What this service needs from a load balancer that really carries traffic. `planes/load-balancer` implements it. */
export interface LoadBalancing {
  /** Makes the balancer carry exactly this configuration. Idempotent; the newest configuration of a balancer wins. */
  configure(configuration: LoadBalancerConfiguration): Promise<ConfigureOutcome>;
  /** Closes the balancer's listeners: requests in flight end, nothing new is accepted. */
  remove(loadBalancerArn: string): Promise<void>;
  /**
   * Health checks, each a GET, or a call of gRPC, on a new connection, closed afterwards. Calls `ended` of those that end together; resolves when
   * all have ended.
   */
  probeAll(requests: readonly ProbeRequest[], ended: (ends: readonly ProbeEnd[]) => void): Promise<void>;
  /** Calls `changed` when listeners come to be bound elsewhere without having been told to. Called once. */
  watch(changed: (outcome: ConfigureOutcome) => void): void;
  /** Calls `counted` once a second with what was counted, when anything was. Called once. */
  watchCounters(counted: (reports: readonly CounterReport[]) => void): void;
  /** Calls `logged` once a second with the requests that ended, of balancers that log them. Called once. */
  watchRequests(logged: (batches: readonly LoggedRequests[]) => void): void;
}

/** Where the files of access logs go before they become objects. */
export interface AccessLogFiles {
  /** Returns what the S3 service takes as the body of an object. */
  store(text: string, form: 'plain' | 'gzip'): Promise<object>;
}

export interface LoadBalancerConfiguration {
  readonly loadBalancerArn: string;
  readonly dnsName: string;
  /** What stickiness cookies are encrypted with: 32 hexadecimal digits. */
  readonly cookieKey: string;
  readonly attributes: RoutingAttributes;
  /** Its requests are reported one by one. Absent: they are not. */
  readonly logsRequests?: true;
  readonly listeners: readonly ListenerConfiguration[];
  readonly targetGroups: readonly TargetGroupConfiguration[];
}

/** The attributes of a load balancer that its data path obeys. */
export interface RoutingAttributes {
  readonly idleTimeoutSeconds: number;
  readonly clientKeepAliveSeconds: number;
  readonly desyncMitigationMode: 'monitor' | 'defensive' | 'strictest';
  readonly dropInvalidHeaderFields: boolean;
  readonly preserveHostHeader: boolean;
  readonly xffHeaderProcessing: 'append' | 'preserve' | 'remove';
  readonly xffClientPort: boolean;
  /** `routing.http2.enabled`: HTTP/2 on HTTPS listeners. */
  readonly http2: boolean;
  /** Whether targets are told the version and the cipher of TLS. */
  readonly tlsHeaders: boolean;
}

export interface ListenerConfiguration {
  readonly listenerArn: string;
  /** The port of the listener on AWS; the plane decides the local one. */
  readonly port: number;
  /** The local port it had before, kept when it is free. */
  readonly preferredLocalPort?: number;
  /** Absent: HTTP. */
  readonly tls?: TlsConfiguration;
  /** `routing.http.response.server.enabled`. */
  readonly serverHeader: boolean;
  /** In the order of evaluation; the last one is the default and has no conditions. */
  readonly rules: readonly RuleConfiguration[];
}

export interface TlsConfiguration {
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** In the order of preference, by their names in OpenSSL. */
  readonly ciphers: readonly string[];
  /** For clients that name none of the certificates. */
  readonly defaultCertificate: TlsCertificate;
  /** The others, chosen by the name that the client asks for. */
  readonly certificates: readonly TlsCertificate[];
}

export interface TlsCertificate {
  readonly certificateArn: string;
  /** PEM: the certificate, then its chain. */
  readonly certificate: string;
  /** PEM. A secret. */
  readonly privateKey: string;
  /** The names it is for, some with `*` in the place of the first label. */
  readonly names: readonly string[];
  readonly keyAlgorithm: string;
  readonly signatureAlgorithm: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface RuleConfiguration {
  /** 0 for the default rule. */
  readonly priority: number;
  readonly conditions: readonly RuleConditionConfiguration[];
  readonly action: RuleActionConfiguration;
  /** Applied to what is forwarded. Absent: none. */
  readonly transforms?: readonly TransformConfiguration[];
}

export interface TransformConfiguration {
  readonly type: 'host-header-rewrite' | 'url-rewrite';
  readonly regex: string;
  /** With `$1` for the first group. */
  readonly replace: string;
}

export type RuleConditionConfiguration =
  | {
      readonly field: 'host-header' | 'path-pattern';
      readonly values: readonly string[];
      readonly regex: boolean;
    }
  | {
      readonly field: 'http-header';
      readonly name: string;
      readonly values: readonly string[];
      readonly regex: boolean;
    }
  | { readonly field: 'http-request-method' | 'source-ip'; readonly values: readonly string[] }
  | {
      readonly field: 'query-string';
      readonly values: readonly { readonly key?: string; readonly value: string }[];
    };

export type RuleActionConfiguration =
  | {
      readonly kind: 'forward';
      readonly targetGroups: readonly { readonly targetGroupArn: string; readonly weight: number }[];
      /** How long a client stays with its target group. Absent: no stickiness of groups. */
      readonly stickinessSeconds?: number;
    }
  | {
      readonly kind: 'redirect';
      readonly statusCode: 301 | 302;
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
    }
  | {
      readonly kind: 'fixed-response';
      readonly statusCode: number;
      readonly contentType: string;
      readonly messageBody: string;
    };

export interface TargetGroupConfiguration {
  readonly targetGroupArn: string;
  /** What the targets speak. Absent: HTTP/1.1. */
  readonly protocolVersion?: 'HTTP2' | 'GRPC';
  readonly algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random';
  /** Absent: off. */
  readonly stickiness?: StickinessConfiguration;
  /** With fewer healthy targets, all targets that are not `initial` get requests. Absent: 1, and no percentage. */
  readonly minimumHealthyTargets?: { readonly count: number; readonly percentage?: number };
  readonly targets: readonly TargetConfiguration[];
}

export type StickinessConfiguration =
  | { readonly type: 'lb_cookie'; readonly durationSeconds: number }
  /** The name is that of the cookie which the targets set. */
  | { readonly type: 'app_cookie'; readonly durationSeconds: number; readonly cookieName: string };

export interface TargetConfiguration {
  /** As registered: an address of the VPC, resolved by the plane. */
  readonly ip: string;
  readonly port: number;
  readonly status: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unavailable';
  /** Its part of a whole share while it starts slowly. Absent: 1. */
  readonly share?: number;
}

export interface ConfigureOutcome {
  readonly loadBalancerArn: string;
  readonly listeners: readonly ListenerOutcome[];
}

export type ListenerOutcome =
  | { readonly kind: 'listening'; readonly listenerArn: string; readonly host: string; readonly port: number }
  | {
      readonly kind: 'failed';
      readonly listenerArn: string;
      /** The system's code, such as `EADDRINUSE`. */
      readonly code: string;
      /** For a person: what was tried, and what to do. */
      readonly reason: string;
    };

/** One of several health checks has ended. */
export interface ProbeEnd {
  /** Its place among the requests. */
  readonly index: number;
  readonly outcome: ProbeOutcome;
}

export interface ProbeRequest {
  readonly ip: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutSeconds: number;
  /** Absent: HTTP/1.1. */
  readonly protocolVersion?: 'HTTP2' | 'GRPC';
}

export type ProbeOutcome =
  /** With the code of gRPC where that was asked. */
  | { readonly kind: 'answered'; readonly statusCode: number }
  | { readonly kind: 'timedOut' }
  /** No connection, or an answer that is not HTTP. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What one load balancer counted in a second, under the names of its CloudWatch metrics. */
export interface CounterReport {
  readonly loadBalancerArn: string;
  /** Sums of the last second, only those that are not zero. */
  readonly counters: Readonly<Record<string, number>>;
  /** A target group may be there several times, each time with a part of what it counted. */
  readonly targetGroups: readonly TargetGroupCounters[];
}

export interface TargetGroupCounters {
  readonly targetGroupArn: string;
  readonly counters: Readonly<Record<string, number>>;
  /** In seconds. Absent when no target answered. */
  readonly targetResponseTime?: Distribution;
  /**
   * Targets closed connections that were kept for further requests, just as such a request was sent: how long the
   * longest had been idle.
   */
  readonly closedAfterIdleMs?: number;
}

/** Values in buckets of one percent: enough for percentiles, small however many requests there were. */
export interface Distribution {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** Requests of one load balancer that ended since the last batch. Times are the machine's, in milliseconds. */
export interface LoggedRequests {
  readonly loadBalancerArn: string;
  readonly sentAt: number;
  readonly requests: readonly LoggedRequest[];
}

/** One line of an access log: `type`, the time it ended, `middle`, the time it was created, `tail`. */
export interface LoggedRequest {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly type: string;
  readonly middle: string;
  readonly tail: string;
}
