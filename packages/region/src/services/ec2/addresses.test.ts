import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../kernel/random.ts';
import { testRegion } from '../../testing/test-region.ts';
import { ec2 } from './service.ts';

async function regionWith(...blocks: string[]) {
  const r = testRegion((tables) => [ec2({ tables })]);
  const { Vpc } = await r.call('ec2', 'createVpc', { CidrBlock: '10.0.0.0/16' });
  const subnets: string[] = [];
  for (const CidrBlock of blocks) {
    const { Subnet } = await r.call('ec2', 'createSubnet', { VpcId: Vpc?.VpcId, CidrBlock });
    subnets.push(Subnet?.SubnetId ?? '');
  }
  const create = async (SubnetId: string | undefined, PrivateIpAddress?: string) => {
    const answer = await r.call('ec2', 'createNetworkInterface', { SubnetId, PrivateIpAddress });
    const { NetworkInterfaceId = '', PrivateIpAddress: ip = '' } = answer.NetworkInterface ?? {};
    return { NetworkInterfaceId, ip };
  };
  return { ...r, subnets, create };
}

const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;

for (const seed of ['one', 'two', 'three', 'four', 'five']) {
  test(`no private IP is used twice, whatever comes and goes (seed ${seed})`, async () => {
    const blocks = ['10.0.0.0/28', '10.0.0.16/28', '10.0.1.0/27'];
    const r = await regionWith(...blocks);
    const random = seededRandom(seed);
    const live: string[] = [];
    for (let i = 0; i < 300; i += 1) {
      if (live.length > 0 && random.below(5) < 2) {
        const [NetworkInterfaceId] = live.splice(random.below(live.length), 1);
        await r.call('ec2', 'deleteNetworkInterface', { NetworkInterfaceId });
      } else {
        const asked = random.below(4) === 0 ? `10.0.0.${random.below(32)}` : undefined;
        const made = await r.create(r.subnets[random.below(3)], asked).catch((error: unknown) => {
          assert.match(String(error), /in use|reserved|range|enough free addresses/);
        });
        if (made) live.push(made.NetworkInterfaceId);
      }
      await assertSound(r);
    }
  });
}

/** Every address is of its subnet, reserved by nobody, and had once; the counts agree. */
async function assertSound(r: Awaited<ReturnType<typeof regionWith>>): Promise<void> {
  const { NetworkInterfaces = [] } = await r.call('ec2', 'describeNetworkInterfaces', {});
  const addresses = NetworkInterfaces.map((eni) => eni.PrivateIpAddress);
  assert.equal(new Set(addresses).size, addresses.length);
  const { Subnets = [] } = await r.call('ec2', 'describeSubnets', { SubnetIds: r.subnets });
  for (const { SubnetId, CidrBlock = '', AvailableIpAddressCount = 0 } of Subnets) {
    const [base = '', prefix] = CidrBlock.split('/');
    const size = 2 ** (32 - Number(prefix));
    const offsets = NetworkInterfaces.filter((eni) => eni.SubnetId === SubnetId).map(
      (eni) => last(eni.PrivateIpAddress ?? '') - last(base),
    );
    assert.ok(offsets.every((offset) => offset >= 4 && offset < size - 1));
    assert.equal(AvailableIpAddressCount, size - 5 - offsets.length);
  }
}

function last(address: string): number {
  return Number(address.split('.')[3]);
}

test("AWS's first four addresses and the last are never given out; a full subnet refuses", async () => {
  const r = await regionWith('10.0.0.0/28');
  const [subnet] = r.subnets;
  const given: string[] = [];
  for (let i = 0; i < 11; i += 1) given.push((await r.create(subnet)).ip);
  assert.deepEqual(
    given,
    Array.from({ length: 11 }, (_, i) => `10.0.0.${i + 4}`),
  );
  await assert.rejects(r.create(subnet), code('InsufficientFreeAddressesInSubnet'));
});

test('a released address rests until the others had their turn', async () => {
  const r = await regionWith('10.0.0.0/28');
  const [subnet] = r.subnets;
  const { NetworkInterfaceId, ip } = await r.create(subnet);
  await r.call('ec2', 'deleteNetworkInterface', { NetworkInterfaceId });
  const given: string[] = [];
  for (let i = 0; i < 11; i += 1) given.push((await r.create(subnet)).ip);
  assert.equal(given.indexOf(ip), 10);
});

for (const [name, address, error] of [
  ['taken', '10.0.0.4', 'InvalidIPAddress.InUse'],
  ['reserved', '10.0.0.3', 'InvalidParameterValue'],
  ['of another range', '10.0.1.4', 'InvalidParameterValue'],
] as const) {
  test(`CreateNetworkInterface refuses an address that is ${name}`, async () => {
    const r = await regionWith('10.0.0.0/28');
    await r.create(r.subnets[0]);
    await assert.rejects(r.create(r.subnets[0], address), code(error));
  });
}

test('a request with the same client token makes one network interface', async () => {
  const r = await regionWith('10.0.0.0/28', '10.0.0.16/28');
  const request = { SubnetId: r.subnets[0], ClientToken: 'once' };
  const first = await r.call('ec2', 'createNetworkInterface', request);
  const second = await r.call('ec2', 'createNetworkInterface', request);
  assert.deepEqual(second, first);
  await assert.rejects(
    r.call('ec2', 'createNetworkInterface', { ...request, SubnetId: r.subnets[1] }),
    code('IdempotentParameterMismatch'),
  );
});
