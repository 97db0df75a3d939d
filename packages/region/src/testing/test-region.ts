import { VirtualTimeDriver } from '../drivers/virtual-time.ts';
import type { Principal } from '../kernel/context.ts';
import { instant } from '../kernel/instant.ts';
import type { AuthorizationRequest } from '../kernel/invoke.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { RegionMessage } from '../kernel/message.ts';
import { seededRandom } from '../kernel/random.ts';
import type { ServiceModule } from '../kernel/service.ts';
import type { InputOf, OutputOf, ServiceName, Services } from '../kernel/service-calls.ts';
import { type Change, Tables } from '../kernel/table.ts';

type Operations<S extends ServiceName> = Extract<keyof Services[S], string>;

export interface TestRegion {
  readonly kernel: Kernel;
  readonly tables: Tables;
  readonly messages: RegionMessage[];
  /** Every commit so far, for tests of what is stored. */
  readonly commits: (readonly Change[])[];
  now(): number;
  /** Calls an operation as the account's root user, or somebody else. Rejects with the `AwsError`. */
  call<S extends ServiceName, O extends Operations<S>>(
    service: S,
    operation: O,
    input: InputOf<S, O>,
    caller?: Principal,
  ): Promise<OutputOf<S, O>>;
  /** Moves the clock, never past a deadline; resolves when all is settled. */
  advance(seconds: number): Promise<void>;
}

export interface TestRegionOptions {
  readonly seed?: string;
  /** Default 2026-11-22T12:00:00Z. */
  readonly start?: string;
  /** Whether `commits` are kept. Default true; a long run needs them to be let go. */
  readonly keepsCommits?: boolean;
  /** State of an earlier run, as its commits. */
  readonly commits?: readonly (readonly Change[])[];
  /** Who may do what. Default: everybody everything. */
  readonly authorize?: (tables: Tables) => (request: AuthorizationRequest) => void;
}

const root: Principal = {
  type: 'Root',
  arn: 'arn:aws:iam::000000000000:root',
  accountId: '000000000000',
  userId: '000000000000',
};

/** A region on virtual time with the given services: `testRegion((tables) => [ec2({ tables })])`. */
export function testRegion(
  modules: (tables: Tables) => readonly ServiceModule[],
  options: TestRegionOptions = {},
): TestRegion {
  const tables = new Tables();
  // As the store does: records become JSON and back.
  const stored = JSON.parse(JSON.stringify((options.commits ?? []).flat())) as Change[];
  for (const { table, key, record } of stored) tables.load(table, key, record);
  const messages: RegionMessage[] = [];
  const commits: (readonly Change[])[] = [...(options.commits ?? [])];
  const driver = new VirtualTimeDriver(instant(Date.parse(options.start ?? '2026-11-22T12:00:00Z')));
  const random = seededRandom(options.seed ?? 'test');
  const kernel = new Kernel({
    tables,
    accountId: '000000000000',
    region: 'eu-central-1',
    random,
    secrets: {
      bytes: (length) => Uint8Array.from({ length }, () => random.below(256)),
      text: (length, alphabet) => random.text(length, alphabet),
    },
    now: () => driver.now(),
    commit: async (changes) => {
      if (options.keepsCommits !== false) commits.push(changes);
    },
    authorize: options.authorize?.(tables) ?? (() => {}),
    report: (message) => messages.push(message),
    wake: () => driver.wake(),
  });
  driver.start(kernel);
  kernel.start(modules(tables));
  return {
    kernel,
    tables,
    messages,
    commits,
    now: () => driver.now(),
    call: (service, operation, input, caller = root) =>
      kernel.request({
        service,
        operation: operation.charAt(0).toUpperCase() + operation.slice(1),
        input: input as object,
        caller,
        requestId: random.uuid(),
      }) as never,
    advance: (seconds) => driver.advanceTo(instant(driver.now() + seconds * 1000)),
  };
}
