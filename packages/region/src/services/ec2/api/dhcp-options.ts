import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { ec2Operation, type Filters, matcher, pageOf } from '../operation.ts';
import type { Ec2State } from '../state.ts';

/** The one set that AWS gives every account; others are not modelled. */
export function dhcpOptionsOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    DescribeDhcpOptions: ec2Operation<Ec2.DescribeDhcpOptionsRequest, Ec2.DescribeDhcpOptionsResult>(
      ['DhcpOptionsIds', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => {
        const options = defaultOptions(ctx, state);
        const missing = input.DhcpOptionsIds?.find((id) => id !== options.DhcpOptionsId);
        if (missing !== undefined) {
          throw new AwsError('InvalidDhcpOptionID.NotFound', `The dhcpOption ID '${missing}' does not exist`);
        }
        const isWanted = matcher(state, input.Filters, filters);
        const { items, next } = pageOf(isWanted('', options) ? [options] : [], input);
        return { DhcpOptions: items, ...next };
      },
    ),
  };
}

function defaultOptions(ctx: Context, state: Ec2State): Ec2.DhcpOptions {
  const domain = ctx.region === 'us-east-1' ? 'ec2.internal' : `${ctx.region}.compute.internal`;
  return {
    DhcpOptionsId: state.account.get('defaults')?.dhcpOptionsId,
    DhcpConfigurations: [
      { Key: 'domain-name', Values: [{ Value: domain }] },
      { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
    ],
    OwnerId: ctx.accountId,
    Tags: [],
  };
}

const filters: Filters<Ec2.DhcpOptions> = {
  'dhcp-options-id': (options) => options.DhcpOptionsId,
  key: (options) => options.DhcpConfigurations?.map((configuration) => configuration.Key),
  'owner-id': (options) => options.OwnerId,
  value: (options) => options.DhcpConfigurations?.flatMap((c) => (c.Values ?? []).map((v) => v.Value)),
};
