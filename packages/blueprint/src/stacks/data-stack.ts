import { CfnOutput, type CfnResource, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnDBInstance, CfnDBSubnetGroup } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { acceptFinding } from '../constructs/accept-finding.ts';
import { ImportedNetwork } from '../constructs/imported-network.ts';
import { publish } from '../constructs/shared-parameter.ts';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { databaseParameters, environmentOf } from './names.ts';

export interface DataStackProps extends StackProps {
  readonly definition: ResolvedEnvironment;
  readonly database: NonNullable<ResolvedEnvironment['database']>;
}

/** The service's PostgreSQL in the private subnets. Nothing may reach it until a service stack opens the way. */
export class DataStack extends Stack {
  readonly instance: CfnDBInstance;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: props.definition.deletionProtection });
    const { service, environment } = props.definition;
    const network = new ImportedNetwork(this, 'Network', { environment, tiers: ['private'] });
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: network.vpc,
      description: `Database of ${service} in ${environment}`,
      allowAllOutbound: false,
    });
    const subnetGroup = new CfnDBSubnetGroup(this, 'SubnetGroup', {
      dbSubnetGroupDescription: `Private subnets of ${environment}`,
      subnetIds: network.privateSubnets.map((subnet) => subnet.subnetId),
    });
    this.instance = this.#instance(props, subnetGroup);
    this.#keep(props.definition.deletionProtection, [
      subnetGroup,
      this.securityGroup.node.defaultChild as CfnResource,
    ]);
    this.#acceptFindings(props);
    this.#publish(service, environment, props.database.name);
  }

  #instance({ definition, database }: DataStackProps, subnetGroup: CfnDBSubnetGroup): CfnDBInstance {
    return new CfnDBInstance(this, 'Database', {
      dbInstanceIdentifier: environmentOf(definition.service, definition.environment),
      engine: database.engine,
      engineVersion: database.version,
      dbInstanceClass: database.instanceClass,
      allocatedStorage: String(database.storageGiB),
      storageType: 'gp3',
      storageEncrypted: true,
      dbName: database.name,
      masterUsername: 'postgres',
      manageMasterUserPassword: true,
      multiAz: database.multiAz,
      publiclyAccessible: false,
      dbSubnetGroupName: subnetGroup.ref,
      vpcSecurityGroups: [this.securityGroup.securityGroupId],
      backupRetentionPeriod: database.backupRetentionDays,
      copyTagsToSnapshot: true,
      deletionProtection: definition.deletionProtection,
    });
  }

  #acceptFindings({ definition, database }: DataStackProps): void {
    acceptFinding(
      this.instance,
      'RDS11',
      'The security group decides who reaches the port; another number hides nothing.',
    );
    if (!database.multiAz) {
      acceptFinding(
        this.instance,
        'RDS3',
        'The definition chose one Availability Zone: database.multiAz is false.',
      );
    }
    if (!definition.deletionProtection) {
      acceptFinding(
        this.instance,
        'RDS10',
        'The definition chose an environment that may go: deletionProtection is false.',
      );
    }
  }

  // What the database needs to live stays with it: AWS would refuse to delete a group in use and the stack would hang on it.
  #keep(isProtected: boolean, neededByDatabase: readonly CfnResource[]): void {
    if (!isProtected) {
      this.instance.applyRemovalPolicy(RemovalPolicy.SNAPSHOT);
      return;
    }
    // Not RETAIN, which would also keep what a failed first deployment made, and the next one would run into it.
    for (const resource of [this.instance, ...neededByDatabase]) {
      resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
  }

  #publish(service: string, environment: string, databaseName: string): void {
    const names = databaseParameters(service, environment);
    const { attrEndpointAddress, attrEndpointPort, attrMasterUserSecretSecretArn } = this.instance;
    publish(this, 'HostParameter', names.host, attrEndpointAddress);
    publish(this, 'PortParameter', names.port, attrEndpointPort);
    publish(this, 'NameParameter', names.name, databaseName);
    publish(this, 'SecretArnParameter', names.secretArn, attrMasterUserSecretSecretArn);
    publish(this, 'SecurityGroupIdParameter', names.securityGroupId, this.securityGroup.securityGroupId);
    new CfnOutput(this, 'DatabaseHost', { value: attrEndpointAddress });
    new CfnOutput(this, 'DatabasePort', { value: attrEndpointPort });
    new CfnOutput(this, 'DatabaseName', { value: databaseName });
    new CfnOutput(this, 'DatabaseSecretArn', { value: attrMasterUserSecretSecretArn });
  }
}
