import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesPass, bodyPasses, type FilterableAttribute } from './filter-match.ts';
import { parseFilterPolicy } from './filter-policy.ts';

type Attributes = Readonly<Record<string, FilterableAttribute>>;

const text = (StringValue: string): FilterableAttribute => ({ DataType: 'String', StringValue });
const number = (StringValue: string): FilterableAttribute => ({ DataType: 'Number', StringValue });
const list = (...values: readonly unknown[]): FilterableAttribute => ({
  DataType: 'String.Array',
  StringValue: JSON.stringify(values),
});

interface Row {
  readonly policy: object;
  readonly passes: readonly Attributes[];
  readonly stopped: readonly Attributes[];
}

// https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and its neighbours: the pages' own examples.
const rows: Readonly<Record<string, Row>> = {
  'exact strings': {
    policy: { customer_interests: ['rugby', 'tennis'] },
    passes: [
      { customer_interests: text('rugby') },
      { customer_interests: text('tennis') },
      { customer_interests: list('rugby', 'tennis') },
    ],
    stopped: [{ customer_interests: text('baseball') }, { customer_interests: list('baseball') }, {}],
  },
  'anything-but': {
    policy: { customer_interests: [{ 'anything-but': ['rugby', 'tennis'] }] },
    passes: [
      { customer_interests: text('baseball') },
      { customer_interests: text('football') },
      { customer_interests: list('rugby', 'baseball') },
    ],
    stopped: [{ customer_interests: text('rugby') }, { customer_interests: list('rugby') }, {}],
  },
  'anything-but with a prefix': {
    policy: { event: [{ 'anything-but': { prefix: 'order-' } }] },
    passes: [{ event: text('data-entry') }, { event: text('order_number') }],
    stopped: [{ event: text('order-cancelled') }],
  },
  'equals-ignore-case': {
    policy: { customer_interests: [{ 'equals-ignore-case': 'tennis' }] },
    passes: [{ customer_interests: text('TENNIS') }, { customer_interests: text('Tennis') }],
    stopped: [{ customer_interests: text('table tennis') }],
  },
  'IP addresses': {
    policy: { source_ip: [{ cidr: '10.0.0.0/24' }] },
    passes: [{ source_ip: text('10.0.0.0') }, { source_ip: text('10.0.0.255') }],
    stopped: [{ source_ip: text('10.1.1.0') }, { source_ip: text('somewhere') }, { source_ip: text('::1') }],
  },
  'IP addresses of version 6': {
    policy: { source_ip: [{ cidr: '2001:db8:1234:1a00::/64' }] },
    passes: [{ source_ip: text('2001:db8:1234:1a00::7') }],
    stopped: [{ source_ip: text('2001:db8:1234:1a01::7') }],
  },
  prefix: {
    policy: { customer_interests: [{ prefix: 'bas' }] },
    passes: [{ customer_interests: text('baseball') }, { customer_interests: text('basketball') }],
    stopped: [{ customer_interests: text('rugby') }],
  },
  suffix: {
    policy: { customer_interests: [{ suffix: 'ball' }] },
    passes: [{ customer_interests: text('baseball') }, { customer_interests: text('basketball') }],
    stopped: [{ customer_interests: text('rugby') }],
  },
  'exact numbers': {
    policy: { price_usd: [{ numeric: ['=', 301.5] }] },
    passes: [{ price_usd: number('301.5') }, { price_usd: number('3.015e2') }, { price_usd: list(301.5) }],
    stopped: [{ price_usd: number('300') }, { price_usd: text('301.5') }],
  },
  'anything-but numbers': {
    policy: { price: [{ 'anything-but': [100, 500] }] },
    passes: [{ price: number('101') }, { price: number('100.1') }, { price: list(100, 50) }],
    stopped: [{ price: number('100') }, { price: list(100) }],
  },
  'ranges of numbers': {
    policy: { price_usd: [{ numeric: ['>', 0, '<=', 150] }] },
    passes: [{ price_usd: number('50') }, { price_usd: number('150') }],
    stopped: [{ price_usd: number('0') }, { price_usd: number('150.1') }],
  },
  'a number as it stands': {
    policy: { price_usd: [100] },
    passes: [{ price_usd: number('100') }, { price_usd: number('100.0') }],
    stopped: [{ price_usd: text('100') }],
  },
  exists: {
    policy: { store: [{ exists: true }] },
    passes: [{ store: text('fans') }, { store: { DataType: 'Binary' } }],
    stopped: [{ customer_interests: text('baseball') }, {}],
  },
  'exists: false': {
    policy: { store: [{ exists: false }] },
    passes: [{ customer_interests: text('baseball') }],
    // "An empty set of attributes results in the filter not matching."
    stopped: [{ store: text('fans') }, {}],
  },
  'null and anything-but, as AWS answered': {
    policy: { attr1: [null, { 'anything-but': 'whatever' }] },
    passes: [{}, { attr1: text('else') }],
    stopped: [{ attr1: number('111') }, { attr1: text('whatever') }],
  },
  'anything-but, or absent': {
    policy: { store: [{ 'anything-but': ['a'] }, { exists: false }] },
    passes: [{ customer_interests: text('baseball') }, { store: text('b') }],
    stopped: [{ store: text('a') }, {}],
  },
  'AND of keys, OR of values': {
    policy: { customer_interests: ['rugby'], price_usd: [{ numeric: ['>', 100] }, { numeric: ['<', 10] }] },
    passes: [
      { customer_interests: text('rugby'), price_usd: number('101') },
      { customer_interests: text('rugby'), price_usd: number('9'), store: text('else') },
    ],
    stopped: [{ customer_interests: text('rugby'), price_usd: number('50') }, { price_usd: number('101') }],
  },
  'the OR operator': {
    policy: {
      source: ['aws.cloudwatch'],
      $or: [{ metricName: ['CPUUtilization'] }, { namespace: ['AWS/EC2', 'AWS/ES'] }],
    },
    passes: [
      { source: text('aws.cloudwatch'), metricName: text('CPUUtilization') },
      { source: text('aws.cloudwatch'), namespace: text('AWS/ES') },
    ],
    stopped: [{ source: text('aws.cloudwatch') }, { metricName: text('CPUUtilization') }],
  },
  'an OR of one branch is a key like any other': {
    policy: { $or: ['x'] },
    passes: [{ $or: text('x') }],
    stopped: [{}],
  },
  'true, false and null in lists': {
    policy: { flags: [true, null] },
    passes: [{ flags: list(true) }, { flags: list(null, 'x') }],
    stopped: [{ flags: list(false) }, { flags: text('true') }],
  },
};

for (const [name, { policy, passes, stopped }] of Object.entries(rows)) {
  test(`attributes: ${name}`, () => {
    const parsed = parseFilterPolicy(JSON.stringify(policy), 'MessageAttributes');
    for (const message of passes)
      assert.equal(attributesPass(parsed, message), true, JSON.stringify(message));
    for (const message of stopped)
      assert.equal(attributesPass(parsed, message), false, JSON.stringify(message));
  });
}

// https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html, the examples of bodies.
const bodies: readonly (readonly [
  name: string,
  policy: object,
  passes: readonly unknown[],
  stopped: readonly unknown[],
])[] = [
  ['exact', { a: ['x'] }, [{ a: 'x' }, { a: ['y', 'x'] }], [{ a: 'y' }, { b: 'x' }, 'x', ['x'], 7]],
  ['types are told apart', { a: [1, 'true'] }, [{ a: 1 }, { a: 'true' }], [{ a: '1' }, { a: true }]],
  ['nested', { a: { b: ['x'] } }, [{ a: { b: 'x' } }, { 'a.b': 'x' }], [{ a: 'x' }, { b: 'x' }]],
  ['keys with dots', { 'a.b': ['x'] }, [{ a: { b: 'x' } }, { 'a.b': 'x' }], [{ a: { c: 'x' } }]],
  [
    'conditions hold in one element of a list',
    { r: { name: ['put'], key: [{ prefix: 'auto-' }] } },
    [
      {
        r: [
          { name: 'del', key: 'home-1' },
          { name: 'put', key: 'auto-1' },
        ],
      },
      { r: [[{ name: 'put', key: 'auto-1' }]] },
    ],
    [
      {
        r: [
          { name: 'put', key: 'home-1' },
          { name: 'del', key: 'auto-1' },
        ],
      },
    ],
  ],
  ['anything-but in lists', { a: [{ 'anything-but': ['x'] }] }, [{ a: ['x', 'y'] }], [{ a: ['x'] }, {}]],
  ['exists in depth', { a: { b: [{ exists: false }] } }, [{ a: { c: 1 } }, {}], [{ a: { b: 1 } }]],
  [
    'or in depth',
    { a: { $or: [{ b: ['x'] }, { c: [{ numeric: ['<', 5] }] }] } },
    [{ a: { b: 'x' } }, { a: { c: 4 } }],
    [{ a: { b: 'y', c: 5 } }],
  ],
];

for (const [name, policy, passes, stopped] of bodies) {
  test(`bodies: ${name}`, () => {
    const parsed = parseFilterPolicy(JSON.stringify(policy), 'MessageBody');
    for (const body of passes)
      assert.equal(bodyPasses(parsed, JSON.stringify(body)), true, JSON.stringify(body));
    for (const body of stopped)
      assert.equal(bodyPasses(parsed, JSON.stringify(body)), false, JSON.stringify(body));
    assert.equal(bodyPasses(parsed, 'no JSON'), false);
  });
}

test('a body of many nested lists is read in bounded time', () => {
  const many = Array.from({ length: 300 }, (_, b) => ({
    b,
    c: Array.from({ length: 300 }, (_, d) => ({ d })),
  }));
  const policy = parseFilterPolicy('{"a":{"b":[299]}}', 'MessageBody');
  assert.equal(typeof bodyPasses(policy, JSON.stringify({ a: many })), 'boolean');
});

const refused: readonly (readonly [policy: string, message: RegExp])[] = [
  ['{', /failed to parse JSON/],
  ['[]', /must be an object/],
  ['{"a":"x"}', /"a" must be an object or an array/],
  ['{"a":[]}', /Empty arrays are not allowed/],
  [
    '{"a":{"b":["x"]}}',
    /Attributes Reason: Filter policy scope MessageAttributes does not support nested filter policy$/,
  ],
  ['{"a":[["x"]]}', /Match value must be String, number, true, false, or null/],
  ['{"a":[{"wildcard":"x*"}]}', /Unrecognized match type wildcard/],
  ['{"a":[{"prefix":1}]}', /prefix match pattern must be a string/],
  ['{"a":[{"exists":"yes"}]}', /exists match pattern must be either true or false/],
  ['{"a":[{"prefix":"x","suffix":"y"}]}', /Only one key allowed in match expression/],
  ['{"a":[{"anything-but":{"suffix":"x"}}]}', /Unsupported anything-but pattern: suffix/],
  ['{"a":[{"anything-but":["x",1]}]}', /mixed type is not supported/],
  ['{"a":[{"numeric":5}]}', /Value of numeric must be an array/],
  ['{"a":[{"numeric":[">","x"]}]}', /Value of > must be numeric/],
  ['{"a":[{"numeric":["!",1]}]}', /Unrecognized numeric range operator: !/],
  ['{"a":[{"numeric":["<",1,">",2]}]}', /Too many elements in numeric expression/],
  ['{"a":[{"numeric":[]}]}', /Invalid member in numeric match: \]/],
  ['{"a":[{"numeric":[1,"<="]}]}', /Invalid member in numeric match: 1/],
  ['{"a":[{"numeric":["=","000"]}]}', /Value of equals must be numeric/],
  ['{"a":[{"numeric":[">="]}]}', /Value of >= must be numeric/],
  ['{"a":[{"numeric":[">=",1,">",2]}]}', /Bad numeric range operator: >/],
  ['{"a":[{"numeric":[">",20,30]}]}', /Bad value in numeric range: 30/],
  ['{"a":[{"numeric":[">",20,"<="]}]}', /Value of <= must be numeric/],
  ['{"a":[{"numeric":[">",20,"<",30,"<",50]}]}', /Too many terms in numeric range expression/],
  ['{"a":{"suffix":"value"}}', /"suffix" must be an object or an array/],
  ['{"a":[{"numeric":[">",2,"<",1]}]}', /Bottom must be less than top/],
  ['{"a":[{"cidr":"10.0.0.0/33"}]}', /Malformed CIDR/],
  ['{"a":[1000000001]}', /between -1.0E9 and 1.0E9/],
  ['{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}', /can not have more than 5 keys/],
  [JSON.stringify({ a: [...'abcdefghijklm'], b: [...'abcdefghijklm'] }), /Filter policy is too complex/],
];

for (const [policy, message] of refused) {
  test(`refused: ${policy.slice(0, 60)}`, () => {
    assert.throws(() => parseFilterPolicy(policy, 'MessageAttributes', 'Attributes Reason: '), {
      code: 'InvalidParameter',
      message,
    });
  });
}

test('the depth of keys counts for the combinations of a policy on bodies', () => {
  // Confirmed by docs: (4 × 3) × (3 × 2) × (3 × 1) = 216.
  const policy = { a: { b: { c: [1, 2, 3, 4] } }, d: { e: [1, 2, 3] }, f: [1, 2, 3] };
  assert.throws(() => parseFilterPolicy(JSON.stringify(policy), 'MessageBody'), { message: /too complex/ });
});
