/** Whose pipelines may deliver what into the account. */
export interface DeliveryOptions {
  /** Names the stack, `<organization>-delivery`, and its roles. */
  readonly organization: string;
  /** On GitHub, as `owner/name`. */
  readonly repository: string;
  /** The services that are delivered: their repositories take the pushed images. */
  readonly services: readonly string[];
  /**
   * GitHub environments that the deploy role trusts. Who approves, and from which branches or tags, is set there.
   * @default ['dev', 'stage', 'prod']
   */
  readonly environments?: readonly string[];
  /**
   * The branch whose commits may push images without an approval.
   * @default 'main'
   */
  readonly branch?: string;
  /**
   * An account has one identity provider for GitHub: true where another stack made it.
   * @default false
   */
  readonly hasProvider?: boolean;
}

/** @throws Error naming what is wrong and what is allowed */
export function checkDelivery(options: DeliveryOptions): Required<DeliveryOptions> {
  const { organization, repository, services } = options;
  const environments = options.environments ?? ['dev', 'stage', 'prod'];
  const branch = options.branch ?? 'main';
  refuseUnless(/^[a-z][a-z0-9-]{0,30}$/.test(organization), 'organization', organization, 'a-z, 0-9 and -');
  refuseUnless(/^[\w.-]+\/[\w.-]+$/.test(repository), 'repository', repository, 'owner/name');
  refuseUnless(services.length > 0, 'services', 'none', 'one or more');
  for (const one of [...services, ...environments])
    refuseUnless(/^[a-z][a-z0-9-]*$/.test(one), 'services and environments', one, 'a-z, 0-9 and -');
  // A wildcard here would let other branches in.
  refuseUnless(/^[\w./-]+$/.test(branch), 'branch', branch, 'the name of one branch');
  return {
    organization,
    repository,
    services,
    environments,
    branch,
    hasProvider: options.hasProvider ?? false,
  };
}

function refuseUnless(isRight: boolean, what: string, given: string, allowed: string): void {
  if (!isRight) throw new Error(`${what}: given '${given}'; allowed: ${allowed}`);
}
