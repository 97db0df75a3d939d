import {
  type Change,
  type CloudFormationClient,
  DescribeChangeSetCommand,
  paginateListChangeSets,
} from '@aws-sdk/client-cloudformation';

/** All changes of a change set, with the values of properties before and after. */
export async function changesOf(client: CloudFormationClient, id: string): Promise<readonly Change[]> {
  const changes: Change[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new DescribeChangeSetCommand({
        ChangeSetName: id,
        IncludePropertyValues: true,
        ...(token !== undefined && { NextToken: token }),
      }),
    );
    changes.push(...(page.Changes ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return changes;
}

/** Whether the change set is there and can be executed. */
export async function isExecutable(
  client: CloudFormationClient,
  { id, stackId }: { readonly id: string; readonly stackId: string },
): Promise<boolean> {
  for await (const { Summaries = [] } of paginateListChangeSets({ client }, { StackName: stackId })) {
    const found = Summaries.find(({ ChangeSetId }) => ChangeSetId === id);
    if (found !== undefined) return found.ExecutionStatus === 'AVAILABLE';
  }
  return false;
}
