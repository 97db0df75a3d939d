/** A region with CloudFormation and a small world of things to create, for this service's tests. */
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import {
  integer,
  listOf,
  type Properties,
  type ResourceType,
  replaces,
  required,
  stable,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import type { Table } from '../../../kernel/table.ts';
import { type TestRegion, type TestRegionOptions, testRegion } from '../../../testing/test-region.ts';
import { cdkMetadata, waitConditionHandle } from '../own-types.ts';
import { cloudformation } from '../service.ts';

type ThingTags = readonly { readonly Key: string; readonly Value: string }[];

export interface Thing {
  readonly id: string;
  readonly properties: Properties;
  readonly tags: ThingTags;
  readonly isReady: boolean;
  readonly isLeaving: boolean;
  /** ARN of who created or last changed it. */
  readonly by: string;
}

interface ThingRequest {
  readonly id: string;
  readonly properties: Properties;
  readonly tags: ThingTags;
}

/** Keeps things; each change takes `Seconds`. It goes by the name of a service that these tests do not need. */
function thingService(things: Table<Thing>): ServiceModule {
  const take = (ctx: Context, thing: Thing) => {
    const seconds = Number(thing.properties['Seconds'] ?? 0);
    things.put(thing.id, { ...thing, isReady: seconds === 0 });
    if (seconds > 0) ctx.timers.set(thing.id, 'ready', after(ctx.now, seconds));
    else if (thing.isLeaving) things.delete(thing.id);
  };
  const usersOf = (id: string) =>
    things.filter((other) => (other.properties['Uses'] as string[] | undefined)?.includes(id) === true);
  return {
    name: 'rds',
    operations: {
      CreateThing: operation<ThingRequest, object>({
        accepts: ['id', 'properties', 'tags'],
        handler: (ctx, input) => {
          take(ctx, { ...input, isReady: false, isLeaving: false, by: ctx.caller.arn });
          if (fails(input.properties, 'create')) throw new AwsError('InvalidParameterValue', 'no room');
          return {};
        },
      }),
      UpdateThing: operation<ThingRequest, object>({
        accepts: ['id', 'properties', 'tags'],
        handler: (ctx, input) => {
          const thing = things.get(input.id);
          if (!thing || thing.isLeaving) throw new AwsError('ThingNotFound', `no thing ${input.id}`);
          take(ctx, { ...thing, ...input, by: ctx.caller.arn });
          if (fails(input.properties, 'update'))
            throw new AwsError('InvalidParameterValue', 'will not change');
          if (fails(thing.properties, 'restore')) throw new AwsError('InvalidState', 'will not go back');
          return {};
        },
      }),
      DeleteThing: operation<{ id: string }, object>({
        accepts: ['id'],
        handler: (ctx, { id }) => {
          const thing = things.get(id);
          if (!thing) return {};
          if (fails(thing.properties, 'delete')) throw new AwsError('ResourceInUse', 'somebody holds it');
          const [user] = usersOf(id);
          if (user) throw new AwsError('DependencyViolation', `${id} is used by ${user.id}`);
          take(ctx, { ...thing, isLeaving: true });
          return {};
        },
      }),
    },
    onTimer: (_, { subject }) => {
      const thing = things.get(subject);
      if (thing?.isLeaving === true) things.delete(subject);
      else if (thing) things.put(subject, { ...thing, isReady: true });
    },
  };
}

function fails(properties: Properties, call: string): boolean {
  return String(properties['Fail'] ?? '')
    .split(',')
    .includes(call);
}

/**
 * `Test::Thing`: `Size` changes in place, `Name` replaces, `Seconds` is how long each change takes. `Fail` names what
 * fails: `create`, `update`, `read`, `delete`, `stable`, or `restore` (any change away from this).
 */
function thingType(things: Table<Thing>): ResourceType {
  const call = (ctx: Context, name: string, input: object) =>
    (ctx.call as (service: string, operation: string, input: object) => unknown)('rds', name, input);
  return {
    name: 'Test::Thing',
    properties: {
      Name: replaces(text),
      Size: integer,
      Seconds: integer,
      Fail: text,
      Uses: listOf(text),
      Secret: text,
      Tags: tags,
    },
    create: (ctx, properties) => {
      const id = `thing-${ctx.random.hex(8)}`;
      call(ctx, 'createThing', { id, properties, tags: ctx.stackTags });
      return { physicalId: id };
    },
    update: (ctx, { physicalId }, properties) => {
      call(ctx, 'updateThing', { id: physicalId, properties, tags: ctx.stackTags });
    },
    read: (_ctx, { physicalId }) => {
      const thing = things.get(physicalId);
      if (!thing) throw new AwsError('ThingNotFound', `no thing ${physicalId}`);
      if (fails(thing.properties, 'read')) throw new AwsError('AccessDenied', 'not yours to see');
      const own = (thing.properties['Tags'] ?? []) as ThingTags;
      return { ...thing.properties, Tags: [...thing.tags, ...own] };
    },
    delete: (ctx, { physicalId }) => {
      call(ctx, 'deleteThing', { id: physicalId });
    },
    stable: (_, { physicalId, properties }) => {
      if (!things.get(physicalId)?.isReady) return { kind: 'waiting', on: 'the thing to be ready' };
      if (fails(properties, 'stable')) return { kind: 'failed', reason: 'it broke while it started' };
      return stable;
    },
    deleted: (_, { physicalId }) =>
      things.has(physicalId) ? { kind: 'waiting', on: 'the thing to be gone' } : stable,
    attributes: (ctx, { physicalId, properties }) => ({
      Arn: ctx.arn('things', physicalId),
      'Endpoint.Port': Number(properties['Size'] ?? 0),
    }),
  };
}

/** Cannot change in place, and is there at once. */
const fixedType: ResourceType = {
  name: 'Test::Fixed',
  properties: { Value: required(text) },
  create: (ctx) => ({ physicalId: ctx.generateName(40) }),
  delete: () => {},
  attributes: (_, { properties }) => ({ Value: properties['Value'] }),
};

/** Named for the capability it needs. */
const roleType: ResourceType = {
  name: 'AWS::IAM::Role',
  properties: { RoleName: replaces(text) },
  create: (ctx) => ({ physicalId: ctx.generateName(64) }),
  delete: () => {},
};

function parameterStore(values: { readonly [name: string]: string }): ServiceModule {
  return {
    name: 'ssm',
    operations: {
      GetParameter: operation<{ Name: string; WithDecryption?: boolean }, object>({
        accepts: ['Name', 'WithDecryption'],
        handler: (_, { Name }) => {
          const Value = values[Name];
          if (Value === undefined) throw new AwsError('ParameterNotFound', '');
          return { Parameter: { Name, Value, Type: Name.startsWith('/secure') ? 'SecureString' : 'String' } };
        },
      }),
    },
  };
}

const roles: ServiceModule = {
  name: 'iam',
  operations: {
    GetRole: operation<{ RoleName: string }, object>({
      accepts: ['RoleName'],
      handler: (ctx, { RoleName }) => {
        if (RoleName !== 'deployer')
          throw new AwsError('NoSuchEntity', `no role ${RoleName}`, { status: 404 });
        return { Role: { RoleName, RoleId: 'AROA1', Arn: ctx.arn('iam', `role/${RoleName}`, '') } };
      },
    }),
  },
};

const secretStore: ServiceModule = {
  name: 'secretsmanager',
  operations: {
    GetSecretValue: operation<{ SecretId: string }, object>({
      accepts: ['SecretId'],
      handler: () => ({ SecretString: '{"password":"swordfish"}' }),
    }),
  },
};

const zones: ServiceModule = {
  name: 'ec2',
  operations: {
    DescribeAvailabilityZones: operation<object, object>({
      accepts: [],
      handler: (ctx) => ({
        AvailabilityZones: ['c', 'a', 'b'].map((letter) => ({ ZoneName: `${ctx.region}${letter}` })),
      }),
    }),
  },
};

export interface StackRegion extends TestRegion {
  readonly things: Table<Thing>;
  /** `X CREATE_COMPLETE` for each event of a stack, oldest first; with the reason where there is one. */
  events(stack: string): Promise<string[]>;
  status(stack: string): Promise<string | undefined>;
  /** Outputs of a stack by their keys. */
  outputs(stack: string): Promise<{ [key: string]: string | undefined }>;
}

export interface StackRegionOptions extends TestRegionOptions {
  readonly parameters?: { readonly [name: string]: string };
  readonly readTemplate?: (bucket: string, key: string) => string;
  /** The region no longer knows `Test::Thing`. */
  readonly withoutThings?: boolean;
}

export function stackRegion(options: StackRegionOptions = {}): StackRegion {
  const { parameters = {}, readTemplate, withoutThings, ...rest } = options;
  let opened: Table<Thing> | undefined;
  const region = testRegion((tables) => {
    const things = tables.table<Thing>('rds.things');
    opened = things;
    const all = [
      ...(withoutThings ? [] : [thingType(things)]),
      fixedType,
      roleType,
      cdkMetadata,
      waitConditionHandle,
    ];
    const types = new Map(all.map((type) => [type.name, type]));
    const read =
      readTemplate && ((bucket: string, key: string) => new TextEncoder().encode(readTemplate(bucket, key)));
    return [
      cloudformation({
        tables,
        resourceTypes: () => types,
        ...(read ? { readTemplate: (_, { bucket, key }) => read(bucket, key) } : {}),
      }),
      thingService(things),
      parameterStore(parameters),
      secretStore,
      roles,
      zones,
    ];
  }, rest);
  if (!opened) throw new Error('the region has no tables');
  return { ...region, things: opened, ...readers(region) };
}

function readers(region: TestRegion): Pick<StackRegion, 'events' | 'status' | 'outputs'> {
  const stackNamed = async (StackName: string) => {
    const { Stacks = [] } = await region.call('cloudformation', 'describeStacks', { StackName });
    return Stacks[0];
  };
  return {
    events: async (StackName) => {
      const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName });
      return StackEvents.reverse().map(
        ({ LogicalResourceId, ResourceStatus, ResourceStatusReason: reason }) =>
          reason === undefined
            ? `${LogicalResourceId} ${ResourceStatus}`
            : `${LogicalResourceId} ${ResourceStatus}: ${reason}`,
      );
    },
    status: async (name) => (await stackNamed(name))?.StackStatus,
    outputs: async (name) =>
      Object.fromEntries(
        ((await stackNamed(name))?.Outputs ?? []).map(({ OutputKey = '', OutputValue }) => [
          OutputKey,
          OutputValue,
        ]),
      ),
  };
}
